/// What a component does for Kaizen.
public enum ComponentKind: String, CaseIterable, Sendable {
  /// Looks at an agent and finds opportunities.
  case analyzer
  /// Edits the files of a clone.
  case applier
  /// Gives dimension scores and findings.
  case scorer
}

/// Where a component's code runs; the component cannot tell.
public enum ComponentPlacement: String, CaseIterable, Sendable {
  /// In a confined `kaizen-worker` of its own.
  case worker
  /// In the daemon: analyzers of the root manifest that read columns only.
  case inProcess = "in-process"
  /// A confined program of any sort, one process a call.
  case command
}

/// How the standard output of a command is read.
public enum CommandOutput: String, CaseIterable, Sendable {
  /// JSON lines, one key each.
  case jsonl
  /// One SARIF 2.1.0 log, whose results are findings.
  case sarif
  /// Not at all.
  case none
}

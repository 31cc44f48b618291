public import Model

/// A line that a component logged during one call.
public struct ComponentLog: Hashable, Sendable {
  /// How much it matters.
  public enum Level: String, CaseIterable, Sendable {
    case debug, info, warning, error
  }

  /// How much it matters.
  public var level: Level
  /// The line, cut at a limit.
  public var message: String

  /// Makes a line.
  public init(level: Level, message: String) {
    self.level = level
    self.message = message
  }
}

/// What a component said for people during one call.
public struct ComponentRemarks: Hashable, Sendable {
  /// Short sentences on what it did or saw.
  public var notes: [String] = []
  /// What it logged.
  public var logs: [ComponentLog] = []
  /// Notes and log lines over the limits.
  public var droppedCount = 0

  /// Makes remarks without content.
  public init() {}
}

/// What an analyzer found.
public struct AnalysisOutput: Hashable, Sendable {
  /// Every one of a type that its manifest says it emits.
  public var opportunities: [Opportunity]
  /// What it said besides.
  public var remarks: ComponentRemarks
}

/// What an applier said; what it changed is for the host to find out.
public struct ApplyOutput: Hashable, Sendable {
  /// What it said.
  public var remarks: ComponentRemarks
}

/// What a scorer gave.
public struct ScoreOutput: Hashable, Sendable {
  /// At most one for each dimension that its manifest names.
  public var dimensions: [DimensionScore]
  /// What it found, files relative to the agent's root.
  public var findings: [Finding]
  /// What it said besides.
  public var remarks: ComponentRemarks
}

/// One finished call, for whoever counts and times them.
public struct ComponentCall: Hashable, Sendable {
  /// The component.
  public var component: ComponentID
  /// What it is.
  public var kind: ComponentKind
  /// Where it ran.
  public var placement: ComponentPlacement
  /// Why it failed; nil where it did not.
  public var failure: KaizenError.Code?
  /// How long it took, waiting for its turn left out.
  public var duration: Duration
}

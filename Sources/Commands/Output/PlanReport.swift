internal import Control
internal import Model

/// What a plan stands on, in lines.
enum Evidence {
  static func lines(_ tests: TestInfo) -> [String] {
    var lines = ["tests: \(summary(tests))"]
    lines += tests.cases.map { "  \($0.outcome == "passed" ? "ok  " : $0.outcome) \($0.name)" }
    if !tests.succeeded, let output = tests.output {
      let said = output.split(separator: "\n")
      if said.count > outputLinesMax {
        lines.append("  | … (\(said.count - outputLinesMax) lines more; --json has them)")
      }
      lines += said.suffix(outputLinesMax).map { "  | \($0.prefix(outputColumnsMax))" }
    }
    return lines
  }

  /// Lines of a test run's output that are shown: its end, where a failure is summed up.
  private static let outputLinesMax = 30
  /// Characters shown of one of them.
  private static let outputColumnsMax = 300

  /// `17 of 17 cases passed, exit 0, 0.1 s`, in the daemon's words where it has some.
  static func summary(_ tests: TestInfo) -> String {
    let skipped = tests.skipped > 0 ? ", \(tests.skipped) skipped" : ""
    if let outcome = tests.outcome, !outcome.isEmpty { return outcome + skipped }
    let duration = tests.durationMilliseconds.map { " in \(Figures.milliseconds($0))" } ?? ""
    return "\(tests.passed) passed, \(tests.failed) failed" + skipped + duration
  }

  static func line(_ finding: FindingInfo) -> String {
    let line = finding.line.map { ":\($0)" } ?? ""
    return "\(finding.level.rawValue) \(finding.file)\(line): \(finding.message) (\(finding.rule))"
  }

  static func line(_ change: FileChangeInfo) -> String {
    let counts =
      change.addedLines.map { added in " (+\(added) −\(change.removedLines ?? 0))" } ?? ""
    return "\(change.change) \(change.path)\(counts)"
  }

  static func lines(_ trial: TrialInfo) -> [String] {
    var lines = [
      "trial \(trial.id): generation \(trial.base)"
        + (trial.generation.map { " → \($0)" } ?? "") + (trial.state.map { ", \($0)" } ?? "")
    ]
    if let base = trial.tests.base { lines.append("tests before: \(summary(base))") }
    if let stage = trial.tests.stage { lines.append("tests after:  \(summary(stage))") }
    if !trial.scores.stage.isEmpty { lines.append("scores: \(scores(trial.scores))") }
    lines += trial.notes + trial.findings.map(line) + trial.changed.map(line)
    return lines + (trial.diff.map { $0.split(separator: "\n").map(String.init) } ?? [])
  }

  /// `documentation 1.00, security 0.50 → 0.75`: what did not change stands once.
  private static func scores(_ scores: ScorePair) -> String {
    scores.stage.map { score in
      let after = Figures.ratio(score.value)
      let before = Figures.ratio(scores.base.first { $0.dimension == score.dimension }?.value)
      return "\(score.dimension) " + (before == after ? after : "\(before) → \(after)")
    }.joined(separator: ", ")
  }
}

/// Plans in lines.
enum PlanReport {
  static func lines(_ plan: PlanInfo) -> [String] {
    let verdict = plan.verdict?.rawValue ?? (plan.needsApproval ? "needs approval" : "not tried")
    // A plan that was only made has no id.
    let name = plan.id.isEmpty ? "plan" : "plan \(plan.id)"
    var lines = ["\(name) (\(plan.strategy)): \(verdict)"]
    lines += plan.items.map(line)
    if let reason = plan.reason { lines.append("  because \(reason)") }
    if let approval = plan.approval, plan.verdict == .awaitingApproval,
      plan.reason?.contains("kaizen approvals show") != true
    {
      lines.append("  decide: kaizen approvals show \(approval)")
    }
    return lines + (plan.trial.map { Evidence.lines($0).map { "  " + $0 } } ?? [])
  }

  /// `HIGH error_pattern: TimeoutError keeps coming back → tuner`.
  static func line(_ item: PlanItemInfo) -> String {
    "  \(item.severity.rawValue.uppercased()) \(item.type.rawValue): \(item.title) "
      + "→ \(item.applier)"
  }

  static func lines(_ run: RunInfo) -> [String] {
    var lines = ["run \(run.id) of \(run.agent): \(outcome(run))"]
    // What the one plan says itself is not said twice.
    if let reason = run.reason, !run.isDryRun, !run.plans.contains(where: { $0.reason == reason }) {
      lines.append("because \(reason)")
    }
    if let before = run.healthBefore {
      let after = run.healthAfter.map { " → \(Figures.score($0))" } ?? " before"
      lines.append("health \(Figures.score(before))\(after)")
    }
    lines += run.plans.flatMap(PlanReport.lines)
    if run.verdict == .kept { lines.append("take it back: kaizen rollback \(run.agent)") }
    return lines
  }

  /// The verdict, and what it means for the agent's files.
  private static func outcome(_ run: RunInfo) -> String {
    guard run.state == .done else { return "running" }
    if run.isDryRun {
      let plans = run.plans.count
      return plans == 0
        ? "a dry run: there is nothing to do (\(run.reason ?? "no plan"))"
        : "a dry run: \(Figures.counted(plans, "plan")), nothing was changed"
    }
    guard let verdict = run.verdict else { return "done" }
    return "\(verdict.rawValue): \(meaning(verdict, wasLive: run.wasLive))"
  }

  private static func meaning(_ verdict: Verdict, wasLive: Bool) -> String {
    switch verdict {
    case .kept: "the change is live"
    case .rolledBack where wasLive: "the change was live, and the files are what they were before"
    case .rolledBack: "the change was thrown away before it went live"
    case .awaitingApproval: "nothing is live until a person decides"
    case .inconclusive: "it could not be told, so the files stay as they were"
    case .refused, .expired, .nothingToDo, .failed:
      wasLive ? "the change was live for a while" : "the files stay as they were"
    }
  }
}

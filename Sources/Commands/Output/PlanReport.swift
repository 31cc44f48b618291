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

  /// `5 passed, 1 failed in 120 ms: exit 1`.
  static func summary(_ tests: TestInfo) -> String {
    var text = "\(tests.passed) passed, \(tests.failed) failed"
    if tests.skipped > 0 { text += ", \(tests.skipped) skipped" }
    if let duration = tests.durationMilliseconds { text += " in \(Figures.milliseconds(duration))" }
    return text + (tests.outcome.map { ": \($0)" } ?? "")
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
    for score in trial.scores.stage {
      let before = trial.scores.base.first { $0.dimension == score.dimension }?.value
      lines.append(
        "\(score.dimension): \(Figures.ratio(before)) → \(Figures.ratio(score.value))")
    }
    lines += trial.notes + trial.findings.map(line) + trial.changed.map(line)
    return lines + (trial.diff.map { $0.split(separator: "\n").map(String.init) } ?? [])
  }
}

/// Plans in lines.
enum PlanReport {
  static func lines(_ plan: PlanInfo) -> [String] {
    let verdict = plan.verdict?.rawValue ?? (plan.needsApproval ? "needs approval" : "not tried")
    var lines = ["plan \(plan.id) (\(plan.strategy)): \(verdict)"]
    lines += plan.items.map { item in
      "  \(item.severity.rawValue.uppercased()) \(item.type.rawValue): \(item.title) "
        + "→ \(item.applier)"
    }
    if let reason = plan.reason { lines.append("  because \(reason)") }
    if let approval = plan.approval, plan.verdict == .awaitingApproval {
      lines.append("  decide: kaizen approvals show \(approval)")
    }
    return lines + (plan.trial.map { Evidence.lines($0).map { "  " + $0 } } ?? [])
  }

  static func lines(_ run: RunInfo) -> [String] {
    var lines = ["run \(run.id) of \(run.agent): \(outcome(run))"]
    if let reason = run.reason { lines.append("because \(reason)") }
    if let before = run.healthBefore {
      let after = run.healthAfter.map { " → \(Figures.score($0))" } ?? ""
      lines.append("health \(Figures.score(before))\(after)")
    }
    return lines + run.plans.flatMap(PlanReport.lines)
  }

  private static func outcome(_ run: RunInfo) -> String {
    guard run.state == .done else { return "running" }
    let live = run.wasLive ? ", was live" : ", never live"
    return run.verdict.map { $0.rawValue + live } ?? (run.isDryRun ? "planned only" : "done")
  }
}

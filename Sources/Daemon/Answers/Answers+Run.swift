import Control
import Model
import Optimization

extension TestInfo {
  init(_ report: TestReport) {
    self.init(
      passed: report.passedCount, failed: report.caseCount - report.passedCount,
      succeeded: report.passed,
      outcome: report.summary, durationMilliseconds: report.duration.milliseconds,
      cases: report.cases.map {
        TestCaseInfo(name: $0.name, outcome: $0.passed ? "passed" : "failed")
      },
      output: report.passed ? nil : report.output)
  }
}

extension FileChangeInfo {
  init(_ json: JSONValue) {
    self.init(
      path: json["path"]?.string ?? "", change: json["change"]?.string ?? "",
      addedLines: json["added"]?.integer.map(Int.init),
      removedLines: json["removed"]?.integer.map(Int.init))
  }
}

extension TrialInfo {
  init(_ trial: TrialRecord) {
    let evidence = trial.evidence
    self.init(
      id: trial.name, base: trial.base.value, generation: trial.generation?.value,
      state: trial.state.name,
      tests: TestPair(
        base: evidence.baseTests.map(TestInfo.init), stage: evidence.cloneTests.map(TestInfo.init)),
      scores: ScorePair(
        base: Self.scores(evidence.scores["base"]), stage: Self.scores(evidence.scores["clone"])),
      findings: evidence.findings.map(FindingInfo.init), notes: Self.notes(trial),
      changed: evidence.changes.map(FileChangeInfo.init),
      diff: evidence.diff.isEmpty ? nil : evidence.diff, digest: evidence.digest)
  }

  private static func notes(_ trial: TrialRecord) -> [String] {
    let said = trial.evidence.notes.map {
      "\($0["component"]?.string ?? ""): \($0["note"]?.string ?? "")"
    }
    return said + trial.leftOutLines
  }

  private static func scores(_ json: JSONValue?) -> [ScoreInfo] {
    (json?["dimensions"]?.object ?? [:]).sorted { $0.key < $1.key }.compactMap { entry in
      entry.value["score"]?.number.map { ScoreInfo(dimension: entry.key, value: $0) }
    }
  }
}

extension PlanInfo {
  /// A plan with its trial, where there was one.
  init(_ outcome: Run.Outcome, trial: TrialRecord?) {
    self.init(outcome.plan)
    verdict = outcome.ending?.verdict
    wasLive = outcome.ending?.wasLive ?? false
    reason = outcome.ending?.reason
    code = outcome.ending?.code
    approval = outcome.approval
    self.trial = trial.map(TrialInfo.init)
  }
}

extension RunInfo {
  /// A run; `trial` finds the record of a trial by its id.
  init(_ run: Run, trial: (Int64) -> TrialRecord?) {
    let plans = run.outcomes.map { PlanInfo($0, trial: $0.trial.flatMap(trial)) }
    self.init(
      id: run.id, agent: run.agent.text, state: run.ending == nil ? .running : .done,
      strategy: run.strategy.rawValue, isDryRun: run.isDryRun, startedAt: run.startedAt,
      finishedAt: run.endedAt, progress: run.progress, verdict: run.ending?.verdict,
      wasLive: run.ending?.wasLive ?? false, reason: run.ending?.reason, code: run.ending?.code,
      healthBefore: run.healthBefore, healthAfter: run.healthAfter,
      opportunities: run.opportunityCount,
      plans: plans,
      trial: plans.first { $0.verdict == run.ending?.verdict }?.trial)
  }
}

extension HistoryInfo {
  init(_ trial: TrialRecord) {
    let ending = trial.state.ending
    let isWaiting = trial.state == .awaitingApproval
    // Where every item was left out, those it was to be about.
    let items = trial.items.isEmpty ? trial.plan.items : trial.items
    self.init(
      id: trial.plan.id, run: trial.run, trial: trial.name, agent: trial.plan.agent.text,
      strategy: trial.plan.strategy.name.rawValue,
      verdict: isWaiting ? .awaitingApproval : trial.endedAt == nil ? nil : ending?.verdict,
      wasLive: ending?.wasLive ?? false, reason: ending?.reason, code: ending?.code,
      base: trial.base.value,
      generation: trial.generation?.value, startedAt: trial.startedAt,
      finishedAt: trial.endedAt, titles: items.map(\.opportunity.title),
      appliers: items.map(\.applier.text), origin: trial.origin.rawValue,
      approval: trial.approval)
  }
}

extension ExplanationInfo {
  init(_ why: TrialExplanation, _ trial: TrialRecord) {
    let info = TrialInfo(trial)
    self.init(
      healthBefore: why.healthBefore?.score, healthAfter: why.healthAfter?.score,
      operationsAfter: why.healthAfter?.operationCount, tests: info.tests,
      regressed: why.regressed, scores: info.scores, overallBefore: why.overall?.before,
      overallAfter: why.overall?.after, gatePassed: why.gateReasons?.isEmpty,
      gateReasons: why.gateReasons ?? [], lines: why.lines)
  }
}

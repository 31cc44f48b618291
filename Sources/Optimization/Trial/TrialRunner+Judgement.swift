import Approval
import Model
import Quality
import Workspace

// What tests, Guardian and Admiral say of the change.

extension TrialRunner {
  /// Most cases named in a reason.
  private static let namedCaseCountMax = 3

  func test() throws(KaizenError) -> TrialEvent {
    let stage = try requireStage()
    guard let sealed, let baseTests = trial.evidence.baseTests else {
      fatalError("a clone is sealed and its base proven before it is tested")
    }
    let report = try site.commands.test(treeAt: stage.path)
    trial.evidence.cloneTests = report
    try workspace.verify(stage, is: sealed)
    switch TestJudgement.judge(base: baseTests, clone: report) {
    case .passed: return .done
    case .baseFails:
      return stopped(
        .inconclusive, "base_tests_fail",
        "the tests fail on the base as it is; " + site.agent.adviceOnTests(baseTests))
    case .failed:
      return stopped(
        .rolledBack, "tests_failed", "the tests failed on the clone: \(report.summary)")
    case .regressed(let cases):
      // A runner may add where a case stands; the report has it in full.
      let names = cases.prefix(Self.namedCaseCountMax).map { $0.split(separator: " ").first ?? "" }
      let named = names.joined(separator: ", ")
      let more = cases.count > Self.namedCaseCountMax ? ", …" : ""
      return stopped(
        .rolledBack, "tests_failed",
        "\(cases.count) cases that pass on the base fail on the clone: \(named)\(more)")
    }
  }

  func score() throws(KaizenError) -> TrialEvent {
    let stage = try requireStage()
    guard let sealed, let change else { fatalError("a clone is inspected before it is scored") }
    let before = baseAssessment ?? Assessment.empty
    let changed = change.changes.map(\.path.text)
    let after = engine.guardian(site.agent, files: site.files(at: stage.path, sealed), stop: stop)
      .assess(.init(path: stage.path, agent: site.agent.id, changedFiles: changed))
    stageAssessment = after
    let lines = ChangedLines(change)
    let decision = Guardian.gate(base: before, stage: after, changedLines: lines)
    let new = Guardian.newFindings(
      base: before.findings, stage: after.findings, changedLines: lines)
    trial.evidence.findings = Array(new.prefix(TrialEvidence.findingCountMax))
    trial.evidence.scores = [
      "base": before.json, "clone": after.json, "gate": decision.json,
    ]
    if !decision.isPassed {
      return stopped(
        .rolledBack, "quality_fell", decision.reasons.map(\.text).joined(separator: "; "))
    }
    return try askPeople(change)
  }

  /// The Admiral's policy first, then people; without tests a change is never kept unattended.
  private func askPeople(_ change: TreeDiff) throws(KaizenError) -> TrialEvent {
    guard let digest = trial.evidence.digest.flatMap({ Digest(hex: $0) }) else {
      fatalError("a change that was inspected has a digest")
    }
    if approval?.digest == digest { return .done }
    let subject = PolicySubject(
      trial.actingPlan,
      change: .init(paths: change.changes.map(\.path.text), lineCount: change.lineCount))
    let policy = engine.parts.admiral.policy
    var requirement = policy.requirement(
      for: subject, at: .beforePromotion,
      // What was approved is the whole plan: where an item is left out, people are asked again.
      wasApproved: trial.approval?.hasSuffix(TrialRecord.startSuffix) == true
        && trial.evidence.leftOut.isEmpty)
    if requirement == nil, trial.evidence.baseTests?.ending == .absent {
      requirement = .untested
    }
    if requirement == nil, trial.origin == .propose { requirement = .proposed }
    guard let requirement else { return .done }
    guard let stage, let sealed else { fatalError("a change that was inspected has a clone") }
    trial.intent = try workspace.hold(stage, sealed).json
    let id = "a-\(trial.id)"
    question = (trial.question(id: id, stage: .beforePromotion, digest: digest), requirement)
    trial.approval = id
    return .needsApproval
  }

  private func stopped(_ verdict: Verdict, _ code: String, _ reason: String) -> TrialEvent {
    .stopped(TrialEnding(verdict, code: code, reason: reason))
  }
}

extension TrialRecord {
  /// What the id of a request ends with that is about trying at all.
  static let startSuffix = "-start"

  /// The question to people about this trial.
  func question(
    id: String, stage: Policy.Stage, digest: Digest
  ) -> ApprovalRequest.Question {
    let items = items
    let titles = items.map(\.opportunity.title)
    return ApprovalRequest.Question(
      id: id, agent: plan.agent, plan: plan.id, stage: stage, digest: digest,
      severity: items.map(\.opportunity.severity).max() ?? .low,
      title: titles.count > 1 ? "\(titles[0]) and \(titles.count - 1) more" : titles.first ?? "",
      requestedBy: origin == .user ? .user(requestedBy) : .daemon,
      proposers: Array(Set(items.flatMap { [$0.applier, $0.opportunity.component] })).sorted(),
      evidence: evidence.json)
  }
}

extension Policy.Requirement {
  /// What is asked of a change that no test can speak for.
  static let untested = Policy.Requirement(
    rules: ["the agent has no tests"], approvalCount: 1, approvers: .anyone, expiry: Policy.expiry)

  /// What is asked of a change that the loop made on an agent whose autopilot proposes.
  static let proposed = Policy.Requirement(
    rules: ["autopilot proposes"], approvalCount: 1, approvers: .anyone, expiry: Policy.expiry)
}

extension ChangedLines {
  /// The lines a change touched; a file without lines counts as a whole.
  init(_ diff: TreeDiff) {
    self.init()
    for change in diff.changes {
      if change.isBinary || change.kind == .added {
        addWhole(change.path.text)
      } else {
        touch(change.path.text)
        for lines in change.touchedLines { add(lines, in: change.path.text) }
      }
    }
  }
}

extension Assessment {
  /// What no scorer looked at.
  static let empty = Assessment(dimensions: [:], findings: [])
}

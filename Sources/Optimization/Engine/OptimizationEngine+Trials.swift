import Approval
import Linux
import Model
import Quality
import Sandbox
import Synchronization
import Telemetry
import Workspace

extension OptimizationEngine {
  /// Test reports of bases kept in memory; one more empties the cache.
  private static let provenBaseCountMax = 100
  /// Earlier trials told to an applier.
  private static let historyCountMax = 200

  /// Tries one plan of a run, from its intent to its verdict or its question.
  func tryPlan(
    _ outcome: Run.Outcome, run: Run, agent: AgentRecord
  ) throws(KaizenError) -> Run.Outcome {
    let (site, lock) = try locked(agent, "run \(run.id)")
    defer { withExtendedLifetime(lock) {} }
    try endInterrupted(site)
    var outcome = outcome
    let plan = outcome.plan
    let requirement = parts.admiral.policy.requirement(
      for: PolicySubject(plan), at: .beforeTrial)
    let base = try liveBase(site)
    var trial = try begin(
      plan, site: site, base: base, needsApproval: requirement != nil, user: run.requestedBy,
      origin: run.origin)
    outcome.trial = trial.id
    runs.update(run.id) { run in
      if let index = run.outcomes.firstIndex(where: { $0.plan.id == plan.id }) {
        run.outcomes[index].trial = outcome.trial
      }
    }
    let runner = TrialRunner(
      self, site, trial, base: base, stop: runs.stopToken(run.id)
    ) { self.say(run, $0) }
    if let requirement { try ask(runner, requirement) }
    try finish(runner)
    trial = runner.trial
    outcome.ending = trial.endingOrWait
    outcome.approval = trial.approval
    return outcome
  }

  /// Asks whether to try at all; trial and question are stored together.
  private func ask(
    _ runner: TrialRunner, _ requirement: Policy.Requirement
  ) throws(KaizenError) {
    var trial = runner.trial
    let id = "a-\(trial.id)\(TrialRecord.startSuffix)"
    trial.approval = id
    do {
      try parts.store.record(trial) { connection in
        try parts.admiral.request(
          trial.question(id: id, stage: .beforeTrial, digest: TrialRunner.digest(of: trial.plan)),
          requirement, on: connection)
      }
      runner.trial = trial
    } catch {
      try runner.take(.stopped(TrialEnding(error)))
    }
  }

  /// D1: stores a trial with the intent to clone `base`.
  func begin(
    _ plan: Plan, site: TrialSite, base: GenerationManifest, needsApproval: Bool, user: UInt32,
    origin: Run.Origin
  ) throws(KaizenError) -> TrialRecord {
    // A trial that people must agree to first clones nothing yet, so it takes no number.
    var intent: SwitchIntent?
    if !needsApproval {
      intent = try site.workspace.intent(toClone: base, as: try site.workspace.nextNumber())
    }
    return try parts.store.beginTrial(
      plan, state: TrialMachine.start(needsApproval: needsApproval), base: base.number,
      intent: intent?.json, requestedBy: user, origin: origin, at: now())
  }

  /// Runs a trial; what it cannot end by itself is noted for people and for the next recovery.
  func finish(_ runner: TrialRunner) throws(KaizenError) {
    do {
      try runner.run()
    } catch {
      noteAttention(
        "\(runner.trial.name) of \(runner.site.agent.id) stopped in \(runner.trial.state.name): "
          + error.description)
      throw error
    }
  }

  /// What is live, as the generation a trial starts from; edits become one of their own.
  func liveBase(_ site: TrialSite) throws(KaizenError) -> GenerationManifest {
    let base = try site.workspace.base()
    if base.record.origin == .edits {
      try parts.store.insertGeneration(
        base.number, of: site.agent.id, digest: base.digest, origin: "edits", at: base.record.time)
    }
    return base
  }

  /// The base's test report: run once for each content and declaration of them.
  func baseReport(
    _ site: TrialSite, base: GenerationManifest, at path: String
  ) throws(KaizenError) -> TestReport {
    // What the tests may reach and how long decides as well as their command.
    let declared = site.agent.descriptorJSON["test"] ?? .null
    let key = "\(site.agent.id) \(base.digest) \(declared.text())"
    if let known = provenBases.withLock({ $0[key] }) { return known }
    let report = try site.commands.test(treeAt: path)
    // What fails may pass tomorrow: `shared` paths are no part of the digest.
    if !report.passed { return report }
    provenBases.withLock { proven in
      if proven.count >= Self.provenBaseCountMax { proven.removeAll() }
      proven[key] = report
    }
    return report
  }

  /// What became of earlier trials of an item's applier for its type: what it said, and the verdict.
  func history(of item: Plan.Item, for agent: AgentID) throws(KaizenError) -> JSONValue {
    let trials = try parts.store.history(of: agent, limit: Self.historyCountMax)
    let entries = trials.flatMap { trial -> [JSONValue] in
      let isAkin = trial.items.contains {
        $0.applier == item.applier && $0.opportunity.type == item.opportunity.type
      }
      guard isAkin, let verdict = trial.endingOrWait?.verdict else { return [] }
      return trial.evidence.notes.filter { $0["component"]?.string == item.applier.text }.map {
        ["note": $0["note"] ?? .null, "verdict": .string(verdict.rawValue)]
      }
    }
    return .array(entries)
  }

  /// Notes what a person should look at.
  func noteAttention(_ line: String) {
    parts.log.error(line)
    needsAttention.withLock { lines in
      lines.append(line)
      if lines.count > 100 { lines.removeFirst() }
    }
  }

  /// Puts what was done into the audit; a failure to do so is loud, but undoes nothing.
  func audit(
    _ action: String, by actor: Actor, agent: AgentID, subject: String? = nil,
    _ details: [String: JSONValue] = [:]
  ) {
    do {
      _ = try parts.admiral.audit.append(
        AuditEntry.Act(action, by: actor, agent: agent, subject: subject, details: details))
    } catch {
      noteAttention("the audit lacks \(action) of \(agent): \(error)")
    }
  }
}

extension TrialRecord {
  /// How the trial ended, or that it waits for a person; nil while it goes on.
  var endingOrWait: TrialEnding? {
    switch state {
    case .proposed, .awaitingApproval:
      TrialEnding(
        .awaitingApproval, code: "awaiting_approval",
        reason: "a person must approve: kaizen approvals show \(approval ?? "")")
    case .finished(let ending): ending
    default: nil
    }
  }
}

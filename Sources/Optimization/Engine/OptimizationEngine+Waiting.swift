import Approval
import Linux
import Model
import Telemetry
import Workspace

// Trials that wait for people and the requests they wait for are two records: this brings each
// waiting trial to where its request says it is, as often as it takes.

extension OptimizationEngine {
  /// Lets requests lapse whose time is over, and ends or carries out what waited.
  ///
  /// Called at the start, after each decision, and every few seconds: what could not be done because
  /// a run had the agent, or the daemon stopped, is done then.
  public func settleWaiting() {
    do {
      _ = try parts.admiral.expireDue()
      for trial in try parts.store.unfinishedTrials() where trial.isWaiting {
        do {
          try settle(trial)
        } catch {
          let isForLater = error.code == "E_AGENT_BUSY" || error.code == "E_AGENT_LOCKED"
          if !isForLater && error.code != "E_BUSY" {
            parts.log.warning(
              "a waiting trial stays",
              ["trial": .string(trial.name), "error": .string(error.description)])
          }
        }
      }
    } catch {
      parts.log.warning("waiting trials cannot be read", ["error": .string(error.description)])
    }
  }

  /// Does for one trial what its request says; nothing while people have not decided.
  /// - Returns: the run that carries it out, where it was approved.
  @discardableResult
  func settle(_ trial: TrialRecord) throws(KaizenError) -> Run? {
    guard let agent = try parts.store.agent(trial.plan.agent), runs.active(agent.id) == nil else {
      return nil
    }
    guard let approval = trial.approval else {
      try end(trial, TrialMachine.interrupted, agent: agent)
      return nil
    }
    let request = try parts.admiral.show(approval)
    switch request.state {
    case .pending: return nil
    // A decision that stands is carried out when the freeze ends.
    case .approved where try freeze(of: agent.id) != nil: return nil
    case .approved: return try carryOut(trial, request: request, agent: agent)
    case .rejected:
      let decision = request.decisions.last { !$0.isApproval }
      let who = decision.map { "user \($0.uid) " } ?? ""
      let why = decision?.reason.map { ": \($0)" } ?? ""
      try end(
        trial, TrialEnding(.refused, code: "rejected", reason: "\(who)rejected it\(why)"),
        agent: agent)
    case .expired, .used:
      try end(
        trial,
        TrialEnding(.expired, code: "expired", reason: "nobody decided on \(approval) in time"),
        agent: agent)
    }
    return nil
  }

  /// Ends a trial that waits.
  func end(
    _ waiting: TrialRecord, _ ending: TrialEnding, agent: AgentRecord
  ) throws(KaizenError) {
    let (site, lock) = try locked(agent, "ending \(waiting.name)")
    defer { withExtendedLifetime(lock) {} }
    guard let trial = try parts.store.trial(waiting.id), trial.isWaiting else { return }
    let base = try manifestOfBase(trial, site)
    let runner = TrialRunner(self, site, trial, base: base) { _ in }
    try runner.take(.stopped(ending))
    try finish(runner)
  }

  /// Starts the run that goes on with what was approved.
  private func carryOut(
    _ waiting: TrialRecord, request: ApprovalRequest, agent: AgentRecord
  ) throws(KaizenError) -> Run {
    try startRun(
      agent, strategy: waiting.plan.strategy.name, isDryRun: false, user: waiting.requestedBy
    ) { run throws(KaizenError) -> TrialEnding in
      var outcome = Run.Outcome(plan: waiting.plan)
      outcome.trial = waiting.id
      outcome.approval = request.id
      let before = try self.parts.store.healthBefore(plan: waiting.plan.id)
      self.runs.update(run.id) { [outcome] in
        $0.outcomes = [outcome]
        $0.healthBefore = before
      }
      let (site, lock) = try self.locked(agent, "run \(run.id)")
      defer { withExtendedLifetime(lock) {} }
      try self.endInterrupted(site)
      guard let trial = try self.parts.store.trial(waiting.id), trial.isWaiting else {
        throw KaizenError("E_DECIDED", "\(waiting.name) does not wait any more")
      }
      let ended = try self.goOn(trial, request: request, site: site, run: run)
      outcome.trial = ended.id
      outcome.ending = ended.endingOrWait
      outcome.approval = ended.approval
      self.runs.update(run.id) { [outcome] in $0.outcomes = [outcome] }
      self.noteHealth(of: run, after: [outcome])
      return Run.verdict(of: [outcome])
    }
  }

  /// Goes on with what was approved: the clone that waited, or, where the base has moved, the same
  /// plan on the new base, which needs no new approval if it makes exactly the same change.
  private func goOn(
    _ trial: TrialRecord, request: ApprovalRequest, site: TrialSite, run: Run
  ) throws(KaizenError) -> TrialRecord {
    let base = try liveBase(site)
    let given = TrialRunner.GivenApproval(id: request.id, digest: request.question.digest)
    let runner = TrialRunner(
      self, site, trial, base: base, approval: given, stop: runs.stopToken(run.id)
    ) { self.say(run, $0) }
    if trial.state == .proposed {
      runner.trial.base = base.number
      runner.trial.intent = try site.workspace.intent(
        toClone: base, as: try site.workspace.nextNumber()
      ).json
      try runner.take(.approved)
      try finish(runner)
      return runner.trial
    }
    if base.number == trial.base, runner.reopenWaiting() {
      try runner.take(.approved)
      try finish(runner)
      return runner.trial
    }
    return try tryAgain(runner, given, run: run)
  }

  /// Ends the trial whose base moved, then tries its plan again with the approval it was given.
  private func tryAgain(
    _ old: TrialRunner, _ given: TrialRunner.GivenApproval, run: Run
  ) throws(KaizenError) -> TrialRecord {
    let base = old.base
    say(run, "the agent changed since; trying the approved change on generation \(base.number)")
    try old.take(
      .stopped(
        TrialEnding(
          .expired, code: "E_BASE_MOVED",
          reason: "the agent changed while it waited; its plan is tried again")))
    try finish(old)
    let repeated = TrialRunner(
      self, old.site,
      try begin(
        old.trial.plan, site: old.site, base: base, needsApproval: false,
        user: old.trial.requestedBy, origin: old.trial.origin), base: base, approval: given,
      stop: runs.stopToken(run.id)
    ) { self.say(run, $0) }
    repeated.trial.approval = given.id
    try finish(repeated)
    return repeated.trial
  }
}

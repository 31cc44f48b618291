import Approval
import Linux
public import Model
import Workspace

extension OptimizationEngine {
  /// Records a person's approval; once enough agree, a run carries the plan out.
  /// - Returns: the run, or nil while more approvals are needed.
  public func approve(
    _ id: String, digest: String?, user: UInt32
  ) throws(KaizenError) -> Run? {
    let request = try parts.admiral.show(id)
    let agent = try requireAgent(request.question.agent)
    if let run = runs.active(agent.id) {
      throw KaizenError(
        "E_AGENT_BUSY", "\(agent.id) is being optimized by run \(run.id)",
        hint: "approve again when it has ended")
    }
    let decided = try parts.admiral.decide(
      id, approve: true, by: .user(user), digest: try Self.digest(digest, of: request))
    guard decided.state == .approved, let trial = try parts.store.trial(awaiting: id) else {
      return nil
    }
    return try carryOutApproved(trial, request: decided, agent: agent, user: user)
  }

  /// Records a person's refusal and removes the clone that waited.
  public func reject(
    _ id: String, reason: String?, user: UInt32
  ) throws(KaizenError) {
    let request = try parts.admiral.show(id)
    _ = try parts.admiral.decide(
      id, approve: false, by: .user(user), reason: reason, digest: request.question.digest)
    let said = reason.map { ": \($0)" } ?? ""
    try endWaiting(
      id, TrialEnding(.refused, code: "rejected", reason: "user \(user) rejected it\(said)"))
  }

  /// Ends the trials whose requests nobody answered in time.
  public func expireRequests() throws(KaizenError) {
    for request in try parts.admiral.expireDue() {
      try endWaiting(
        request.id,
        TrialEnding(.expired, code: "expired", reason: "nobody decided on \(request.id) in time"))
    }
  }

  private func endWaiting(_ approval: String, _ ending: TrialEnding) throws(KaizenError) {
    guard let trial = try parts.store.trial(awaiting: approval), trial.isWaiting,
      let agent = try parts.store.agent(trial.plan.agent)
    else { return }
    let site = try site(agent)
    let lock = try AgentLock.acquire(site.layout, purpose: "ending \(trial.name)")
    defer { withExtendedLifetime(lock) {} }
    let runner = TrialRunner(self, site, trial, base: try site.workspace.base()) { _ in }
    try runner.take(.stopped(ending))
    try finish(runner)
  }

  func carryOutApproved(
    _ trial: TrialRecord, request: ApprovalRequest, agent: AgentRecord, user: UInt32
  ) throws(KaizenError) -> Run {
    try startRun(
      agent, strategy: trial.plan.strategy.name, isDryRun: false, user: user
    ) { run throws(KaizenError) -> TrialEnding in
      var outcome = Run.Outcome(plan: trial.plan)
      outcome.trial = trial.id
      outcome.approval = request.id
      self.runs.update(run.id) { [outcome] in $0.outcomes = [outcome] }
      let site = try self.site(agent)
      let lock = try AgentLock.acquire(site.layout, purpose: "run \(run.id)")
      defer { withExtendedLifetime(lock) {} }
      try self.endInterrupted(site)
      let ended = try self.goOn(trial, request: request, site: site, run: run)
      outcome.trial = ended.id
      outcome.ending = ended.endingOrWait
      outcome.approval = ended.approval
      self.runs.update(run.id) { [outcome] in $0.outcomes = [outcome] }
      return Run.verdict(of: [outcome])
    }
  }

  /// Goes on with what was approved: the clone that waited, or, where the base has moved, the same
  /// plan on the new base, which needs no new approval if it makes exactly the same change.
  private func goOn(
    _ trial: TrialRecord, request: ApprovalRequest, site: TrialSite, run: Run
  ) throws(KaizenError) -> TrialRecord {
    let base = try liveBase(site)
    let approval = TrialRunner.Approval(id: request.id, digest: request.question.digest)
    let runner = TrialRunner(self, site, trial, base: base, approval: approval) {
      self.say(run, $0)
    }
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
    say(run, "the agent changed since; trying the approved change on generation \(base.number)")
    let repeated = TrialRunner(
      self, site,
      try begin(
        trial.plan, site: site, base: base, needsApproval: false, user: trial.requestedBy),
      base: base, approval: approval
    ) { self.say(run, $0) }
    repeated.trial.approval = request.id
    try runner.take(
      .stopped(
        TrialEnding(
          .expired, code: "E_BASE_MOVED",
          reason: "the agent changed while it waited; tried again as \(repeated.trial.name)")))
    try finish(runner)
    try finish(repeated)
    return repeated.trial
  }

  private static func digest(
    _ text: String?, of request: ApprovalRequest
  ) throws(KaizenError) -> Digest {
    guard let text else { return request.question.digest }
    guard let digest = Digest(hex: text) else {
      throw KaizenError(
        "E_DIGEST", "\"\(text.prefix(80))\" is no SHA-256 digest: 64 hexadecimal digits",
        hint: "`kaizen approvals show \(request.id)` prints it")
    }
    return digest
  }
}

extension TrialRecord {
  /// Whether a person must act before it goes on.
  var isWaiting: Bool { state == .proposed || state == .awaitingApproval }
}

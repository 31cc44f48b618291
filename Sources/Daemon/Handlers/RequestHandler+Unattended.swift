import Approval
import Control
import Model
import Optimization

// What goes on without being asked, and what stops it.

extension RequestHandler {
  /// Most opportunities and requests counted for one agent.
  private static let countMax = 10_000

  func agentStatus(_ call: Call) throws(KaizenError) -> AgentStatusAnswer {
    let id = try call.agent
    let engine = parts.engine
    try engine.requireKnown(id)
    let measured = try engine.measure(id, days: nil)
    let note = parts.loop.note(of: id)
    return AgentStatusAnswer(
      agent: id.text, autopilot: try engine.autopilot(of: id).rawValue,
      frozen: try engine.freeze(of: id).map(FreezeInfo.init), health: measured.health.score,
      isProvisional: measured.health.isProvisional,
      opportunities: try engine.opportunities(of: id, limit: Self.countMax).count,
      trials: try engine.trialCount(of: id),
      run: engine.runs.active(id).map { RunInfo($0, trial: engine.trial) },
      approvals: try parts.admiral.list(agent: id, state: .pending, limit: Self.countMax).map(\.id),
      lastRun: try engine.lastRun(of: id).map(LastRunInfo.init), lookedAt: note?.time,
      loop: note?.text)
  }

  func setAutopilot(_ call: Call) throws(KaizenError) -> AgentStatusAnswer {
    let asked = try call.body(AutopilotRequest.self)
    try parts.engine.setAutopilot(asked.autopilot, of: try call.agent, user: call.user)
    return try agentStatus(call)
  }

  func listFreezes(_ call: Call) throws(KaizenError) -> ListAnswer<FreezeInfo> {
    ListAnswer(try parts.engine.freezes().map(FreezeInfo.init), limit: call.query.limit)
  }

  func freeze(_ agent: AgentID?, _ call: Call) throws(KaizenError) -> FreezeInfo {
    let asked = try call.body(FreezeRequest.self)
    return FreezeInfo(
      try parts.engine.freeze(
        agent, for: .seconds(asked.seconds), reason: asked.reason, user: call.user))
  }

  /// Answers with the freezes that are left.
  func unfreeze(_ agent: AgentID?, _ call: Call) throws(KaizenError) -> ListAnswer<FreezeInfo> {
    try parts.engine.unfreeze(agent, user: call.user)
    return try listFreezes(call)
  }

  func cancel(_ call: Call) throws(KaizenError) -> CancelAnswer {
    let asked = try call.body(CancelRequest.self)
    let done = try parts.engine.cancel(call.matched.id, reason: asked.reason, user: call.user)
    return CancelAnswer(
      trial: done.trial, run: done.run, agent: done.agent.text, verdict: done.ending?.verdict,
      wasLive: done.ending?.wasLive ?? false, reason: done.ending?.reason)
  }

  func setEnabled(_ call: Call, _ isEnabled: Bool) throws(KaizenError) -> ComponentInfo {
    try parts.engine.setEnabled(call.matched.id, isEnabled, user: call.user)
    return try showPlugin(call)
  }
}

extension FreezeInfo {
  init(_ freeze: Freeze) {
    self.init(
      agent: freeze.agent?.text, until: freeze.until, since: freeze.since,
      uid: Int(freeze.user), reason: freeze.reason)
  }
}

extension LastRunInfo {
  init(_ run: PastRun) {
    self.init(
      id: run.id, origin: run.origin.rawValue, verdict: run.verdict, reason: run.reason,
      finishedAt: run.endedAt)
  }
}

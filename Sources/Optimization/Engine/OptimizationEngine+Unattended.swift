import Approval
public import Model
import Telemetry

/// What the loop did about one agent.
struct LoopReport: Hashable, Sendable {
  /// In one line.
  var text: String
  /// The run it began.
  var run: String?
  /// It could not be done now and is tried again at the next opportunity.
  var isDeferred = false
}

extension OptimizationEngine {
  /// Trials looked at for what was tried before.
  private static let triedCountMax = 200

  /// How far the loop goes alone with an agent: as set, as its descriptor says, or by the settings.
  public func autopilot(of agent: AgentRecord) -> Autopilot {
    agent.autopilot ?? agent.descriptor.autopilot ?? limits.autopilot
  }

  /// How far the loop goes with an agent that may have no files: without any it observes at most.
  public func autopilot(of id: AgentID) throws(KaizenError) -> Autopilot {
    if let agent = try parts.store.agent(id) { return autopilot(of: agent) }
    return limits.autopilot == .off ? .off : .observe
  }

  /// Sets how far the loop goes alone, over what the descriptor and the settings say.
  ///
  /// A person says so at the socket: the descriptor in force is that of `agent add`, so that whatever
  /// writes in the agent's folder gives nobody more freedom.
  public func setAutopilot(
    _ autopilot: Autopilot, of id: AgentID, user: UInt32
  ) throws(KaizenError) {
    let agent = try requireAgent(id)
    let act = AuditEntry.Act(
      "agent.autopilot", by: .user(user), agent: id, subject: autopilot.rawValue,
      details: ["before": .string(self.autopilot(of: agent).rawValue)])
    try parts.store.setAutopilot(autopilot, of: id) { connection in
      try parts.admiral.audit.append(act, on: connection)
    }
    parts.events.publish("agent.autopilot", agent: id, "\(id): \(autopilot.rawValue)")
  }

  /// Analyzes an agent on the loop's own account, and begins a run where that is called for.
  ///
  /// It never waits: what cannot begin now is deferred.
  func lookAfter(_ id: AgentID) -> LoopReport {
    do {
      return try look(id)
    } catch {
      let isForLater: Set<String> = ["E_BUSY", "E_AGENT_BUSY", "E_AGENT_LOCKED", "E_STOPPING"]
      if isForLater.contains(error.code.rawValue) {
        return LoopReport(text: error.message, isDeferred: true)
      }
      parts.log.warning(
        "the loop could not look at an agent",
        ["agent": .string(id.text), "error": .string(error.description)])
      return LoopReport(text: error.description)
    }
  }

  private func look(_ id: AgentID) throws(KaizenError) -> LoopReport {
    let autopilot = try autopilot(of: id)
    if autopilot == .off { return LoopReport(text: "autopilot is off") }
    if let freeze = try freeze(of: id) {
      return LoopReport(text: "frozen until \(freeze.until)", isDeferred: true)
    }
    // Looked at before anything is measured: what is under way will say more.
    if let run = runs.active(id) {
      return LoopReport(text: "run \(run.id) is under way", isDeferred: true)
    }
    let analysis = try analyze(id, days: nil)
    guard let agent = try parts.store.agent(id), autopilot.plans else {
      return LoopReport(
        text: "autopilot observes: \(analysis.opportunities.count) opportunities")
    }
    let history = try parts.store.history(of: id, limit: Self.triedCountMax)
    let waiting = history.count(where: \.isWaiting)
    if waiting >= LoopRules.waitingCountMax {
      return LoopReport(text: "\(waiting) trials wait for people already")
    }
    let coolDown = CoolDown(first: limits.coolDown)
    let decision = LoopRules.decide(analysis) { coolDown.until($0, history: history) }
    switch decision {
    case .wait(let reason): return LoopReport(text: reason)
    case .act(let chosen):
      let origin: Run.Origin = autopilot == .auto ? .auto : .propose
      let planning = preview(
        analysis, strategy: .auto, chosen: chosen, needsPerson: origin == .propose
      ).planning
      if planning.drafts.isEmpty {
        return LoopReport(text: "nothing can act on \(chosen.count) strong opportunities now")
      }
      let run = try begin(agent, on: analysis, chosen: chosen, origin: origin)
      return LoopReport(text: "run \(run.id) began (\(origin.rawValue))", run: run.id)
    }
  }

  private func begin(
    _ agent: AgentRecord, on analysis: Analysis, chosen: Set<String>, origin: Run.Origin
  ) throws(KaizenError) -> Run {
    let run = try startRun(
      agent, strategy: .auto, isDryRun: false, user: Self.ownUser, origin: origin
    ) { run throws(KaizenError) in
      try self.act(on: analysis, run: run, agent: agent, chosen: chosen)
    }
    parts.events.publish(
      "loop.acts", agent: agent.id,
      "\(agent.id): run \(run.id) for \(chosen.count) strong opportunities",
      fields: ["run": .string(run.id), "origin": .string(origin.rawValue)])
    return run
  }
}

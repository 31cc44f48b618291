import Control
import Feedback
import Model
import Optimization

// Agents: adding, showing, removing, their generations and their quality.

extension RequestHandler {
  /// Days of the health shown in lists.
  private static let listDays = 7

  func addAgent(_ call: Call) throws(KaizenError) -> AgentAddAnswer {
    let asked = try call.body(AgentAddRequest.self)
    let added = try parts.engine.addAgent(
      path: asked.path, id: asked.id, mode: asked.attach, user: call.user)
    return AgentAddAnswer(
      agent: try info(added.agent), level: added.level, limits: added.limits,
      tests: added.agent.baseTests.map(TestInfo.init), warnings: added.warnings,
      descriptorFile: added.descriptorFile, guess: added.guess, wasKnown: added.wasKnown)
  }

  func removeAgent(_ call: Call) throws(KaizenError) -> RemovedAnswer {
    let agent = try call.agent
    return RemovedAnswer(
      id: agent.text, message: try parts.engine.removeAgent(agent, user: call.user))
  }

  func listAgents(_ call: Call) throws(KaizenError) -> ListAnswer<AgentInfo> {
    let attached = try parts.engine.agents()
    let known = Set(attached.map(\.id))
    let observed = parts.feedback.agents().filter { !known.contains($0) }
    let limit = call.query.limit
    var infos: [AgentInfo] = []
    for agent in attached.prefix(limit + 1) {
      do throws(KaizenError) { infos.append(try info(agent)) } catch {
        // A broken database is no matter of this agent alone.
        if parts.damage.note(error) { throw error }
        // One whose folder was replaced, say, hides none of the others.
        infos.append(
          AgentInfo(
            id: agent.id.text, description: agent.descriptor.description, path: agent.root,
            attach: agent.mode, health: nil, isProvisional: false, operations: 0,
            state: "\(error.code.rawValue): \(error.message)", descriptor: agent.descriptorJSON))
      }
    }
    for agent in observed.prefix(max(0, limit + 1 - infos.count)) {
      infos.append(try info(observed: agent))
    }
    return ListAnswer(infos, limit: limit)
  }

  func showAgent(_ call: Call) throws(KaizenError) -> AgentInfo {
    let id = try call.agent
    if let agent = try parts.engine.findAgent(id) {
      let agent = try parts.engine.described(agent)
      var info = try info(agent)
      if let note = parts.engine.descriptorNote(agent) { info.warnings.append(note) }
      return info
    }
    try parts.engine.requireKnown(id)
    return try info(observed: id)
  }

  func generations(_ call: Call) throws(KaizenError) -> ListAnswer<GenerationInfo> {
    let generations = try parts.engine.generations(of: try call.agent)
    return ListAnswer(generations.map(GenerationInfo.init), limit: call.query.limit)
  }

  func diff(_ call: Call) throws(KaizenError) -> DiffAnswer {
    let agent = try call.agent
    let difference = try parts.engine.diff(
      agent, from: call.query.integer("a").map { GenerationNumber($0) },
      to: call.query.integer("b").map { GenerationNumber($0) })
    return DiffAnswer(
      agent: agent.text, a: difference.from.value, b: difference.to.value,
      changed: difference.changes.map(FileChangeInfo.init), diff: difference.text,
      isCut: difference.isCut)
  }

  func quality(_ call: Call) throws(KaizenError) -> QualityAnswer {
    let agent = try call.agent
    let quality = try parts.engine.quality(of: agent)
    return QualityAnswer(agent: agent.text, quality.generation, quality.assessment)
  }

  private func info(_ agent: AgentRecord) throws(KaizenError) -> AgentInfo {
    let measured = try parts.engine.measure(agent.id, days: Self.listDays)
    let run = parts.engine.runs.active(agent.id)
    return AgentInfo(
      id: agent.id.text, description: agent.descriptor.description, path: agent.root,
      attach: agent.mode, generation: try parts.engine.liveGeneration(of: agent.id).value,
      autopilot: parts.engine.autopilot(of: agent).rawValue,
      health: measured.health.score, isProvisional: measured.health.isProvisional,
      operations: measured.health.operationCount,
      state: try state(of: agent.id, run: run),
      descriptor: agent.descriptorJSON,
      warnings: [parts.engine.descriptorProblem(of: agent.id)].compactMap { $0 })
  }

  private func state(of id: AgentID, run: Run?) throws(KaizenError) -> String {
    if let run { return "run \(run.id)" }
    return try parts.engine.freeze(of: id).map { "frozen until \($0.until)" } ?? "idle"
  }

  private func info(observed id: AgentID) throws(KaizenError) -> AgentInfo {
    let measured = try parts.engine.measure(id, days: Self.listDays)
    return AgentInfo(
      id: id.text, description: "known from its feedback alone", isObserved: true,
      autopilot: try parts.engine.autopilot(of: id).rawValue,
      health: measured.health.score, isProvisional: measured.health.isProvisional,
      operations: measured.health.operationCount)
  }
}

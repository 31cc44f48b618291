import Approval
public import Model
import SQLite
import Telemetry

extension OptimizationEngine {
  /// The longest freeze: a year.
  public static let freezeMax = Duration.seconds(365 * 86_400)
  /// Longest reason of a freeze that is kept, in bytes.
  private static let reasonBytesMax = 4096

  /// Keeps anything new from going live for `duration`, whoever asks; rollbacks go on.
  /// - Parameter id: the agent; nil is all of them.
  public func freeze(
    _ id: AgentID?, for duration: Duration, reason: String?, user: UInt32
  ) throws(KaizenError) -> Freeze {
    if let id { _ = try requireAgent(id) }
    let time = now()
    let kept = reason.map { String(decoding: $0.utf8.prefix(Self.reasonBytesMax), as: UTF8.self) }
    let freeze = Freeze(
      agent: id, until: time + min(duration, Self.freezeMax), since: time, user: user,
      reason: kept)
    let act = AuditEntry.Act(
      "agent.frozen", by: .user(user), agent: id, subject: id?.text ?? "all",
      details: [
        "until": .string(freeze.until.description), "reason": kept.map { .string($0) } ?? .null,
      ])
    try parts.store.set(freeze) { connection in
      try parts.admiral.audit.append(act, on: connection)
    }
    parts.events.publish(
      "agent.frozen", agent: id, "\(id?.text ?? "all agents") until \(freeze.until)")
    return freeze
  }

  /// Ends a freeze, and carries out what was approved meanwhile.
  ///
  /// A freeze of all agents is ended as such, not for one of them.
  /// - Throws: `E_NOT_FROZEN`.
  public func unfreeze(_ id: AgentID?, user: UInt32) throws(KaizenError) {
    if let id { try requireKnown(id) }
    let act = AuditEntry.Act(
      "agent.unfrozen", by: .user(user), agent: id, subject: id?.text ?? "all")
    let ended = try parts.store.endFreeze(of: id, at: now()) { connection in
      try parts.admiral.audit.append(act, on: connection)
    }
    guard ended else {
      let rest = try freezes().map { $0.agent?.text ?? "all agents" }.joined(separator: ", ")
      throw KaizenError(
        "E_NOT_FROZEN",
        id.map { "agent \"\($0.text)\" is not frozen" } ?? "there is no freeze of all agents",
        hint: rest.isEmpty
          ? "nothing is frozen; `kaizen freeze [AGENT] --for 2h` does it"
          : "frozen: \(rest); `kaizen unfreeze` without a name ends that of all")
    }
    parts.events.publish("agent.unfrozen", agent: id, id?.text ?? "all agents")
    settleWaiting()
  }

  /// Every freeze in force.
  public func freezes() throws(KaizenError) -> [Freeze] { try parts.store.freezes(at: now()) }

  /// The freeze an agent is under; nil where it is under none.
  public func freeze(of id: AgentID) throws(KaizenError) -> Freeze? {
    try parts.store.freeze(of: id, at: now())
  }

  /// Throws `E_FROZEN` where nothing new may go live.
  func requireUnfrozen(_ id: AgentID) throws(KaizenError) {
    if let freeze = try freeze(of: id) { throw freeze.error(promoting: id) }
  }

  /// The same within the transaction that makes a switch so: a freeze that was acknowledged before
  /// it holds.
  func requireUnfrozen(
    _ id: AgentID, on connection: borrowing Connection
  ) throws(KaizenError) {
    if let freeze = try EngineStore.freeze(of: id, at: now(), on: connection) {
      throw freeze.error(promoting: id)
    }
  }
}

import Approval
public import Model
import PluginHost
import Telemetry

extension OptimizationEngine {
  /// Components that people disabled, as it is stored, with the uid.
  public func disabledComponents() throws(KaizenError) -> [String: UInt32] {
    try parts.store.disabledComponents()
  }

  /// Has a component be called no more, or again; it stays so over restarts and reloads.
  /// - Throws: `E_UNKNOWN_COMPONENT` for one that is neither registered nor disabled.
  public func setEnabled(
    _ name: String, _ isEnabled: Bool, user: UInt32
  ) throws(KaizenError) {
    let isKnown = parts.components.components().contains { $0.name == name }
    guard isKnown || parts.components.disabledComponents()[name] != nil else {
      throw KaizenError(
        "E_UNKNOWN_COMPONENT", "there is no component \"\(name.prefix(140))\"",
        hint: "`kaizen plugins list` shows them")
    }
    let action = isEnabled ? "component.enabled" : "component.disabled"
    let act = AuditEntry.Act(action, by: .user(user), subject: name)
    try parts.store.setDisabled(name, !isEnabled, by: user, at: now()) { connection in
      try parts.admiral.audit.append(act, on: connection)
    }
    if isEnabled {
      parts.components.enable(name)
    } else {
      parts.components.disable(name, by: user)
    }
    parts.events.publish(action, "\(name), by user \(user)")
  }

  /// What of an agent's optimization is stored: its last run, and how many trials there were.
  public func lastRun(of id: AgentID) throws(KaizenError) -> PastRun? {
    try parts.store.lastRun(of: id)
  }

  /// Trials of an agent so far.
  public func trialCount(of id: AgentID) throws(KaizenError) -> Int {
    try parts.store.trialCount(of: id)
  }
}

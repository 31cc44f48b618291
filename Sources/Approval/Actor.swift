public import Model

/// Who does something that the audit records.
public enum Actor: Hashable, Sendable, CustomStringConvertible {
  /// A person or a program at the control socket, by the uid the kernel vouches for.
  case user(UInt32)
  /// A plugin's component.
  case component(ComponentID)
  /// An agent.
  case agent(AgentID)
  /// A rule of the policy.
  case policy
  /// The daemon itself, such as its continuous loop.
  case daemon

  /// `uid:1000`, `component:tuner`, `agent:a`, `policy` or `daemon`.
  public var description: String {
    switch self {
    case .user(let uid): "uid:\(uid)"
    case .component(let id): "component:\(id)"
    case .agent(let id): "agent:\(id)"
    case .policy: "policy"
    case .daemon: "daemon"
    }
  }

  /// The actor that `text`, in the form of `description`, names.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    switch (parts.first, parts.dropFirst().first) {
    case ("uid", let id?):
      guard let uid = UInt32(id) else { return nil }
      self = .user(uid)
    case ("component", let id?):
      guard let id = ComponentID(id) else { return nil }
      self = .component(id)
    case ("agent", let id?):
      guard let id = AgentID(id) else { return nil }
      self = .agent(id)
    case ("policy", nil): self = .policy
    case ("daemon", nil): self = .daemon
    default: return nil
    }
  }

  /// The uid of a user.
  public var uid: UInt32? {
    if case .user(let uid) = self { uid } else { nil }
  }
}

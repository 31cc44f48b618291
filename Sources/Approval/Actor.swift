/// Who does something that the audit records.
///
/// No component and no agent is one: neither decides anything, least of all about what it proposed.
public enum Actor: Hashable, Sendable, CustomStringConvertible {
  /// A person or a program at the control socket, by the uid the kernel vouches for.
  case user(UInt32)
  /// The policy, where it let a change through that no person was asked about.
  case policy
  /// The daemon itself, such as its continuous loop.
  case daemon

  /// `uid:1000`, `policy` or `daemon`.
  public var description: String {
    switch self {
    case .user(let uid): "uid:\(uid)"
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

import Control

/// What each user may ask, by the user id the kernel gives for the connection (unix(7), SO_PEERCRED).
struct Roles: Sendable {
  /// The daemon's own user.
  let owner: UInt32
  /// Users that may send feedback.
  let feedback: Set<UInt32>
  /// Users that may also operate.
  let operate: Set<UInt32>

  /// The role of a user: root and the daemon's own are admins, anybody else whom the socket's mode
  /// lets in may read.
  func role(of user: UInt32) -> Route.Role {
    if user == 0 || user == owner { return .admin }
    if operate.contains(user) { return .operate }
    return feedback.contains(user) ? .feedback : .read
  }
}

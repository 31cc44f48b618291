internal import CLinux

/// Who is at the other end of a Unix socket; frozen when it connected.
public struct PeerCredentials: Hashable, Sendable {
  /// Its process; a number that may have been given away since.
  public var pid: Int32
  /// Its effective user.
  public var uid: UInt32
  /// Its effective group.
  public var gid: UInt32

  /// Whoever came over a network, of whom the kernel tells nothing: (uid_t) -1 is no user,
  /// setreuid(2).
  public static let nobody = PeerCredentials(pid: 0, uid: .max, gid: .max)

  /// Makes credentials from their parts.
  public init(pid: Int32, uid: UInt32, gid: UInt32) {
    self.pid = pid
    self.uid = uid
    self.gid = gid
  }
}

extension UnixSocket {
  /// Who connected at the other end of the socket `raw`.
  public static func peer(of raw: Int32) throws(SystemError) -> PeerCredentials {
    var peer = PeerCredentials(pid: 0, uid: 0, gid: 0)
    if kzl_peer_credentials(raw, &peer.pid, &peer.uid, &peer.gid) != 0 {
      throw SystemError("getsockopt", "SO_PEERCRED")
    }
    return peer
  }
}

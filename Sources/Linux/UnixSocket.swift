public import Glibc

/// Stream sockets bound to a path: unix(7).
public enum UnixSocket {
  /// Most bytes of a path: `sun_path` has 108, the last of them 0.
  public static let pathBytesMax = 107

  /// A socket bound to `path` with `mode`, listening.
  ///
  /// Group, where one is given, and mode are set before anyone can connect.
  /// - Throws: `EADDRINUSE` where anything is at `path`, `ENAMETOOLONG` for a path over 107 bytes.
  public static func listen(
    _ path: String, mode: mode_t, group: gid_t? = nil, backlog: Int32 = 128
  ) throws(SystemError) -> FileDescriptor {
    let socket = try make()
    let raw = socket.raw
    let bound = try withAddress(path) { bind(raw, $0, $1) }
    if bound != 0 { throw SystemError("bind", path) }
    do throws(SystemError) {
      // Owner first: a change of owner may take mode bits away (chown(2)).
      if let group { try Files.setGroup(of: path, to: group) }
      if chmod(path, mode) != 0 { throw SystemError("chmod", path) }
    } catch {
      unlink(path)
      throw error
    }
    if Glibc.listen(raw, backlog) != 0 {
      let error = SystemError("listen", path)
      unlink(path)
      throw error
    }
    return socket
  }

  /// A socket connected to whoever listens at `path`.
  /// - Parameter timeout: how long to wait for a place in the listener's backlog.
  /// - Throws: `ENOENT` where nothing is there, `ECONNREFUSED` where nobody listens, `EAGAIN` when
  ///   the time is up.
  public static func connect(
    _ path: String, timeout: Duration
  ) throws(SystemError) -> FileDescriptor {
    let socket = try make()
    let raw = socket.raw
    // socket(7): SO_SNDTIMEO limits connect too; it stays for the writes that follow.
    let (seconds, attoseconds) = timeout.components
    var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    if setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size)) != 0
    {
      throw SystemError("setsockopt", "SO_SNDTIMEO")
    }
    while true {
      if try withAddress(path, { Glibc.connect(raw, $0, $1) }) == 0 { return socket }
      let error = SystemError("connect", path)
      if error.code != EINTR { throw error }
    }
  }

  /// The next connection to the listening socket `raw`; waits for one.
  /// - Throws: `EINVAL` once the listener was shut down, `EMFILE` and its kin for want of room.
  public static func accept(_ raw: Int32) throws(SystemError) -> FileDescriptor {
    let flags = Int32(SOCK_CLOEXEC.rawValue)
    return FileDescriptor(
      owning: try retrying("accept4") {
        accept4(raw, __SOCKADDR_ARG(__sockaddr__: nil), nil, flags)
      })
  }

  private static func make() throws(SystemError) -> FileDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = socket(AF_UNIX, type, 0)
    if raw < 0 { throw SystemError("socket", "AF_UNIX") }
    return FileDescriptor(owning: raw)
  }

  // With _GNU_SOURCE, <sys/socket.h> declares addresses as a transparent union of pointers.
  private static func withAddress(
    _ path: String, _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Int32
  ) throws(SystemError) -> Int32 {
    let bytes = Array(path.utf8)
    guard (1...pathBytesMax).contains(bytes.count), !bytes.contains(0) else {
      throw SystemError("bind", path, code: bytes.isEmpty ? EINVAL : ENAMETOOLONG)
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(
          __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

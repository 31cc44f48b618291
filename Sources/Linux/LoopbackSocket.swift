internal import Glibc

/// Stream sockets that only this machine can reach: ip(7), ipv6(7), tcp(7).
public enum LoopbackSocket {
  /// Which of the two loopback addresses.
  public enum Family: Hashable, Sendable {
    /// 127.0.0.1.
    case v4
    /// ::1.
    case v6
  }

  /// A socket bound to the loopback address and `port`, listening; port 0 takes any that is free.
  /// - Throws: `EADDRINUSE` where somebody listens there, `EACCES` for a port that is reserved.
  public static func listen(
    _ family: Family, port: UInt16, backlog: Int32 = 16
  ) throws(SystemError) -> FileDescriptor {
    let socket = try make(family)
    let raw = socket.raw
    // socket(7): or connections that ended a minute ago would keep a restart from the port.
    var isOn: Int32 = 1
    if setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size)) != 0 {
      throw SystemError("setsockopt", "SO_REUSEADDR")
    }
    if withAddress(family, port, { bind(raw, $0, $1) }) != 0 {
      throw SystemError("bind", "\(port)")
    }
    if Glibc.listen(raw, backlog) != 0 { throw SystemError("listen", "\(port)") }
    return socket
  }

  /// A socket connected to whoever listens at the loopback address and `port`.
  /// - Throws: `ECONNREFUSED` where nobody listens.
  public static func connect(_ family: Family, port: UInt16) throws(SystemError) -> FileDescriptor {
    let socket = try make(family)
    let raw = socket.raw
    try retrying("connect", "\(port)") { withAddress(family, port) { Glibc.connect(raw, $0, $1) } }
    return socket
  }

  /// The port that the socket `raw` is bound to.
  public static func port(of raw: Int32) throws(SystemError) -> UInt16 {
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(raw, __SOCKADDR_ARG(__sockaddr__: $0), &size)
      }
    }
    if status != 0 { throw SystemError("getsockname", "\(raw)") }
    // Both families have the port at the same place: ip(7), ipv6(7).
    return withUnsafeBytes(of: &address) { bytes in
      UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
    }
  }

  private static func make(_ family: Family) throws(SystemError) -> FileDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = socket(family == .v4 ? AF_INET : AF_INET6, type, 0)
    if raw < 0 { throw SystemError("socket", family == .v4 ? "AF_INET" : "AF_INET6") }
    return FileDescriptor(owning: raw)
  }

  // With _GNU_SOURCE, <sys/socket.h> declares addresses as a transparent union of pointers.
  private static func withAddress(
    _ family: Family, _ port: UInt16, _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Int32
  ) -> Int32 {
    func lend<A>(_ address: A) -> Int32 {
      withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body(__CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<A>.size))
        }
      }
    }
    switch family {
    case .v4:
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      return lend(address)
    case .v6:
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      return lend(address)
    }
  }
}

internal import Glibc

/// The two ends of something, each with one owner.
@frozen public struct DescriptorPair: ~Copyable, Sendable {
  /// The end to read from; of a socket pair, either.
  public let first: FileDescriptor
  /// The end to write to; of a socket pair, either.
  public let second: FileDescriptor

  init(_ raw: [Int32]) {
    first = FileDescriptor(owning: raw[0])
    second = FileDescriptor(owning: raw[1])
  }

  /// A pipe, both ends CLOEXEC: `first` reads what `second` wrote.
  public static func pipe() throws(SystemError) -> DescriptorPair {
    var ends: [Int32] = [-1, -1]
    if pipe2(&ends, O_CLOEXEC) != 0 { throw SystemError("pipe2") }
    return DescriptorPair(ends)
  }

  /// Two connected sockets that keep datagrams whole and in order; both are CLOEXEC.
  public static func packetSockets() throws(SystemError) -> DescriptorPair {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
    if socketpair(AF_UNIX, type, 0, &ends) != 0 { throw SystemError("socketpair") }
    return DescriptorPair(ends)
  }
}

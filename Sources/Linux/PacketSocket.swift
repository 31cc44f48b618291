internal import CLinux
internal import Glibc

/// Datagrams with descriptors over a connected socket (`DescriptorPair.packetSockets`).
public enum PacketSocket {
  /// The most descriptors in one datagram.
  public static let descriptorsMax = KZL_FDS_MAX

  /// A datagram that came, and the descriptors in it; those not taken are closed with it.
  public struct Message: ~Copyable {
    /// The bytes; none, and no descriptors, when the other end has closed.
    public let bytes: [UInt8]
    private var descriptors: [Int32]

    init(bytes: [UInt8], descriptors: [Int32]) {
      self.bytes = bytes
      self.descriptors = descriptors
    }

    deinit { descriptors.forEach { close($0) } }

    /// How many descriptors have not been taken yet.
    public var descriptorCount: Int { descriptors.count }

    /// Hands over the first descriptor that has not been taken.
    public mutating func takeDescriptor() -> FileDescriptor? {
      descriptors.isEmpty ? nil : FileDescriptor(owning: descriptors.removeFirst())
    }
  }

  /// Sends one datagram; `descriptors` are lent, the receiver gets copies.
  ///
  /// - Throws: `SystemError`; `EPIPE` when the other end has closed, `EAGAIN` where `wait` is
  ///   false and the other end is behind.
  public static func send(
    _ socket: borrowing FileDescriptor, _ bytes: [UInt8], descriptors: [Int32] = [],
    wait: Bool = true
  ) throws(SystemError) {
    let raw = socket.raw
    let flags = wait ? 0 : Int32(MSG_DONTWAIT)
    try retrying("sendmsg") {
      kzl_send_with_fds(
        raw, bytes, bytes.count, descriptors, UInt32(descriptors.count), flags)
    }
  }

  /// Receives one datagram of at most `limit` bytes.
  ///
  /// - Throws: `SystemError`; `EMSGSIZE` for a larger one, which is dropped, `EAGAIN` where `wait`
  ///   is false and none is there.
  public static func receive(
    _ socket: borrowing FileDescriptor, limit: Int, wait: Bool = true
  ) throws(SystemError) -> Message {
    let raw = socket.raw
    let flags = wait ? 0 : Int32(MSG_DONTWAIT)
    var bytes = [UInt8](repeating: 0, count: limit)
    var descriptors = [Int32](repeating: -1, count: descriptorsMax)
    var descriptorCount: UInt32 = 0
    let count = try retrying("recvmsg") {
      kzl_recv_with_fds(raw, &bytes, limit, &descriptors, &descriptorCount, flags)
    }
    return Message(
      bytes: Array(bytes[..<count]), descriptors: Array(descriptors[..<Int(descriptorCount)]))
  }
}

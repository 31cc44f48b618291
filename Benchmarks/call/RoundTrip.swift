import Glibc
import Linux
import TestSupport

/// The floor of a worker's call: a message to another process and one back, with nothing in between.
final class RoundTrip {
  /// As long as a call of the noop analyzer and its answer, in bytes.
  private static let requestByteCount = 384
  private static let replyByteCount = 28
  private static let echoDescriptor: Int32 = 3

  private let socket: FileDescriptor
  private let peer: ChildProcess

  init() throws {
    let ends = try DescriptorPair.packetSockets()
    peer = try ChildProcess(
      ChildCommand(
        words: [try BuildProducts.path("bench-call"), "echo"],
        descriptors: [1: 1, 2: 2, Self.echoDescriptor: ends.second.raw]))
    socket = try ends.first.duplicate()
  }

  deinit {
    // Nothing is lost with it, and it has nothing to say.
    _ = try? peer.killAndWait()
  }

  func run() throws {
    var bytes = [UInt8](repeating: 0, count: Self.requestByteCount)
    if send(socket.raw, bytes, bytes.count, 0) != bytes.count
      || recv(socket.raw, &bytes, bytes.count, 0) != Self.replyByteCount
    {
      throw SystemError("send or recv", "the bare round trip")
    }
  }

  /// Answers each message, until the other end closes.
  static func echo() {
    var bytes = [UInt8](repeating: 0, count: requestByteCount)
    while recv(echoDescriptor, &bytes, bytes.count, 0) > 0 {
      if send(echoDescriptor, bytes, replyByteCount, 0) != replyByteCount { return }
    }
  }
}

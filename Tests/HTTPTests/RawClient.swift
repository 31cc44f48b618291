import Glibc
import Linux

/// A connection that sends exactly the bytes it is told to.
final class RawClient {
  private let socket: FileDescriptor

  init(_ path: String) throws {
    signal(SIGPIPE, SIG_IGN)
    socket = try UnixSocket.connect(path, timeout: .seconds(5))
  }

  func send(_ text: String) throws { try socket.writeAll(text.utf8) }

  func send(_ bytes: [UInt8]) throws { try socket.writeAll(bytes) }

  /// No more bytes will come from this side.
  func finishSending() { shutdown(socket.raw, Int32(SHUT_WR)) }

  /// All that comes until the server closes; empty where it cut the connection.
  func readToEnd(timeout: Duration = .seconds(10)) throws -> String {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while try isReadable(timeout) {
      let count = recv(socket.raw, &chunk, chunk.count, 0)
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
      all += chunk[..<count]
    }
    throw SystemError("recv", "nothing within \(timeout)", code: ETIMEDOUT)
  }

  /// What has come by the first answer's end, as far as one read takes it.
  func readSome(timeout: Duration = .seconds(10)) throws -> String {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    guard try isReadable(timeout) else { throw SystemError("recv", code: ETIMEDOUT) }
    let count = recv(socket.raw, &chunk, chunk.count, 0)
    return String(decoding: chunk[..<max(0, count)], as: UTF8.self)
  }

  private func isReadable(_ timeout: Duration) throws -> Bool {
    var interest = [Poll.Interest(socket.raw, .read)]
    return try Poll.wait(&interest, timeout: timeout) > 0
  }
}

/// One request on a connection of its own, and all of the answer.
func ask(_ path: String, _ request: String) throws -> String {
  let client = try RawClient(path)
  try client.send(request)
  return try client.readToEnd()
}

internal import Glibc
public import Linux

/// A TCP connection to this machine that sends exactly the bytes it is told to.
public final class LoopbackClient {
  private let socket: FileDescriptor

  /// Connects to whoever listens at `port`.
  public init(port: UInt16, _ family: LoopbackSocket.Family = .v4) throws {
    signal(SIGPIPE, SIG_IGN)
    socket = try LoopbackSocket.connect(family, port: port)
  }

  /// Sends `text` as it is.
  public func send(_ text: String) throws { try socket.writeAll(text.utf8) }

  /// All that comes until the other side closes; a connection that was reset counts as closed.
  public func readToEnd(timeout: Duration = .seconds(20)) throws -> String {
    let deadline = Clock.monotonic() + timeout
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      var interests = [Poll.Interest(socket.raw, .read)]
      let left = deadline - Clock.monotonic()
      guard left > .zero, try Poll.wait(&interests, timeout: left) > 0 else {
        throw SystemError("recv", "no end within \(timeout)", code: ETIMEDOUT)
      }
      let count = recv(socket.raw, &chunk, chunk.count, 0)
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
      all += chunk[..<count]
    }
  }

  /// One request on a connection of its own, and all of the answer.
  public static func ask(port: UInt16, _ request: String) throws -> String {
    let client = try LoopbackClient(port: port)
    try client.send(request)
    return try client.readToEnd()
  }

  /// A port that nobody listens at now.
  public static func freePort() throws -> UInt16 {
    let listener = try LoopbackSocket.listen(.v4, port: 0)
    let port = try LoopbackSocket.port(of: listener.raw)
    _ = listener.raw  // it lives until here, or its number would be somebody else's
    return port
  }
}

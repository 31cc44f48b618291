internal import Control
internal import Glibc
internal import JSONStream
internal import Linux
internal import Model

/// Asks the daemon: one connection for each request, over its Unix socket.
struct ControlClient: Sendable {
  let socketPath: String
  /// What to start the daemon with, for the hint where nobody answers.
  var homeHint = ""
  /// Called each second that an answer takes, and once with nil when it has come.
  var onWaiting: (@Sendable (Int?) -> Void)?
  /// A descriptor that ends the wait by `E_DETACHED` once it is readable.
  var interrupt: Int32?

  /// Most bytes of an answer: 80 MiB.
  private static let answerBytesMax = 80 << 20
  /// How long an answer may take where nothing is said.
  static let timeoutDefault = Duration.seconds(30)

  /// An answer as a value, and as the JSON it came in with whatever else that has.
  struct Answer<Value: ControlValue> {
    var value: Value
    var json: JSONValue
  }

  /// Asks a route and reads its answer.
  /// - Throws: what the daemon refused with; `E_UNREACHABLE`, `E_TIMEOUT` or `E_BAD_ANSWER`.
  func ask<Value: ControlValue>(
    _ id: Route.ID, _ type: Value.Type, _ segments: [String: String] = [:],
    query: [(name: String, value: String)] = [], body: JSONValue? = nil,
    timeout: Duration = timeoutDefault
  ) throws(KaizenError) -> Answer<Value> {
    let bytes = body.map { Array($0.text().utf8) }
    let json = try ask(id, segments, query: query, bytes: bytes, timeout: timeout)
    return Answer(value: try Value(json: json), json: json)
  }

  /// Asks a route with a body as it stands.
  func ask(
    _ id: Route.ID, _ segments: [String: String] = [:],
    query: [(name: String, value: String)] = [], bytes: [UInt8]?,
    timeout: Duration = timeoutDefault
  ) throws(KaizenError) -> JSONValue {
    let route = RouteTable.route(id)
    for value in segments.values where value.isEmpty || value.contains("/") {
      throw KaizenError(
        "E_BAD_REQUEST", "\"\(value.prefix(140))\" is no id: \(Identifier.form)",
        hint: "`kaizen agent list` shows the agents' ids, `kaizen plugins list` the components'")
    }
    let reply = try exchange(
      route.method.rawValue, route.target(segments, query: query), bytes, timeout)
    let json = try parse(reply)
    if (200...299).contains(reply.status) { return json }
    throw try ErrorAnswer(json: json).error
  }

  private func parse(_ reply: HTTPReply) throws(KaizenError) -> JSONValue {
    do {
      return try JSONDocument.parse(
        reply.body, limits: JSONLimits(bytesMax: Self.answerBytesMax))
    } catch {
      throw KaizenError(
        "E_BAD_ANSWER",
        "\(socketPath) answered with status \(reply.status) and no JSON: \(error.message)")
    }
  }

  private func exchange(
    _ method: String, _ target: String, _ body: [UInt8]?, _ timeout: Duration
  ) throws(KaizenError) -> HTTPReply {
    guard socketPath.utf8.count <= UnixSocket.pathBytesMax else {
      throw KaizenError(
        "E_SOCKET_PATH",
        "the socket path \"\(socketPath)\" has \(socketPath.utf8.count) bytes, at most "
          + "\(UnixSocket.pathBytesMax) can be used", hint: "choose a shorter --home")
    }
    let bytes: [UInt8]
    do {
      let socket = try UnixSocket.connect(socketPath, timeout: min(timeout, .seconds(10)))
      try send(method, target, body, socket)
      bytes = try receive(socket, Clock.monotonic() + timeout)
    } catch let error as KaizenError {
      throw error
    } catch let error as SystemError {
      throw unreachable(error)
    } catch {
      fatalError("only these two errors are thrown above")
    }
    if bytes.isEmpty {
      throw KaizenError(
        "E_UNREACHABLE", "the daemon at \(socketPath) closed the connection without an answer",
        hint: "it may be stopping; try again")
    }
    return try HTTPReply(bytes)
  }

  private func send(
    _ method: String, _ target: String, _ body: [UInt8]?, _ socket: borrowing FileDescriptor
  ) throws {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: kaizen\r\nConnection: close\r\n"
    if let body {
      head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n"
    }
    do {
      try socket.writeAll(Array((head + "\r\n").utf8) + (body ?? []))
    } catch {
      // Refused before all of the body was read: the answer says why.
      if error.code != EPIPE && error.code != ECONNRESET { throw error }
    }
  }

  private func receive(
    _ socket: borrowing FileDescriptor, _ deadline: Duration
  ) throws -> [UInt8] {
    let began = Clock.monotonic()
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var interests = [Poll.Interest(socket.raw, .read), Poll.Interest(interrupt ?? -1, .read)]
    defer { onWaiting?(nil) }
    while true {
      let left = deadline - Clock.monotonic()
      if left <= .zero {
        throw KaizenError(
          "E_TIMEOUT", "the daemon at \(socketPath) did not answer in time",
          hint: "it may be busy: kaizen status")
      }
      if try Poll.wait(&interests, timeout: min(left, .seconds(1))) == 0 {
        onWaiting?(Int((Clock.monotonic() - began).components.seconds))
        continue
      }
      if !interests[1].ready.isEmpty { throw KaizenError("E_DETACHED", "interrupted") }
      let raw = socket.raw
      let count = try retrying("read", socketPath) { read(raw, &chunk, chunk.count) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > Self.answerBytesMax {
        throw KaizenError("E_BAD_ANSWER", "an answer of over \(Self.answerBytesMax) bytes")
      }
    }
  }

  private func unreachable(_ error: SystemError) -> KaizenError {
    switch error.code {
    case ENOENT, ECONNREFUSED:
      KaizenError(
        "E_UNREACHABLE", "no daemon answers at \(socketPath)",
        hint: "start it with: kaizend\(homeHint)")
    case EACCES, EPERM:
      KaizenError(
        "E_UNREACHABLE", "no permission to connect to \(socketPath)",
        hint: "ask as the daemon's user, or as a member of the socket's group")
    case EAGAIN:
      KaizenError(
        "E_TIMEOUT", "the daemon at \(socketPath) takes no connection",
        hint: "it may be busy: try again")
    default: KaizenError("E_UNREACHABLE", "cannot ask the daemon at \(socketPath): \(error)")
    }
  }
}

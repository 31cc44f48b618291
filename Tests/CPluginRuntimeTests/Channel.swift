import CKaizenPlugin
import CPluginRuntime
import Linux

/// A descriptor that tuples and closures can carry; closed when nobody holds it any more.
final class Held: Sendable {
  private let descriptor: FileDescriptor
  init(_ raw: Int32) { descriptor = FileDescriptor(owning: raw) }
  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  var raw: Int32 { descriptor.raw }
}

/// One end of a socket, with what it says as text.
final class Channel {
  let socket: Held
  let raw: OpaquePointer

  init(_ socket: Held, takesDescriptors: Bool = false) throws {
    self.socket = socket
    guard let raw = kzw_channel_new(self.socket.raw, takesDescriptors) else {
      throw SystemError("malloc")
    }
    self.raw = raw
  }

  deinit { kzw_channel_free(raw) }

  /// Both ends of a new pair.
  static func pair() throws -> (Channel, Channel) {
    let (daemon, worker) = try sockets()
    return (try Channel(daemon), try Channel(worker, takesDescriptors: true))
  }

  static func sockets() throws -> (Held, Held) {
    var sockets: [Int32] = [-1, -1]
    var error = kzr_error()
    guard kzw_socketpair(&sockets, &error) else { throw Refusal(error) }
    return (Held(sockets[0]), Held(sockets[1]))
  }

  func send(_ body: (OpaquePointer, UnsafeMutablePointer<kzr_error>) -> Bool) throws {
    var error = kzr_error()
    if !body(raw, &error) { throw Refusal(error) }
  }

  /// The next message; nil at the end.
  func receive(timeoutMilliseconds: Int32 = 10_000) throws -> kzw_message? {
    var error = kzr_error()
    var message = kzw_message()
    switch Int(kzw_receive(raw, timeoutMilliseconds, &message, &error)) {
    case KZW_GOT_MESSAGE: return message
    case KZW_GOT_END: return nil
    case KZW_GOT_TIMEOUT: throw TimedOut()
    default: throw Refusal(error)
    }
  }

  struct TimedOut: Error {}

  /// The next event as one line; nil at the end.
  func event() throws -> String? {
    guard var message = try receive() else { return nil }
    var error = kzr_error()
    var event = kzw_event()
    guard kzw_read_event(raw, &message, lasting("worker"), &event, &error)
    else { throw Refusal(error) }
    switch Int(event.kind) {
    case KZW_READY:
      let topics = UnsafeBufferPointer(
        start: event.ready.topics, count: Int(event.ready.topic_count))
      return "ready \(text(event.ready.id)) \(text(event.ready.version)) \(event.ready.kind) "
        + "\(event.ready.flags) \(topics.map(text).joined(separator: ","))"
    case KZW_OPPORTUNITY:
      return
        "\(event.call) \(text(event.opportunity.type)) \(text(event.opportunity.evidence_json))"
    case KZW_SCORED: return "\(event.call) score \(text(event.dimension)) \(event.value)"
    case KZW_FINDING: return "\(event.call) finding \(text(event.finding.file))"
    case KZW_NOTE: return "\(event.call) note \(text(event.text))"
    case KZW_PROGRESS: return "\(event.call) progress \(event.value)"
    case KZW_LOG: return "\(event.call) log \(event.level) \(text(event.text))"
    case KZW_DONE: return "\(event.call) done \(event.code) \(text(event.text))"
    default: return "quit"
    }
  }

  /// All events up to the end of a call.
  func events() throws -> [String] {
    var lines: [String] = []
    while let line = try event() {
      lines.append(line)
      if line.contains(" done ") { break }
    }
    return lines
  }
}

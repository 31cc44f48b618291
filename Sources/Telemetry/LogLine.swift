internal import Model

/// One line of the log before it is bytes.
struct LogLine {
  /// PIPE_BUF of Linux: up to here, a pipe that polls writable takes a line whole and at once.
  /// - Source: pipe(7)
  static let bytesMax = 4096

  var time: Instant
  var level: Log.Level
  var source: String
  var message: String
  var fields: [String: JSONValue]

  /// The line with its line feed, at most `bytesMax` bytes.
  func bytes(_ format: Log.Format, droppedCount: Int) -> [UInt8] {
    var line = self
    if droppedCount > 0 { line.fields["dropped_lines"] = .integer(Int64(droppedCount)) }
    var text = format == .text ? line.text : line.json
    if text.utf8.count >= Self.bytesMax {
      line.shorten()
      text = format == .text ? line.text : line.json
    }
    return Array(text.utf8) + [UInt8(ascii: "\n")]
  }

  private var text: String {
    var out = "\(time) \(level.rawValue) \(source): \(Self.plain(message))"
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      out += " \(key)=\(Self.value(value))"
    }
    return out
  }

  private var json: String {
    var members: [String: JSONValue] = [
      "time": .string(time.description), "level": .string(level.rawValue),
      "source": .string(source), "message": .string(message),
    ]
    if !fields.isEmpty { members["fields"] = .object(fields) }
    return JSONValue.object(members).text()
  }

  /// Cuts the message and leaves the fields out; an escaped byte takes at most 6.
  private mutating func shorten() {
    let dropped = fields["dropped_lines"]
    fields = ["left_out": .string("the line was over \(Self.bytesMax) bytes")]
    if let dropped { fields["dropped_lines"] = dropped }
    let bytes = message.utf8.prefix((Self.bytesMax - 512) / 6)
    message = String(decoding: bytes, as: UTF8.self)
    source = String(source.prefix(32))
  }

  /// A word as it is; anything else, and what could be taken for more fields, as a JSON string.
  private static func value(_ value: JSONValue) -> String {
    guard case .string(let text) = value else { return value.text() }
    let isWord = text.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
    }
    return isWord && !text.isEmpty ? text : value.text()
  }

  /// Text without control characters, so that nobody's message can look like two lines.
  private static func plain(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) { return text }
    return JSONValue.string(text).text()
  }
}

internal import Model

/// An answer as it came over a connection that the other side has closed.
struct HTTPReply: Hashable, Sendable {
  var status: Int
  var body: [UInt8]

  /// Most bytes before the body.
  private static let headBytesMax = 64 << 10

  /// - Throws: `E_BAD_ANSWER` for what is no HTTP or was cut short.
  /// - Source: RFC 9112, sections 4, 6.3 and 7.1.
  init(_ bytes: [UInt8]) throws(KaizenError) {
    guard let headEnd = Self.headEnd(bytes) else {
      throw Self.broken(bytes.isEmpty ? "nothing" : "no complete header")
    }
    let head = String(decoding: bytes[..<headEnd], as: UTF8.self)
    let lines = head.split(whereSeparator: \.isNewline)
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]),
      (100...599).contains(status)
    else { throw Self.broken("the status line \"\((lines.first ?? "").prefix(80))\"") }
    self.status = status

    let rest = bytes[(headEnd + 4)...]
    if Self.field("transfer-encoding", lines)?.lowercased() == "chunked" {
      body = try Self.joinChunks(rest)
    } else if let length = Self.field("content-length", lines) {
      guard let count = Int(length), count >= 0, rest.count >= count else {
        throw Self.broken("\(rest.count) bytes of a body of \(length)")
      }
      body = Array(rest.prefix(count))
    } else {
      body = Array(rest)
    }
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    let limit = min(bytes.count, headBytesMax) - 3
    return (0..<max(0, limit)).first { at in
      bytes[at] == 13 && bytes[at + 1] == 10 && bytes[at + 2] == 13 && bytes[at + 3] == 10
    }
  }

  private static func field(_ name: String, _ lines: [Substring]) -> String? {
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == name {
        return String(parts[1].drop { $0 == " " || $0 == "\t" })
      }
    }
    return nil
  }

  private static func joinChunks(_ bytes: ArraySlice<UInt8>) throws(KaizenError) -> [UInt8] {
    var body: [UInt8] = []
    var rest = bytes
    while true {
      guard let lineEnd = rest.firstIndex(of: 10), lineEnd > rest.startIndex else {
        throw broken("a body cut within its chunks")
      }
      let line = String(decoding: rest[rest.startIndex..<(lineEnd - 1)], as: UTF8.self)
      let digits = line.prefix { $0 != ";" }
      guard digits.utf8.count <= 8, let size = Int(digits, radix: 16) else {
        throw broken("the chunk size \"\(line.prefix(40))\"")
      }
      rest = rest[(lineEnd + 1)...]
      if size == 0 { return body }
      guard rest.count >= size + 2 else { throw broken("a body cut within a chunk") }
      body += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
    }
  }

  private static func broken(_ found: String) -> KaizenError {
    KaizenError("E_BAD_ANSWER", "the daemon's answer is broken: found \(found)")
  }
}

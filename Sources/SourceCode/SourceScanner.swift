/// Tells code, comments and strings apart; each language in an extension of its own.
struct SourceScanner {
  /// Strings within code within strings; deeper ones are read as text.
  static let depthMax = 32

  let bytes: [UInt8]
  let language: Language
  var parts: [SourceText.Part]
  var position = 0
  var depth = 0
  /// Behind the last here-document that was read.
  var hereDocumentEnd = 0
  /// Where something opened that nothing closed; the first of it.
  var unclosed: Int?

  init(_ bytes: [UInt8], _ language: Language) {
    self.bytes = bytes
    self.language = language
    parts = Array(repeating: .code, count: bytes.count)
  }

  mutating func run() {
    if language == .markdown {
      scanMarkdown()
    } else {
      if bytes.starts(with: "#!".utf8) { skipLine(as: .comment) }
      scanCode(until: nil)
    }
  }

  /// Reads code to the end of the file, or to the bracket that closes what surrounds it.
  mutating func scanCode(until closer: UInt8?) {
    let opener = closer.map { $0 == UInt8(ascii: "}") ? UInt8(ascii: "{") : UInt8(ascii: "(") }
    var brackets = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == closer {
        if brackets == 0 { return }
        brackets -= 1
      } else if byte == opener {
        brackets += 1
      }
      switch language {
      case .python: stepPython(byte)
      case .shell: stepShell(byte)
      case .javaScript: stepJavaScript(byte)
      case .swift: stepSwift(byte)
      case .markdown: position += 1
      }
    }
  }

  // MARK: - Common parts

  func peek(_ distance: Int) -> UInt8? {
    let index = position + distance
    return bytes.indices.contains(index) ? bytes[index] : nil
  }

  func isAt(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { bytes[position...].starts(with: $0) }
  }

  mutating func mark(_ range: Range<Int>, _ part: SourceText.Part) {
    for index in range.clamped(to: 0..<bytes.count) { parts[index] = part }
  }

  /// To the end of the line, which is left.
  mutating func skipLine(as part: SourceText.Part) {
    let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    mark(position..<end, part)
    position = end
  }

  /// `//` and `/* */`, which nest in Swift; whether one was there.
  mutating func skipSlashComment() -> Bool {
    if isAt("//") {
      skipLine(as: .comment)
      return true
    }
    guard isAt("/*") else { return false }
    let start = position
    var open = 1
    position += 2
    while position < bytes.count, open > 0 {
      if isAt("*/") {
        open -= 1
        position += 2
      } else if language == .swift, isAt("/*") {
        open += 1
        position += 2
      } else {
        position += 1
      }
    }
    if open > 0 { unclosed = unclosed ?? start }
    mark(start..<position, .comment)
    return true
  }

  /// A string to `quote` on one line, backslashes escaping; the quotes are code.
  mutating func skipQuoted(_ quote: UInt8, isMultiline: Bool = false) {
    let start = position
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      if byte == quote {
        mark((start + 1)..<position, .text)
        position += 1
        return
      }
      if byte == UInt8(ascii: "\n"), !isMultiline { break }
      position += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    position = min(position, bytes.count)
    mark((start + 1)..<position, .text)
    unclosed = unclosed ?? start
  }

  // MARK: - Python

  // Source: https://docs.python.org/3/reference/lexical_analysis.html
  private mutating func stepPython(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "#"): skipLine(as: .comment)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      guard peek(1) == byte, peek(2) == byte else { return skipQuoted(byte) }
      let start = position
      position += 3
      while position < bytes.count, !(bytes[position] == byte && peek(1) == byte && peek(2) == byte)
      {
        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      if position >= bytes.count { unclosed = unclosed ?? start }
      mark((start + 3)..<position, .text)
      position = min(position + 3, bytes.count)
    default: position += 1
    }
  }
}

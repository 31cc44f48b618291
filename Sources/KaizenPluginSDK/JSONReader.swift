/// Reads JSON by recursive descent, keeping where each value stands.
struct JSONReader {
  /// Levels of nesting; recursion beyond would end with the stack.
  private static let depthMax = 64
  private let text: [UInt8]
  private var position = 0
  private var depth = 0

  init(_ text: [UInt8]) { self.text = text }

  /// The one value that is the whole text.
  mutating func whole() throws(PluginFailure) -> JSONNode {
    skipSpace()
    let node = try value()
    skipSpace()
    if position < text.count { throw failure("the end of the text") }
    return node
  }

  /// The byte to be read next; nil at the end.
  private var byte: UInt8? { position < text.count ? text[position] : nil }

  /// What is wrong at this place, in words that name it.
  private func failure(_ expected: String) -> PluginFailure {
    let found = byte.map { (0x21...0x7E).contains($0) ? "\"\(UnicodeScalar($0))\"" : "byte \($0)" }
    return PluginFailure(
      "JSON: expected \(expected) at byte \(position), found \(found ?? "the end")")
  }

  /// RFC 8259, section 2: space, tab, line feed and carriage return.
  private mutating func skipSpace() {
    while let byte, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { position += 1 }
  }

  private mutating func take(_ wanted: Unicode.Scalar, _ expected: String) throws(PluginFailure) {
    guard byte == UInt8(ascii: wanted) else { throw failure(expected) }
    position += 1
  }

  /// Any value; what starts like nothing else must be a number.
  private mutating func value() throws(PluginFailure) -> JSONNode {
    let start = position
    let content: JSONNode.Content
    switch byte {
    case UInt8(ascii: "{"): content = try object()
    case UInt8(ascii: "["): content = try array()
    case UInt8(ascii: "\""): content = .string(try string())
    case UInt8(ascii: "t"): content = try word("true", .bool(true))
    case UInt8(ascii: "f"): content = try word("false", .bool(false))
    case UInt8(ascii: "n"): content = try word("null", .null)
    default: content = .number(try number())
    }
    return JSONNode(content, start..<position)
  }

  private mutating func word(
    _ word: String, _ content: JSONNode.Content
  ) throws(PluginFailure) -> JSONNode.Content {
    guard text[position...].starts(with: word.utf8) else { throw failure(word) }
    position += word.utf8.count
    return content
  }

  /// Past an opening bracket.
  private mutating func enter() throws(PluginFailure) {
    depth += 1
    if depth > Self.depthMax { throw PluginFailure("JSON: deeper than \(Self.depthMax) levels") }
    position += 1
    skipSpace()
  }

  private mutating func object() throws(PluginFailure) -> JSONNode.Content {
    var members: [(key: String, value: JSONNode)] = []
    try enter()
    while byte != UInt8(ascii: "}") {
      if !members.isEmpty {
        try take(",", "\",\" or \"}\"")
        skipSpace()
      }
      guard byte == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
      let key = try string()
      skipSpace()
      try take(":", "\":\"")
      skipSpace()
      members.append((key, try value()))
      skipSpace()
    }
    position += 1
    depth -= 1
    return .object(members)
  }

  private mutating func array() throws(PluginFailure) -> JSONNode.Content {
    var elements: [JSONNode] = []
    try enter()
    while byte != UInt8(ascii: "]") {
      if !elements.isEmpty {
        try take(",", "\",\" or \"]\"")
        skipSpace()
      }
      elements.append(try value())
      skipSpace()
    }
    position += 1
    depth -= 1
    return .array(elements)
  }

  /// number = [ minus ] int [ frac ] [ exp ] (RFC 8259, section 6).
  private mutating func number() throws(PluginFailure) -> Double {
    let start = position
    if byte == UInt8(ascii: "-") { position += 1 }
    if byte == UInt8(ascii: "0") { position += 1 } else { try digits("a value") }
    if byte == UInt8(ascii: ".") {
      position += 1
      try digits("a digit")
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      position += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
      try digits("a digit")
    }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let value = Double(digits), value.isFinite else {
      throw PluginFailure("JSON: the number at byte \(start) is too large")
    }
    return value
  }

  private mutating func digits(_ expected: String) throws(PluginFailure) {
    guard let first = byte, (0x30...0x39).contains(first) else { throw failure(expected) }
    while let byte, (0x30...0x39).contains(byte) { position += 1 }
  }

  /// Past a string; control characters must be escaped (RFC 8259, section 7).
  private mutating func string() throws(PluginFailure) -> String {
    var bytes: [UInt8] = []
    position += 1
    while let byte {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &bytes)
      case 0..<0x20:
        position -= 1
        throw failure("no control character in a string")
      default: bytes.append(byte)
      }
    }
    throw failure("the string's closing quote")
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(PluginFailure) {
    guard let byte else { throw failure("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"): bytes += Array(String(Character(try unicode())).utf8)
    default:
      position -= 1
      throw failure("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
  }

  /// The scalar of `\uXXXX`, two of them for one beyond the basic plane; a lone half is U+FFFD.
  private mutating func unicode() throws(PluginFailure) -> Unicode.Scalar {
    let first = try hex()
    guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    let before = position
    if text[position...].starts(with: "\\u".utf8) {
      position += 2
      let second = try hex()
      if (0xDC00...0xDFFF).contains(second) {
        let value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        return Unicode.Scalar(value) ?? "\u{FFFD}"
      }
    }
    position = before
    return "\u{FFFD}"
  }

  /// Exactly four digits; `UInt32(_:radix:)` alone would also take a sign.
  private mutating func hex() throws(PluginFailure) -> UInt32 {
    guard position + 4 <= text.count else { throw failure("four hexadecimal digits") }
    let digits = String(decoding: text[position..<position + 4], as: UTF8.self)
    guard digits.utf8.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit }),
      let value = UInt32(digits, radix: 16)
    else { throw failure("four hexadecimal digits") }
    position += 4
    return value
  }
}

internal import Model

/// A plain reader of JSON that knows where it stands.
///
/// Each error has a place; integers beyond 64 bits become numbers.
/// - Source: RFC 8259.
struct TextScanner {
  let bytes: ArraySlice<UInt8>
  let depthMax: Int
  var index: Int

  init(_ bytes: ArraySlice<UInt8>, depthMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
    index = bytes.startIndex
  }

  /// The one value of the whole text.
  mutating func document() throws(TextError) -> JSONValue {
    try checkEncoding()
    let value = try value(depth: 0)
    skipSpace()
    if let byte = peek { throw fail("the value has ended, but \(Self.name(byte)) follows") }
    return value
  }

  var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  func fail(_ message: String, at offset: Int? = nil) -> TextError {
    TextError(offset: offset ?? index, message: message)
  }

  /// How a byte shows in a message.
  static func name(_ byte: UInt8?) -> String {
    guard let byte else { return "the end" }
    guard (0x20..<0x7F).contains(byte) else { return "the byte 0x\(String(byte, radix: 16))" }
    return "'\(Character(Unicode.Scalar(byte)))'"
  }

  /// Refuses what is no UTF-8, and a byte-order mark, which RFC 8259 forbids to send.
  private func checkEncoding() throws(TextError) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fail("a byte-order mark; remove it") }
    if String(validating: bytes, as: UTF8.self) != nil { return }
    // Character by character to the first that does not decode.
    var valid = bytes.startIndex
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      valid += UTF8.width(scalar)
    }
    throw fail("not UTF-8: \(Self.name(bytes[valid]))", at: valid)
  }

  mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }

  private mutating func value(depth: Int) throws(TextError) -> JSONValue {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return try number()
    case let other:
      if let word = bareWord { throw fail(Self.objection(to: word)) }
      throw fail("expected a value, found \(Self.name(other))")
    }
  }

  /// The letters and digits that begin here, where a letter does.
  private var bareWord: String? {
    let word = bytes[index...].prefix { byte in
      let scalar = Unicode.Scalar(byte)
      return scalar.isASCII && scalar.properties.isAlphabetic || (0x30...0x39).contains(byte)
    }
    guard let first = word.first, first > 0x39 else { return nil }
    return String(decoding: word.prefix(40), as: UTF8.self)
  }

  private static func objection(to word: String) -> String {
    ["NaN", "nan", "Infinity", "inf"].contains(word)
      ? "JSON has no \(word): leave the member out, or write null"
      : "expected a value, found the word \(word): text stands in quotes"
  }

  private mutating func word(
    _ text: StaticString, _ value: JSONValue
  ) throws(TextError) -> JSONValue {
    let start = index
    let expected = "\(text)".utf8
    guard bytes[index...].starts(with: expected) else {
      let isCut = bareWord.map { "\(text)".hasPrefix($0) } ?? true
      throw fail(isCut ? "expected \(text)" : Self.objection(to: bareWord ?? ""), at: start)
    }
    index += expected.count
    return value
  }

  private mutating func enter(_ depth: Int) throws(TextError) {
    guard depth <= depthMax else { throw fail("nested deeper than \(depthMax) levels") }
    index += 1
    skipSpace()
  }

  private mutating func object(depth: Int) throws(TextError) -> JSONValue {
    try enter(depth)
    var members: [String: JSONValue] = [:]
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      let start = index
      guard peek == UInt8(ascii: "\"") else {
        throw fail("expected a key in quotes, found \(Self.name(peek))")
      }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else {
        throw fail("expected ':' after the key \"\(key.prefix(60))\", found \(Self.name(peek))")
      }
      let value = try value(depth: depth)
      guard members.updateValue(value, forKey: key) == nil else {
        throw fail("the key \"\(key.prefix(60))\" stands twice in one object", at: start)
      }
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else {
        throw fail("expected ',' or '}', found \(Self.name(peek))")
      }
    }
  }

  private mutating func array(depth: Int) throws(TextError) -> JSONValue {
    try enter(depth)
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else {
        throw fail("expected ',' or ']', found \(Self.name(peek))")
      }
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }
}

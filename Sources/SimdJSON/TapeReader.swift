internal import Glibc
internal import Model

/// Walks simdjson's tape and builds values from it; nil where a rule of ours is broken.
///
/// - Source: https://github.com/simdjson/simdjson/blob/v3.0.1/doc/tape.md: one word is a type in the
///   top 8 bits and a payload in the other 56; a number is followed by a word with its bits.
struct TapeReader {
  let tape: UnsafePointer<UInt64>
  let strings: UnsafePointer<UInt8>
  let depthMax: Int
  /// Word 0 is the root; the value begins after it.
  private var index = 1

  init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, depthMax: Int) {
    self.tape = tape
    self.strings = strings
    self.depthMax = depthMax
  }

  mutating func value(depth: Int = 0) -> JSONValue? {
    let word = tape[index]
    index += 1
    switch UInt8(truncatingIfNeeded: word >> 56) {
    case UInt8(ascii: "{"): return object(word, depth: depth + 1)
    case UInt8(ascii: "["): return array(word, depth: depth + 1)
    case UInt8(ascii: "\""): return string(word).map { .string($0) }
    case UInt8(ascii: "l"): return .integer(Int64(bitPattern: operand()))
    case UInt8(ascii: "u"):
      let value = operand()
      return Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
    case UInt8(ascii: "d"): return .number(Double(bitPattern: operand()))
    case UInt8(ascii: "t"): return .bool(true)
    case UInt8(ascii: "f"): return .bool(false)
    case UInt8(ascii: "n"): return .null
    default: return nil
    }
  }

  private mutating func object(_ word: UInt64, depth: Int) -> JSONValue? {
    guard depth <= depthMax else { return nil }
    let (end, count) = Self.extent(word)
    var members = [String: JSONValue](minimumCapacity: count)
    while index < end - 1 {
      let word = tape[index]
      index += 1
      guard let key = string(word), let value = value(depth: depth) else { return nil }
      // A key that stands twice: RFC 8259 leaves it open, RFC 7493 forbids it, and so do we.
      guard members.updateValue(value, forKey: key) == nil else { return nil }
    }
    index = end
    return .object(members)
  }

  private mutating func array(_ word: UInt64, depth: Int) -> JSONValue? {
    guard depth <= depthMax else { return nil }
    let (end, count) = Self.extent(word)
    var elements: [JSONValue] = []
    elements.reserveCapacity(count)
    while index < end - 1 {
      guard let value = value(depth: depth) else { return nil }
      elements.append(value)
    }
    index = end
    return .array(elements)
  }

  /// One past the closing word, and the number of children (saturated at 2²⁴ − 1).
  private static func extent(_ word: UInt64) -> (end: Int, count: Int) {
    (Int(word & 0xFFFF_FFFF), Int(word >> 32 & 0xFF_FFFF))
  }

  private mutating func operand() -> UInt64 {
    defer { index += 1 }
    return tape[index]
  }

  /// A string: 32 bits of length, then the bytes.
  ///
  /// Nil where they are no UTF-8. simdjson has checked the text, so only half of a surrogate pair,
  /// written as an escape, can bring that about; its encoding begins with 0xED, which few
  /// characters outside Korean do. Without that byte the check is not made again.
  private func string(_ word: UInt64) -> String? {
    let start = strings + Int(word & 0xFF_FFFF_FFFF_FFFF)
    let count = Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
    let bytes = UnsafeBufferPointer(start: start + 4, count: count)
    if memchr(start + 4, 0xED, count) == nil { return String(decoding: bytes, as: UTF8.self) }
    return String(validating: bytes, as: UTF8.self)
  }
}

internal import Model

extension TextScanner {
  /// A number: an integer where it is written as one and fits in 64 bits, else a double.
  mutating func number() throws(TextError) -> JSONValue {
    let start = index
    var isInteger = true
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if let byte = peek, isDigit(byte) { throw fail("a number may not begin with 0", at: start) }
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw fail("the number \(text.prefix(40)) is beyond what a double can hold", at: start)
    }
    return .number(value)
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private mutating func digits() throws(TextError) {
    let start = index
    while let byte = peek, isDigit(byte) { index += 1 }
    if index == start { throw fail("expected a digit, found \(Self.name(peek))") }
  }

  /// A string, its escapes resolved.
  mutating func string() throws(TextError) -> String {
    let start = index
    index += 1
    var text: [UInt8] = []
    while true {
      let run = index
      while index < bytes.endIndex, Self.isPlain(bytes[index]) { index += 1 }
      guard let byte = peek else { break }
      index += 1
      switch byte {
      case UInt8(ascii: "\""):
        if text.isEmpty { return String(decoding: bytes[run..<(index - 1)], as: UTF8.self) }
        text += bytes[run..<(index - 1)]
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text += bytes[run..<(index - 1)]
        try escape(into: &text)
      default: throw fail("\(Self.name(byte)) in a string; write it as an escape", at: index - 1)
      }
    }
    throw fail("the string that begins here is not closed", at: start)
  }

  /// Whether a byte within a string stands for itself: RFC 8259, section 7.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func escape(into text: inout [UInt8]) throws(TextError) {
    let start = index - 1
    guard let byte = peek else { throw fail("the text ends within an escape") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += String(Character(try scalar(from: start))).utf8
    default: throw fail("the escape \\\(Self.name(byte)) does not exist", at: start)
    }
  }

  /// The character of `\uXXXX`, or of two of them that form a surrogate pair.
  private mutating func scalar(from start: Int) throws(TextError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try hexadecimal()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw fail("half of a surrogate pair stands alone", at: start)
  }

  private mutating func hexadecimal() throws(TextError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fail("expected four hexadecimal digits, found \(Self.name(peek))")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}

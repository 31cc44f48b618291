/// A line that assigns one literal to one name and does nothing else.
struct Assignment {
  /// The name, such as `RATES_TOKEN`.
  var name: String
  /// The literal with its quotes, as bytes of the line.
  var literal: Range<Int>

  /// How assignments look.
  struct Form {
    /// Words that may stand before the name, such as `export`.
    var prefixes: [String] = []
    /// Whether blanks may stand around `=`.
    var allowsBlanks: Bool
    /// Whether `: Type` may follow the name.
    var allowsType = false
    /// Whether the value may stand without quotes.
    var allowsBare = false
  }

  /// The assignment that `line` is; nil where it is anything else or more than that.
  init?(_ line: [UInt8], form: Form) {
    var cursor = Cursor(line)
    cursor.skipBlanks()
    var word = cursor.word()
    while form.prefixes.contains(word), cursor.skipBlanks() { word = cursor.word() }
    guard !word.isEmpty, !(0x30...0x39).contains(word.utf8.first ?? 0) else { return nil }
    name = word
    if form.allowsBlanks { cursor.skipBlanks() }
    if form.allowsType, cursor.take(":") {
      cursor.skip { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "#") }
    }
    guard cursor.take("=") else { return nil }
    if form.allowsBlanks { cursor.skipBlanks() }
    guard let literal = cursor.literal(allowsBare: form.allowsBare) else { return nil }
    self.literal = literal
    cursor.skipBlanks()
    guard cursor.isAtEnd || cursor.take("#") else { return nil }
  }

  /// The variable that takes the secret: the name in upper case, as environments have it.
  var variable: String { name.uppercased() }
}

/// A place in a line, moved forward by what is read.
struct Cursor {
  private let line: [UInt8]
  private var position = 0

  init(_ line: [UInt8]) { self.line = line }

  /// The byte to be read next; nil at the end.
  private var byte: UInt8? { position < line.count ? line[position] : nil }

  /// Whether nothing but the line's end is left.
  var isAtEnd: Bool { byte == nil || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  /// Whether there were any.
  @discardableResult
  mutating func skipBlanks() -> Bool {
    let start = position
    skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return position > start
  }

  /// Moves on, never past the end of the line.
  mutating func skip(while isSkipped: (UInt8) -> Bool) {
    while let byte, !isAtEnd, isSkipped(byte) { position += 1 }
  }

  /// Moves past the character where it stands here.
  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard byte == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  /// A name of ASCII letters, digits and `_`; empty where there is none.
  mutating func word() -> String {
    let start = position
    skip { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
      default: false
      }
    }
    return String(decoding: line[start..<position], as: UTF8.self)
  }

  /// A literal in one pair of quotes without escapes, or, where allowed, of plain characters.
  mutating func literal(allowsBare: Bool) -> Range<Int>? {
    let start = position
    guard let quote = byte else { return nil }
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      position += 1
      skip { $0 != quote && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "$") }
      guard byte == quote, position > start + 1 else { return nil }
      position += 1
      return byte == quote ? nil : start..<position  // two quotes in a row: perhaps a ''' string
    }
    guard allowsBare else { return nil }
    let special = Array("\"'`$\\;&|<>()#*?[]{}~ \t".utf8)
    skip { !special.contains($0) }
    return position > start ? start..<position : nil
  }
}

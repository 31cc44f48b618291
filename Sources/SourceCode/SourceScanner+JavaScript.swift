// Source: ECMA-262, clause 12 (https://tc39.es/ecma262/#sec-ecmascript-language-lexical-grammar).

extension SourceScanner {
  /// Words behind which a slash begins a regular expression, not a division.
  private static let expressionWords: Set<String> = [
    "await", "case", "delete", "do", "else", "in", "instanceof", "new", "of", "return", "throw",
    "typeof", "void", "yield",
  ]

  mutating func stepJavaScript(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "/"):
      if skipSlashComment() { return }
      if isExpressionExpected { skipRegularExpression() } else { position += 1 }
    case UInt8(ascii: "\""), UInt8(ascii: "'"): skipQuoted(byte)
    case UInt8(ascii: "`"): skipTemplate()
    default: position += 1
    }
  }

  /// Whether what stands before `position` lets an operand follow.
  private var isExpressionExpected: Bool {
    var index = position - 1
    while index >= 0, bytes[index] <= 0x20 || parts[index] == .comment { index -= 1 }
    guard index >= 0 else { return true }
    // A name may hold dollars, and end with one: `$ / 2` divides.
    let isName = { (byte: UInt8) in isWordByte(byte) || byte == UInt8(ascii: "$") }
    if isName(bytes[index]) {
      let end = index
      while index >= 0, isName(bytes[index]) { index -= 1 }
      return Self.expressionWords.contains(
        String(decoding: bytes[(index + 1)...end], as: UTF8.self))
    }
    // Behind `)`, `]` or `}` it may be either; a division is far more frequent.
    return !")]}\"'`".utf8.contains(bytes[index])
  }

  /// `/[/"]/g` on one line; without an end it is a division after all.
  private mutating func skipRegularExpression() {
    var index = position + 1
    var isInClass = false
    while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "["): isInClass = true
      case UInt8(ascii: "]"): isInClass = false
      case UInt8(ascii: "/") where !isInClass:
        mark((position + 1)..<index, .text)
        position = index + 1
        return
      default: break
      }
      index += 1
    }
    position += 1
  }

  /// A template literal; what `${ … }` holds is code.
  private mutating func skipTemplate() {
    let start = position
    position += 1
    var textStart = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "`") {
      if isAt("${"), depth < Self.depthMax {
        mark(textStart..<position, .text)
        position += 2
        depth += 1
        scanCode(until: UInt8(ascii: "}"))
        depth -= 1
        position += 1
        textStart = position
      } else {
        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
    }
    position = min(position, bytes.count)
    mark(min(textStart, position)..<position, .text)
    if position == bytes.count { unclosed = unclosed ?? start }
    position = min(position + 1, bytes.count)
  }
}

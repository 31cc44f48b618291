// POSIX shell and bash.
// Source: POSIX.1-2017 XCU 2.2 (quoting), 2.3 (comments), 2.7.4 (here-documents).

extension SourceScanner {
  mutating func stepShell(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\\"): position += 2
    case UInt8(ascii: "#") where isAtWordStart: skipLine(as: .comment)
    case UInt8(ascii: "'"):
      // Within single quotes nothing escapes; within $'…' a backslash does.
      if position > 0, bytes[position - 1] == UInt8(ascii: "$") {
        skipQuoted(byte, isMultiline: true)
      } else {
        skipSingleQuoted()
      }
    case UInt8(ascii: "\""): skipDoubleQuoted()
    case UInt8(ascii: "<") where isAt("<<") && !isAt("<<<") && peek(-1) != byte:
      skipHereDocuments()
    default: position += 1
    }
    position = min(position, bytes.count)
  }

  /// A `#` begins a comment where a word would begin.
  private var isAtWordStart: Bool {
    guard position > 0 else { return true }
    return " \t\n;&|(".utf8.contains(bytes[position - 1])
  }

  private mutating func skipSingleQuoted() {
    let start = position
    let end = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "'"))
    if end == nil { unclosed = unclosed ?? start }
    mark((start + 1)..<(end ?? bytes.count), .text)
    position = (end ?? bytes.count) + 1
  }

  /// Within double quotes `$( … )` is code again.
  private mutating func skipDoubleQuoted() {
    let start = position
    position += 1
    var textStart = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if isAt("$("), !isAt("$(("), depth < Self.depthMax {
        mark(textStart..<position, .text)
        position += 2
        depth += 1
        scanCode(until: UInt8(ascii: ")"))
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
    position += 1
  }

  /// The rest of a line with `<<WORD`, and the lines up to WORD for each of them.
  ///
  /// A shift in an arithmetic expression looks alike; its right side is a number or follows `((`.
  private mutating func skipHereDocuments() {
    let start = position
    var end = position + 2
    let stripsTabs = end < bytes.count && bytes[end] == UInt8(ascii: "-")
    if stripsTabs { end += 1 }
    while end < bytes.count, bytes[end] == 0x20 { end += 1 }
    var word: [UInt8] = []
    while end < bytes.count, isWordByte(bytes[end]) || "'\"\\-.".utf8.contains(bytes[end]) {
      if !"'\"\\".utf8.contains(bytes[end]) { word.append(bytes[end]) }
      end += 1
    }
    let lineStart = bytes[..<start].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let isArithmetic = zip(bytes[lineStart..<start], bytes[lineStart..<start].dropFirst())
      .contains { $0 == UInt8(ascii: "(") && $1 == UInt8(ascii: "(") }
    guard let first = word.first, !(0x30...0x39).contains(first), !isArithmetic else {
      position += 2
      return
    }
    position = end
    // What stands behind it on the line is code; a second here-document there is found by the same
    // step when its turn comes, so its body is read after this one's: in the order of the text.
    let body = bytes[position...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
    let rest = position..<max(position, body - 1)
    var line = max(body, hereDocumentEnd)
    let bodyStart = line
    while line < bytes.count {
      let lineEnd = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let content = bytes[line..<lineEnd]
      let compared = stripsTabs ? content.drop { $0 == 0x09 } : content
      if compared.elementsEqual(word) {
        mark(bodyStart..<lineEnd, .text)
        hereDocumentEnd = min(lineEnd + 1, bytes.count)
        finishLine(rest, before: body)
        return
      }
      line = lineEnd + 1
    }
    // Nothing ends it: more likely no here-document than a broken script.
  }

  /// Reads the rest of the line as code, then goes on behind the bodies.
  private mutating func finishLine(_ rest: Range<Int>, before body: Int) {
    while position < rest.upperBound { stepShell(bytes[position]) }
    if position <= body { position = max(body, hereDocumentEnd) }
  }
}

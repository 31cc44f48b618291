import SourceCode

/// Public modules, classes and functions of Python, each with or without its docstring.
enum PythonSubjects {
  /// A function up to this many lines says what it does by itself.
  static let shortLinesMax = 4

  static func all(in source: SourceText) -> [Subject] {
    let lines = source.lines.indices.map { CodeLine(source, $0) }
    var subjects: [Subject] = []
    var classes: [Int] = []  // the indents of the public classes around
    var bodyIndent: Int?  // of the function or private class around, whose inside is its own
    var previousIsCode = false
    for index in lines.indices where !lines[index].isBlank {
      let line = lines[index]
      // Only a line that begins a statement has words of its own.
      let words = line.code.split { !isWordByte($0) }.prefix(3).map {
        String(decoding: $0, as: UTF8.self)
      }
      previousIsCode = true
      if let limit = bodyIndent, line.indent > limit { continue }
      bodyIndent = nil
      while let around = classes.last, line.indent <= around { classes.removeLast() }
      let isAsync = words.first == "async"
      guard let kind = isAsync ? words.dropFirst().first : words.first,
        kind == "def" || kind == "class", let name = words.dropFirst(isAsync ? 2 : 1).first
      else { continue }
      let isPublic = !name.hasPrefix("_")
      if kind == "class", isPublic { classes.append(line.indent) } else { bodyIndent = line.indent }
      guard isPublic, line.indent == 0 || !classes.isEmpty else { continue }
      let end = headerEnd(lines, index)
      if kind == "def", length(lines, index) <= shortLinesMax + end - index { continue }
      let isDocumented = beginsWithString(lines, after: end)
      subjects.append(
        isDocumented
          ? .good
          : .missing(
            "no-docstring", line.number, "\(kind) \(name) says nothing of what it is for"))
    }
    if previousIsCode, lines.count >= 20 { subjects.append(module(lines)) }
    return subjects
  }

  /// A module explains itself by a docstring, or by a comment above its first statement.
  private static func module(_ lines: [CodeLine]) -> Subject {
    for line in lines.prefix(200) {
      let comment = line.comment.drop { $0 <= 0x20 }
      if comment.starts(with: "#!".utf8) || isCodingLine(comment) { continue }
      if comment.split(separator: 0x20).count > 2 { return .good }
      guard let first = line.code.first(where: { $0 > 0x20 }) else { continue }
      if "\"'".utf8.contains(first) || isPrefixedString(line.code) { return .good }
      break
    }
    return .missing("no-docstring", 1, "the module says nothing of what it is for")
  }

  private static func isCodingLine(_ comment: ArraySlice<UInt8>) -> Bool {
    comment.firstRange(of: "coding".utf8) != nil
  }

  private static func isPrefixedString(_ code: [UInt8]) -> Bool {
    let rest = code.drop { $0 <= 0x20 }
    let prefix = rest.prefix { "rRuU".utf8.contains($0) }
    return prefix.count == 1 && rest.dropFirst().first.map { "\"'".utf8.contains($0) } ?? false
  }

  /// The index of the line where the header's colon stands, brackets counted.
  private static func headerEnd(_ lines: [CodeLine], _ start: Int) -> Int {
    var depth = 0
    for index in start..<min(lines.count, start + 60) {
      for byte in lines[index].code {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
        default: break
        }
      }
      if depth <= 0, lines[index].code.last(where: { $0 > 0x20 }) == UInt8(ascii: ":") {
        return index
      }
    }
    return start
  }

  private static func beginsWithString(_ lines: [CodeLine], after index: Int) -> Bool {
    guard let next = lines[(index + 1)...].first(where: { !$0.isBlank }),
      let first = next.code.first(where: { $0 > 0x20 })
    else { return false }
    return "\"'".utf8.contains(first) || isPrefixedString(next.code)
  }

  /// Lines from the header to the last that is indented deeper.
  private static func length(_ lines: [CodeLine], _ start: Int) -> Int {
    let indent = lines[start].indent
    var last = start
    for index in (start + 1)..<max(lines.count, start + 1) where !lines[index].isBlank {
      let isCloser = lines[index].code.first { $0 > 0x20 } == UInt8(ascii: ")")
      if lines[index].indent <= indent, !isCloser { break }
      last = index
    }
    return last - start + 1
  }
}

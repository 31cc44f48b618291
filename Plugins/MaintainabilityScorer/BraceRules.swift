import SourceCode

/// Functions of the languages that put blocks into braces: JavaScript and Swift.
enum BraceRules {
  private enum Kind { case function, control, other }

  private struct Block {
    var kind: Kind
    var line: Int
    /// Control blocks around it in the same function, itself included.
    var depth: Int
    /// Of a function: the deepest place in it.
    var deepest = 0
    var deepestLine = 0
  }

  private static let control: Set<String> = [
    "catch", "do", "else", "finally", "for", "guard", "if", "repeat", "switch", "try", "while",
    "with",
  ]

  /// The functions of a file that are too long or nest too deep.
  static func smells(in source: SourceText, limits: RuleLimits) -> [Smell] {
    var smells: [Smell] = []
    var open: [Block] = []
    var header: [UInt8] = []
    var headerLine = 1
    var brackets = 0
    for index in source.lines.indices {
      for byte in source.code(index) + [0x20] {
        switch byte {
        case UInt8(ascii: "{"):
          let kind = kind(of: header, source.language)
          let around = open.last?.depth ?? 0
          let depth = kind == .function ? 0 : around + (kind == .control ? 1 : 0)
          open.append(Block(kind: kind, line: headerLine, depth: depth))
          if kind == .control, let function = open.lastIndex(where: { $0.kind == .function }),
            depth > open[function].deepest
          {
            open[function].deepest = depth
            open[function].deepestLine = index + 1
          }
          header = []
        case UInt8(ascii: "}"):
          header = []
          guard let block = open.popLast(), block.kind == .function else { continue }
          smells += Self.smells(of: block, last: index + 1, limits)
        case UInt8(ascii: ";") where brackets == 0: header = []
        default:
          if byte == UInt8(ascii: "(") { brackets += 1 }
          if byte == UInt8(ascii: ")") { brackets = max(0, brackets - 1) }
          if header.isEmpty {
            if byte <= 0x20 { continue }
            headerLine = index + 1
          }
          header.append(byte)
        }
      }
      // Swift ends statements by lines; a header may go on over lines within its brackets.
      if source.language == .swift, brackets == 0, !isOpenHeader(header) { header = [] }
    }
    return smells
  }

  /// Whether the header of a block may go on on the next line.
  private static func isOpenHeader(_ header: [UInt8]) -> Bool {
    let words = Words(header).all
    return words.contains { $0 == "func" || $0 == "init" || control.contains($0) }
  }

  private static func smells(of block: Block, last: Int, _ limits: RuleLimits) -> [Smell] {
    var smells: [Smell] = []
    let length = last - block.line + 1
    if length > limits.functionLines {
      smells.append(
        Smell(
          rule: .longFunction, line: block.line,
          message: "the function has \(length) lines, more than \(limits.functionLines)"))
    }
    if block.deepest > limits.nesting {
      smells.append(
        Smell(
          rule: .deepNesting, line: block.deepestLine,
          message: "\(block.deepest) statements within each other, more than \(limits.nesting)"))
    }
    return smells
  }

  /// What sort of block a header opens; a function without a name is part of what surrounds it.
  private static func kind(of header: [UInt8], _ language: Language) -> Kind {
    let words = Words(header).all
    if language == .swift {
      if words.contains("func") || words.contains("deinit") { return .function }
      if header.firstRange(of: "init(".utf8) != nil, words.first != "self" { return .function }
      return words.contains(where: { control.contains($0) }) ? .control : .other
    }
    if let first = words.first, control.contains(first) { return .control }
    let end = header.last { $0 > 0x20 }
    let isArrow = header.reversed().drop { $0 <= 0x20 }.starts(with: ">=".utf8)
    let isAssigned = ["const", "let", "var"].contains(words.first ?? "")
    if let place = words.firstIndex(of: "function") {
      let isNamed =
        isAssigned || words.first == "function" || ["async", "export"].contains(words[0])
      return isNamed && (isAssigned || words.count > place + 1) ? .function : .other
    }
    if isArrow { return isAssigned ? .function : .other }
    // `name(a, b) {` is a method.
    return end == UInt8(ascii: ")") && !words.isEmpty && isWordByte(header[0]) ? .function : .other
  }
}

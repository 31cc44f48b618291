import SourceCode

/// Smells of files that are not Python.
enum SourceRules {
  /// All smells of `source`, in the order of the lines.
  static func smells(in source: SourceText, limits: RuleLimits) -> [Smell] {
    var smells: [Smell] = []
    if let line = source.unclosedLine {
      smells.append(
        Smell(
          rule: .unreadable, line: line,
          message: "a string, comment or block is never closed"))
    }
    // Prose is wrapped by whoever shows it, and minified code is nobody's source.
    if source.language != .markdown, !isMinified(source) {
      smells += longLines(source, limits)
    }
    switch source.language {
    case .javaScript, .swift:
      if isMinified(source) { return smells }
      smells += BraceRules.smells(in: source, limits: limits) + statements(source)
    case .shell: smells += ShellRules.smells(in: source, limits: limits)
    case .python, .markdown: break
    }
    return smells.sorted { ($0.line, $0.rule.rawValue) < ($1.line, $1.rule.rawValue) }
  }

  /// Lines of 500 bytes and more on average are no lines that people wrote.
  private static func isMinified(_ source: SourceText) -> Bool {
    source.bytes.count / max(1, source.lines.count) >= 500
  }

  private static func longLines(_ source: SourceText, _ limits: RuleLimits) -> [Smell] {
    source.lines.indices.compactMap { index in
      let length = source.raw(index).count { $0 & 0xC0 != 0x80 }
      return length <= limits.lineLength
        ? nil
        : Smell(
          rule: .longLine, line: index + 1,
          message: "\(length) characters, more than \(limits.lineLength)")
    }
  }

  /// What one statement decides: an error that is swallowed, a stop that was left in.
  private static func statements(_ source: SourceText) -> [Smell] {
    source.lines.indices.flatMap { index -> [Smell] in
      let line = CodeLine(source, index)
      var smells: [Smell] = []
      if source.language == .swift, !line.places(of: "try!").isEmpty {
        smells.append(
          Smell(rule: .forcedTry, line: index + 1, message: "an error ends the program; handle it"))
      }
      if source.language == .javaScript {
        let code = String(decoding: line.code.filter { $0 > 0x20 }, as: UTF8.self)
        if code == "debugger;" || code == "debugger" {
          smells.append(
            Smell(rule: .debugger, line: index + 1, message: "a stop for debugging was left in"))
        }
        let isExplained = line.comment.contains { $0 > 0x20 }
        if line.has("catch"), !isExplained, isEmptyCatch(code) {
          smells.append(
            Smell(
              rule: .emptyCatch, line: index + 1,
              message: "an error is swallowed; handle it, or say why not"))
        }
      }
      return smells
    }
  }
}

extension SourceRules {
  /// `catch{}` or `catch(e){}`, the blanks gone.
  fileprivate static func isEmptyCatch(_ code: String) -> Bool {
    guard let place = code.firstRange(of: "catch") else { return false }
    let rest = code[place.upperBound...]
    if rest.hasPrefix("{}") { return true }
    guard rest.hasPrefix("("), let end = rest.firstIndex(of: ")") else { return false }
    return rest[rest.index(after: end)...].hasPrefix("{}")
  }
}

/// Functions of shell scripts.
enum ShellRules {
  private static let openers: Set<String> = ["if", "for", "while", "until", "case", "select"]
  private static let closers: Set<String> = ["fi", "done", "esac"]
  /// Behind these words, as behind an operator, a command begins.
  private static let leads: Set<String> = [
    "then", "do", "else", "elif", "if", "while", "until", "!",
  ]

  private struct Function {
    var line: Int
    var indent: Int
    var depth = 0
    var deepest = 0
    var deepestLine = 0
  }

  static func smells(in source: SourceText, limits: RuleLimits) -> [Smell] {
    var smells: [Smell] = []
    var function: Function?
    for index in source.lines.indices {
      let line = CodeLine(source, index)
      if line.isBlank { continue }
      let text = String(decoding: line.code.drop { $0 <= 0x20 }, as: UTF8.self)
      if var open = function {
        if text.hasPrefix("}"), line.indent == open.indent {
          smells += Self.smells(of: open, last: index + 1, limits)
          function = nil
          continue
        }
        for word in commands(text) {
          if openers.contains(word) { open.depth += 1 }
          if closers.contains(word) { open.depth = max(0, open.depth - 1) }
          if open.depth > open.deepest {
            open.deepest = open.depth
            open.deepestLine = index + 1
          }
        }
        function = open
      } else if begins(text) {
        function = Function(line: index + 1, indent: line.indent)
      }
      if let place = line.places(of: "$@").first, !isAssignment(line.code, place.lowerBound) {
        smells.append(
          Smell(
            rule: .unquotedArguments, line: index + 1,
            message: "$@ without quotes splits words with blanks; write \"$@\""))
      }
    }
    return smells
  }

  /// `x=$@` is not split, and `[[ … ]]` splits nothing.
  private static func isAssignment(_ code: [UInt8], _ place: Int) -> Bool {
    place > 0 && code[place - 1] == UInt8(ascii: "=") || code.firstRange(of: "[[".utf8) != nil
  }

  /// `name() {` or `function name {`, its brace at the end of the line.
  private static func begins(_ text: String) -> Bool {
    let code = text.filter { $0 != " " }
    return code.hasSuffix("(){") || text.hasPrefix("function ") && code.hasSuffix("{")
  }

  /// The words of a line that stand where a command may.
  private static func commands(_ text: String) -> [String] {
    var words: [String] = []
    for part in text.split(whereSeparator: { ";&|()".contains($0) }) {
      for word in part.split(separator: " ") {
        words.append(String(word))
        if !leads.contains(String(word)) { break }
      }
    }
    return words
  }

  private static func smells(
    of function: Function, last: Int, _ limits: RuleLimits
  ) -> [Smell] {
    var smells: [Smell] = []
    let length = last - function.line + 1
    if length > limits.functionLines {
      smells.append(
        Smell(
          rule: .longFunction, line: function.line,
          message: "the function has \(length) lines, more than \(limits.functionLines)"))
    }
    if function.deepest > limits.nesting {
      smells.append(
        Smell(
          rule: .deepNesting, line: function.deepestLine,
          message: "\(function.deepest) statements within each other, more than \(limits.nesting)"))
    }
    return smells
  }
}

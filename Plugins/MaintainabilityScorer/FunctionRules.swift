/// Rules about functions: their length, how deep they nest, and what their defaults are.
enum FunctionRules {
  /// What opens a block; `elif`, `else`, `except` and `case` go on with one.
  /// Source: https://docs.python.org/3/reference/compound_stmts.html
  private static let compound: Set<String> = [
    "async", "for", "if", "match", "try", "while", "with",
  ]

  /// The functions of `source` that are too long, nest too deep or share a mutable default.
  static func smells(in source: PythonSource, limits: RuleLimits) -> [Smell] {
    var smells: [Smell] = []
    var open: [Function] = []
    for line in source.lines {
      while let function = open.last, line.indent <= function.indent {
        smells += open.removeLast().smells(limits)
      }
      let first = Words(line.code).all.prefix(2)
      if first.first == "def" || Array(first) == ["async", "def"] {
        open.append(Function(line: line.first, indent: line.indent, last: line.last))
        smells += defaults(of: line)
      } else if let innermost = open.indices.last {
        open[innermost].visit(line, isCompound: compound.contains(first.first ?? ""))
      }
      for index in open.indices { open[index].last = line.last }
    }
    for function in open { smells += function.smells(limits) }
    return smells
  }

  /// One function that is being read.
  private struct Function {
    let line: Int
    let indent: Int
    var last: Int
    var blocks: [Int] = []  // the indents of the compound statements around the current line
    var deepest = 0
    var deepestLine = 0
    /// Lines of its docstring: what explains a function makes it no longer.
    var docLineCount = 0
    private var isBegun = false

    init(line: Int, indent: Int, last: Int) {
      self.line = line
      self.indent = indent
      self.last = last
    }

    /// Takes one statement of the function in.
    mutating func visit(_ line: PythonLine, isCompound: Bool) {
      if !isBegun, line.isOneString { docLineCount = line.last - line.first + 1 }
      isBegun = true
      while let block = blocks.last, line.indent <= block { blocks.removeLast() }
      if !isCompound { return }
      blocks.append(line.indent)
      if blocks.count > deepest {
        deepest = blocks.count
        deepestLine = line.first
      }
    }

    /// What is wrong with it, once it has been read.
    func smells(_ limits: RuleLimits) -> [Smell] {
      var smells: [Smell] = []
      let length = last - line + 1 - docLineCount
      if length > limits.functionLines {
        smells.append(
          Smell(
            rule: .longFunction, line: line,
            message: "the function has \(length) lines, more than \(limits.functionLines)"))
      }
      if deepest > limits.nesting {
        smells.append(
          Smell(
            rule: .deepNesting, line: deepestLine,
            message: "\(deepest) statements within each other, more than \(limits.nesting)"))
      }
      return smells
    }
  }

  /// A default made once and shared by all calls: `= []`, `= {}`, `= list()`, `= dict()`, `= set()`.
  /// Source: https://docs.python.org/3/reference/compound_stmts.html#function-definitions
  private static func defaults(of line: PythonLine) -> [Smell] {
    let code = line.code.filter { $0 != UInt8(ascii: " ") }
    let shared = ["=[", "={", "=list(", "=dict(", "=set("]
    var depth = 0
    for index in code.indices {
      switch code[index] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "=") where depth == 1:
        let rest = code[index...]
        if !line.isSilenced, shared.contains(where: { rest.starts(with: $0.utf8) }) {
          return [
            Smell(
              rule: .mutableDefault, line: line.first,
              message: "a default that all calls share; use None and make it in the function")
          ]
        }
      default: break
      }
    }
    return []
  }
}

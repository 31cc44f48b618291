/// Something in one file that makes it harder to change.
struct Smell: Equatable {
  /// The rules, each with its weight in the score.
  enum Rule: String, CaseIterable {
    case bareExcept = "bare-except"
    case debugger
    case deepNesting = "deep-nesting"
    case emptyCatch = "empty-catch"
    case forcedTry = "forced-try"
    case longFunction = "long-function"
    case longLine = "long-line"
    case mutableDefault = "mutable-default"
    case starImport = "star-import"
    case unquotedArguments = "unquoted-arguments"
    case unreadable
    case unusedImport = "unused-import"

    /// How much one of it counts; README.md says why.
    var weight: Double {
      switch self {
      case .unreadable: 10
      case .deepNesting, .longFunction, .mutableDefault: 3
      case .bareExcept, .debugger, .emptyCatch, .forcedTry, .starImport, .unquotedArguments: 2
      case .unusedImport: 1
      case .longLine: 0.5
      }
    }
  }

  var rule: Rule
  var line: Int
  var message: String
}

/// Limits beyond which a rule speaks up.
struct RuleLimits: Equatable {
  /// Characters in a line.
  var lineLength = 100
  /// Lines in a function, its `def` included.
  var functionLines = 60
  /// Compound statements within each other in one function.
  var nesting = 4
}

/// Finds smells in one file.
enum PythonRules {
  /// All smells of `source`, in the order of the lines.
  static func smells(in source: PythonSource, isPackage: Bool, limits: RuleLimits) -> [Smell] {
    var smells = source.longLines.map {
      Smell(
        rule: .longLine, line: $0.line,
        message: "\($0.length) characters, more than \(limits.lineLength)")
    }
    if let line = source.unclosedLine {
      smells.append(
        Smell(rule: .unreadable, line: line, message: "a string or bracket is never closed"))
    }
    for line in source.lines {
      let words = Words(line.code)
      smells += statementSmells(line, words)
    }
    smells += FunctionRules.smells(in: source, limits: limits)
    if !isPackage { smells += ImportRules.unused(in: source) }
    return smells.sorted { ($0.line, $0.rule.rawValue) < ($1.line, $1.rule.rawValue) }
  }

  /// Rules that one statement decides.
  private static func statementSmells(_ line: PythonLine, _ words: Words) -> [Smell] {
    if line.isSilenced { return [] }
    switch words.first {
    case "except" where words.byte(after: 0) == UInt8(ascii: ":"):
      return [
        Smell(
          rule: .bareExcept, line: line.first,
          message: "catches everything, even the request to stop; name the exceptions")
      ]
    case "from" where words.endsWithStar && words.all.contains("import"):
      return [
        Smell(
          rule: .starImport, line: line.first,
          message: "imports every name; nobody can tell where one comes from")
      ]
    default: return []
    }
  }
}

/// The words of one logical line, and what stands behind them.
struct Words {
  /// The words, in order.
  private(set) var all: [String] = []
  private var following: [UInt8?] = []
  /// Whether the last token is `*`.
  let endsWithStar: Bool

  init(_ code: [UInt8]) {
    let space = UInt8(ascii: " ")
    endsWithStar = code.last(where: { $0 != space }) == UInt8(ascii: "*")
    var index = 0
    while index < code.count {
      let start = index
      while index < code.count, PythonScanner.isWord(code[index]) { index += 1 }
      if index == start {
        index += 1
        continue
      }
      all.append(String(decoding: code[start..<index], as: UTF8.self))
      following.append(code[index...].first { $0 != space })
    }
  }

  /// The first word.
  var first: String? { all.first }

  /// The first byte that is no blank behind word `index`.
  func byte(after index: Int) -> UInt8? { following[index] }
}

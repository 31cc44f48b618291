/// One logical line of Python: what the grammar sees between two NEWLINE tokens.
///
/// Source: https://docs.python.org/3/reference/lexical_analysis.html#line-structure
struct PythonLine {
  /// The first physical line, from 1.
  var first: Int
  /// The last physical line.
  var last: Int
  /// Columns of white space before the first token, a tab filling up to the next multiple of 8.
  var indent: Int
  /// The code with its comments removed and the inside of each string blanked out.
  var code: [UInt8]
  /// Whether a comment on it asks checkers to be silent (`# noqa`).
  var isSilenced: Bool

  /// Whether it is one string and nothing else, as a docstring is; `r"…"` may be one.
  var isOneString: Bool {
    let rest = code.drop { $0 == UInt8(ascii: "r") || $0 == UInt8(ascii: "R") }
    return rest.first.map { "\"'".utf8.contains($0) } == true
      && rest.allSatisfy { "\"' ".utf8.contains($0) }
  }
}

/// A Python file cut into logical lines, with what strings and comments hold taken out.
struct PythonSource {
  /// Logical lines that hold code.
  var lines: [PythonLine] = []
  /// Words within strings: a name in one (`__all__`, a quoted annotation) may be in use.
  var stringWords: Set<[UInt8]> = []
  /// Physical lines longer than the limit, as (line, characters).
  var longLines: [(line: Int, length: Int)] = []
  /// The line where a string or bracket opened that nothing closed.
  var unclosedLine: Int?

  /// Physical lines that hold code.
  var codeLineCount: Int { lines.reduce(0) { $0 + $1.last - $1.first + 1 } }
}

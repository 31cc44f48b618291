import KaizenPluginSDK

/// `NAME = "literal"` becomes `NAME = os.environ.get("NAME", "")`, and `import os` is added where
/// it is missing.
///
/// Source: https://docs.python.org/3/library/os.html#os.environ
enum PythonRepair {
  /// Repairs line `index`; the name of the variable.
  static func apply(_ text: inout SourceText, _ index: Int) throws(PluginFailure) -> String {
    let places = PythonPlaces(text)
    guard places.isStatement(index) else {
      throw PluginFailure("the line is part of a string or of a longer expression")
    }
    let form = Assignment.Form(allowsBlanks: true, allowsType: true)
    guard let found = Assignment(text.lines[index], form: form) else {
      throw PluginFailure("not a plain NAME = \"literal\", expected nothing else on the line")
    }
    // An import further down would come too late for a line at the top level.
    let imported = (0..<index).contains {
      places.isStatement($0) && importsOS(text.text($0))
    }
    text.replace(
      found.literal, ofLine: index, with: "os.environ.get(\"\(found.variable)\", \"\")")
    if !imported { addImport(&text, places, above: index) }
    return found.variable
  }

  /// Whether an unindented `import os` (or `os.path`, which binds os too) stands on the line.
  private static func importsOS(_ line: String) -> Bool {
    guard line.hasPrefix("import ") else { return false }
    let modules = line.dropFirst(7).prefix { $0 != "#" && $0 != ";" }.split(separator: ",")
    return modules.contains { module in
      let words = module.split(separator: " ")
      return words.count == 1 && (words[0] == "os" || words[0].hasPrefix("os."))
    }
  }

  /// Puts it into the first run of plain imports, in the order of the alphabet.
  ///
  /// Without one it goes below what must stay on top: comments, the docstring and `from __future__` imports (PEP 236).
  private static func addImport(
    _ text: inout SourceText, _ places: PythonPlaces, above index: Int
  ) {
    let line = Array("import os\(text.lineEnd)".utf8)
    let imports = (0..<index).filter {
      places.isStatement($0) && text.text($0).hasPrefix("import ")
    }
    if var place = imports.first {
      while imports.contains(place), text.text(place) < "import os" { place += 1 }
      text.lines.insert(line, at: place)
    } else {
      text.lines.insert(line, at: places.firstFreeLine(text))
    }
  }
}

/// Which lines of a Python file start a statement, by strings, brackets and continuations alone.
///
/// Source: https://docs.python.org/3/reference/lexical_analysis.html
struct PythonPlaces {
  private var startsStatement: [Bool] = []
  private var isBlank: [Bool] = []
  /// Brackets open at the end of the lines read.
  private var depth = 0
  /// The quote of the triple-quoted string that is open.
  private var tripleQuote: UInt8?
  /// Whether a backslash carries the last line on.
  private var isContinued = false
  /// The quote of the string that an escaped line end carries on.
  private var carriedQuote: UInt8?

  init(_ text: SourceText) {
    for line in text.lines {
      startsStatement.append(
        depth == 0 && tripleQuote == nil && carriedQuote == nil && !isContinued)
      let first = line.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D && $0 != 0x0C }
      isBlank.append(first == nil || first == UInt8(ascii: "\n") || first == UInt8(ascii: "#"))
      isContinued = false
      read(line)
    }
  }

  /// Whether line `index` starts outside strings and brackets.
  func isStatement(_ index: Int) -> Bool { startsStatement[index] }

  /// The first line below comments, the docstring and `from __future__` imports.
  func firstFreeLine(_ text: SourceText) -> Int {
    var free = 0
    var index = 0
    var mayBeDocstring = true  // only the first statement of a file is one
    while index < text.lines.count {
      let line = text.text(index)
      if isBlank[index] {
        if line.hasPrefix("#"), free == index { free = index + 1 }
        index += 1
      } else if mayBeDocstring && Self.startsString(line) || line.hasPrefix("from __future__") {
        repeat { index += 1 } while index < text.lines.count && !startsStatement[index]
        free = index
        mayBeDocstring = false
      } else {
        break
      }
    }
    return free
  }

  /// Whether the line begins with a string, a raw one perhaps.
  private static func startsString(_ line: String) -> Bool {
    let rest = line.drop { "rRuU".contains($0) }
    return line.count - rest.count <= 1 && (rest.first == "\"" || rest.first == "'")
  }

  /// Follows strings and brackets through one line.
  private mutating func read(_ line: [UInt8]) {
    var index = 0
    if let quote = carriedQuote {
      carriedQuote = nil
      index = readString(line, 0, quote) + 1
    }
    while index < line.count {
      let byte = line[index]
      if let quote = tripleQuote {
        if byte == UInt8(ascii: "\\") {
          index += 1
        } else if Self.isTriple(line, index, quote) {
          tripleQuote = nil
          index += 2
        }
      } else {
        switch byte {
        case UInt8(ascii: "#"): return
        case UInt8(ascii: "\""), UInt8(ascii: "'"): index = openString(line, index)
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
        case UInt8(ascii: "\\"):
          isContinued = index + 1 >= line.count || Self.isLineEnd(line[index + 1])
        default: break
        }
      }
      index += 1
    }
  }

  /// The last byte of the string that opens at `index`; a triple one may stay open.
  private mutating func openString(_ line: [UInt8], _ index: Int) -> Int {
    let quote = line[index]
    if Self.isTriple(line, index, quote) {
      tripleQuote = quote
      return index + 2
    }
    return readString(line, index + 1, quote)
  }

  /// To the quote that closes the string, or to the end of the line.
  private mutating func readString(_ line: [UInt8], _ start: Int, _ quote: UInt8) -> Int {
    var end = start
    while end < line.count, line[end] != quote {
      if line[end] == UInt8(ascii: "\\") {
        end += 1
        // An escaped line end carries the string on.
        if end >= line.count || Self.isLineEnd(line[end]) { carriedQuote = quote }
      }
      end += 1
    }
    return end
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private static func isTriple(_ line: [UInt8], _ index: Int, _ quote: UInt8) -> Bool {
    index + 2 < line.count && line[index...index + 2].allSatisfy { $0 == quote }
  }
}

/// Cuts Python into logical lines by its lexical rules alone: strings, comments, brackets and
/// continuations.
///
/// It knows no grammar, so it reads broken and future code as well.
struct PythonScanner {
  private let bytes: [UInt8]
  private var position = 0
  private var physicalLine = 1
  /// The line of each bracket that is open: within one, a line end is no end of a statement.
  private var openBrackets: [Int] = []
  private var current: PythonLine?
  private var source = PythonSource()

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The file's logical lines; a single pass over its bytes.
  static func scan(_ bytes: [UInt8], lineLengthMax: Int) -> PythonSource {
    var scanner = PythonScanner(bytes)
    scanner.run()
    scanner.source.longLines = longLines(bytes, over: lineLengthMax)
    return scanner.source
  }

  private mutating func run() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\n"): endPhysicalLine()
      case UInt8(ascii: "#"): skipComment()
      case UInt8(ascii: "\\") where peek(1) == UInt8(ascii: "\n"):
        position += 2
        physicalLine += 1
      case UInt8(ascii: "\""), UInt8(ascii: "'"): readString()
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0C: readSpace()
      default: readCode()
      }
    }
    endLogicalLine()
    if source.unclosedLine == nil { source.unclosedLine = openBrackets.first }
  }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  // MARK: Lines

  /// A line end; the statement goes on where a bracket is open.
  private mutating func endPhysicalLine() {
    if openBrackets.isEmpty { endLogicalLine() } else { append(UInt8(ascii: " ")) }
    position += 1
    physicalLine += 1
  }

  /// Keeps the statement, if any was begun.
  private mutating func endLogicalLine() {
    if let line = current { source.lines.append(line) }
    current = nil
  }

  /// Adds a byte of code; the first one of a statement fixes its line and its indentation.
  private mutating func append(_ byte: UInt8) {
    if current == nil {
      current = PythonLine(
        first: physicalLine, last: physicalLine, indent: indentation(), code: [],
        isSilenced: false)
    }
    current?.last = physicalLine
    current?.code.append(byte)
  }

  /// Columns before `position` on its physical line.
  private func indentation() -> Int {
    var start = position
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    var columns = 0
    for byte in bytes[start..<position] {
      if byte == UInt8(ascii: "\t") { columns += 8 - columns % 8 } else { columns += 1 }
    }
    return columns
  }

  // MARK: Tokens

  /// Blanks count only between tokens.
  private mutating func readSpace() {
    if current != nil { append(UInt8(ascii: " ")) }
    position += 1
  }

  /// One byte of code; brackets are counted.
  private mutating func readCode() {
    let byte = bytes[position]
    append(byte)
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
      openBrackets.append(physicalLine)
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      if openBrackets.isEmpty { source.unclosedLine = source.unclosedLine ?? physicalLine }
      _ = openBrackets.popLast()
    default: break
    }
    position += 1
  }

  /// To the end of the line.
  private mutating func skipComment() {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    // A type comment uses the names in it: https://peps.python.org/pep-0484/#type-comments
    let text = bytes[start..<position].dropFirst().drop { $0 == UInt8(ascii: " ") }
    if text.starts(with: "type:".utf8) { keepWords(text.startIndex..<position) }
    if current != nil, String(decoding: bytes[start..<position], as: UTF8.self).contains("noqa") {
      current?.isSilenced = true
    }
  }

  /// A string, its inside left out; `'''` and `"""` may run over lines, others may not.
  private mutating func readString() {
    let quote = bytes[position]
    let opened = physicalLine
    let isTriple = peek(1) == quote && peek(2) == quote
    append(quote)
    position += isTriple ? 3 : 1
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\\") {
        if peek(1) == UInt8(ascii: "\n") { physicalLine += 1 }
        position += 2
      } else if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        keepWords(start..<position)
        position += isTriple ? 3 : 1
        append(quote)
        return
      } else if byte == UInt8(ascii: "\n") {
        if !isTriple { break }
        physicalLine += 1
        position += 1
      } else {
        position += 1
      }
    }
    position = min(position, bytes.count)
    source.unclosedLine = source.unclosedLine ?? opened
  }

  /// Remembers what may be names; quoted annotations and `__all__` are uses too.
  private mutating func keepWords(_ range: Range<Int>) {
    for word in bytes[range].split(whereSeparator: { !Self.isWord($0) })
    where word.count <= 64 {  // longer runs are data, not names
      source.stringWords.insert(Array(word))
    }
  }

  /// Whether the byte may stand in a name; those of UTF-8 sequences may.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  /// Lines of more than `limit` characters, counted as Unicode scalars.
  private static func longLines(_ bytes: [UInt8], over limit: Int) -> [(line: Int, length: Int)] {
    var long: [(line: Int, length: Int)] = []
    var line = 1
    var length = 0
    for byte in bytes + [UInt8(ascii: "\n")] {
      if byte == UInt8(ascii: "\n") {
        if length > limit { long.append((line, length)) }
        line += 1
        length = 0
      } else if byte & 0xC0 != 0x80, byte != UInt8(ascii: "\r") {
        length += 1
      }
    }
    return long
  }
}

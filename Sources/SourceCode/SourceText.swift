/// One file, each byte told to be code, comment or the inside of a string.
///
/// Decided by the lexical rules of its language alone, so that broken and future code is read too.
public struct SourceText: Sendable {
  /// What a byte belongs to.
  public enum Part: UInt8, Sendable {
    /// Code, the quotes of strings among it; in Markdown the prose.
    case code
    /// A comment, its marks included.
    case comment
    /// The inside of a string, a here-document, a regular expression or a block of sample code.
    case text
  }

  /// Its language.
  public let language: Language
  /// The whole file.
  public let bytes: [UInt8]
  /// What each byte belongs to.
  public let parts: [Part]
  /// The bytes of each line, without its end.
  public let lines: [Range<Int>]
  /// The line, from 1, where a string, comment or block opened that nothing closed.
  public let unclosedLine: Int?

  /// Reads a file; one pass over its bytes.
  public init(_ bytes: [UInt8], _ language: Language) {
    var scanner = SourceScanner(bytes, language)
    scanner.run()
    self.language = language
    self.bytes = bytes
    parts = scanner.parts
    lines = Self.lines(of: bytes)
    let unclosed = scanner.unclosed
    unclosedLine = unclosed.map { place in
      1 + bytes[..<place].count { $0 == UInt8(ascii: "\n") }
    }
  }

  /// Line `index`, from 0, with everything that is not code blanked out.
  public func code(_ index: Int) -> [UInt8] { masked(index) { $0 == .code } }

  /// Line `index`, from 0, with its comments blanked out.
  public func withoutComments(_ index: Int) -> [UInt8] { masked(index) { $0 != .comment } }

  /// The comments of line `index`, from 0, everything else blanked out.
  public func comment(_ index: Int) -> [UInt8] { masked(index) { $0 == .comment } }

  /// Line `index`, from 0, as it is.
  public func raw(_ index: Int) -> ArraySlice<UInt8> { bytes[lines[index]] }

  /// The lines, from 0, that hold one of `words` anywhere; each once, in order.
  public func lines(near words: [String]) -> [Int] {
    var found: Set<Int> = []
    for word in words {
      let wanted = Array(word.utf8)
      var from = 0
      while let place = CodeLine.find(wanted, in: bytes, from: from) {
        let line = line(at: place)
        found.insert(line)
        // The rest of the line adds nothing.
        from = max(place + 1, lines[line].upperBound)
      }
    }
    return found.sorted()
  }

  /// The line, from 0, that the byte at `place` is on.
  private func line(at place: Int) -> Int {
    var (low, high) = (0, lines.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if lines[middle].lowerBound <= place { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Lines that hold code.
  public var codeLineCount: Int {
    lines.count { line in line.contains { parts[$0] != .comment && bytes[$0] > 0x20 } }
  }

  private func masked(_ index: Int, _ isKept: (Part) -> Bool) -> [UInt8] {
    lines[index].map { isKept(parts[$0]) ? bytes[$0] : UInt8(ascii: " ") }
  }

  private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let isCRLF = end > start && bytes[end - 1] == UInt8(ascii: "\r")
      lines.append(start..<(isCRLF ? end - 1 : end))
      start = end + 1
    }
    return lines
  }
}

/// Whether the byte may stand in a name; those of UTF-8 sequences may.
public func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
    true
  default: false
  }
}

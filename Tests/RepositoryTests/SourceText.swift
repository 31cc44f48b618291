/// A source file of Swift or C with what is no code blanked out: comments and the text of strings.
///
/// Lines and columns stay where they are, so a match in the code is a place in the file. What
/// stands in `\( )` within a string is code.
struct SourceText {
  /// The lines as they are.
  let lines: [String]
  /// The lines with blanks for comments and strings.
  let code: [String]

  private let commented: Set<Int>

  init(_ text: String) {
    let bytes = Array(text.utf8)
    var scanner = Scanner(bytes: bytes)
    scanner.scan()
    lines = Self.lines(of: bytes)
    code = Self.lines(of: scanner.out)
    commented = scanner.commentedLines
  }

  /// Whether a comment stands on line `index`, counted from 0.
  func hasComment(_ index: Int) -> Bool { commented.contains(index) }

  private static func lines(of bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Walks through a source once.
private struct Scanner {
  static let blank = UInt8(ascii: " ")
  private static let quote = UInt8(ascii: "\"")
  private static let hash = UInt8(ascii: "#")

  let bytes: [UInt8]
  private(set) var out: [UInt8] = []
  /// Counted from 0.
  private(set) var commentedLines: Set<Int> = []
  private var at = 0
  private var line = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
    out.reserveCapacity(bytes.count)
  }

  mutating func scan() { scanCode(untilParenthesis: false) }

  /// Keeps code, up to the parenthesis that closes an interpolation or to the end.
  private mutating func scanCode(untilParenthesis: Bool) {
    var depth = 0
    while at < bytes.count {
      if starts("//") {
        commentedLines.insert(line)
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { skip() }
      } else if starts("/*") {
        scanComment()
      } else if let hashes = stringStart() {
        scanString(hashes: hashes)
      } else if starts("'"), at + 2 < bytes.count {
        scanCharacter()
      } else {
        if starts("(") { depth += 1 }
        if starts(")") { depth -= 1 }
        keep()
        if untilParenthesis && depth < 0 { return }
      }
    }
  }

  /// How many `#` open the string that starts here; nil where none does.
  private func stringStart() -> Int? {
    var next = at
    while next < bytes.count, bytes[next] == Self.hash { next += 1 }
    guard next < bytes.count, bytes[next] == Self.quote else { return nil }
    return next - at
  }

  private mutating func scanString(hashes: Int) {
    for _ in 0..<hashes { skip() }
    let fence = String(repeating: "#", count: hashes)
    let isLong = starts("\"\"\"")
    let end = (isLong ? "\"\"\"" : "\"") + fence
    for _ in 0..<(isLong ? 3 : 1) { skip() }
    while at < bytes.count, !starts(end) {
      if starts("\\\(fence)(") {
        for _ in 0..<(1 + hashes) { skip() }
        keep()
        scanCode(untilParenthesis: true)
      } else if starts("\\\(fence)"), at + 1 + hashes < bytes.count {
        for _ in 0..<(2 + hashes) { skip() }
      } else if !isLong && starts("\n") {
        return  // an unfinished string, such as an apostrophe's in a C macro, ends with its line
      } else {
        skip()
      }
    }
    for _ in end.utf8 where at < bytes.count { skip() }
  }

  /// A C character, such as `'{'`; Swift has none.
  private mutating func scanCharacter() {
    let length = bytes[at + 1] == UInt8(ascii: "\\") ? 4 : 3
    guard at + length <= bytes.count, bytes[at + length - 1] == UInt8(ascii: "'") else {
      keep()
      return
    }
    for _ in 0..<length { skip() }
  }

  /// Comments nest in Swift, and in C no comment opens within one.
  private mutating func scanComment() {
    var depth = 0
    repeat {
      commentedLines.insert(line)
      if starts("/*") {
        depth += 1
        skip()
      } else if starts("*/") {
        depth -= 1
        skip()
      }
      skip()
    } while at < bytes.count && depth > 0
  }

  private func starts(_ text: String) -> Bool {
    var index = at
    for byte in text.utf8 {
      if index >= bytes.count || bytes[index] != byte { return false }
      index += 1
    }
    return true
  }

  private mutating func keep() {
    if bytes[at] == UInt8(ascii: "\n") { line += 1 }
    out.append(bytes[at])
    at += 1
  }

  private mutating func skip() {
    guard at < bytes.count else { return }
    let isLineFeed = bytes[at] == UInt8(ascii: "\n")
    if isLineFeed { line += 1 }
    out.append(isLineFeed ? bytes[at] : Self.blank)
    at += 1
  }
}

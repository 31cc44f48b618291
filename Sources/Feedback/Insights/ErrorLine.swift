internal import Model

/// The one line of a record that says what went wrong.
enum ErrorLine {
  /// Longest line, in bytes.
  static let bytesMax = 300

  /// Details that hold an error's text, the most telling first; `kaizen exec` writes `stderr` and
  /// `cause`.
  private static let keys = [
    "stderr", "error", "error_message", "error_text", "message", "exception", "traceback", "cause",
    "comment",
  ]

  /// The line in a failed record's details; nil where there is none.
  static func find(in details: JSONValue) -> String? {
    for key in keys {
      if let text = details[key]?.string, let line = lastLine(text) { return line }
    }
    return nil
  }

  /// The last line with something on it, where programs say why they end, in at most `bytesMax`.
  static func lastLine(_ text: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline).reversed()
    for line in lines {
      let clean = plain(line)
      if clean.utf8.contains(where: { $0 != UInt8(ascii: " ") }) { return cut(clean) }
    }
    return nil
  }

  /// Without control characters and blanks around.
  private static func plain(_ line: Substring) -> String {
    let scalars = line.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }
    var text = Substring(String(String.UnicodeScalarView(scalars)))
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// Cut to `bytesMax` at the border of a character.
  static func cut(_ text: String, _ bytesMax: Int = bytesMax) -> String {
    if text.utf8.count <= bytesMax { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: bytesMax)
    while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  /// The line with what varies from one time to the next replaced by `<*>`.
  ///
  /// Numbers, hexadecimal digits and paths vary; names in quotes stay: which module is missing is
  /// the point.
  static func template(of line: String) -> String {
    line.split(separator: " ", omittingEmptySubsequences: false).map { word in
      word.utf8.count > 1 && word.contains("/") && !word.contains("://") && word.hasPrefix("/")
        ? "<*>" : maskNumbers(word)
    }.joined(separator: " ")
  }

  /// `user_17:` → `user_<*>:`, `0x7ffe` → `<*>`, `deadbeef01` → `<*>`.
  private static func maskNumbers(_ word: Substring) -> String {
    var result = ""
    var run: [UInt8] = []
    for byte in word.utf8 {
      if isPartOfWord(byte) {
        run.append(byte)
        continue
      }
      result += mask(run) + String(UnicodeScalar(byte))
      run = []
    }
    return result + mask(run)
  }

  /// Letters and digits; whatever is not ASCII counts as letters, so that no character is cut.
  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), 128...255:
      true
    default: false
    }
  }

  private static func mask(_ run: [UInt8]) -> String {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard run.contains(where: { digits.contains($0) }) else {
      return String(decoding: run, as: UTF8.self)
    }
    let hex = run.allSatisfy { digits.contains($0) || (97...102).contains($0 | 32) }
    if hex && run.count >= 8 || run.starts(with: [48, 120]) { return "<*>" }
    var text: [UInt8] = []
    var isMasked = false
    for byte in run {
      let isDigit = digits.contains(byte)
      if isDigit && !isMasked { text += Array("<*>".utf8) }
      if !isDigit { text.append(byte) }
      isMasked = isDigit
    }
    return String(decoding: text, as: UTF8.self)
  }
}

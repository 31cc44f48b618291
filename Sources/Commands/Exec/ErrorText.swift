/// What the end of a program's stderr says.
enum ErrorText {
  /// Lines that are kept of it.
  static let lineCountMax = 20

  /// The last lines, without one that was cut at its beginning, and without control characters.
  static func lastLines(_ tail: [UInt8]) -> String {
    var bytes = tail[...]
    if tail.count >= ErrorTap.tailBytesMax, let end = tail.firstIndex(of: 10) {
      bytes = tail[(end + 1)...]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).suffix(lineCountMax).map { line in
      String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 32 || $0 == "\t" }))
    }.joined(separator: "\n")
  }

  /// The name of the error on the last line that has one: `ValueError: …`, `json.JSONDecodeError`.
  ///
  /// That is how Python, Node.js, Ruby and Java end; a word counts as the name of an error where it
  /// starts the line, has the form of a class and ends in Error, Exception or the like.
  static func type(in tail: [UInt8]) -> String? {
    let lines = lastLines(tail).split(separator: "\n").reversed()
    for line in lines {
      if let name = name(at: line) { return name }
    }
    return nil
  }

  private static let endings = ["Error", "Exception", "Interrupt", "Exit", "Failure", "Timeout"]
  private static let introductions = ["Uncaught ", "Exception in thread \"main\" "]
  private static let nameBytesMax = 100

  private static func name(at line: Substring) -> String? {
    var rest = line
    for introduction in introductions where rest.hasPrefix(introduction) {
      rest = rest.dropFirst(introduction.count)
    }
    let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") }
    let next = rest.dropFirst(word.count).first
    guard next == nil || next == ":", word.utf8.count <= nameBytesMax,
      let last = word.split(separator: ".").last, last.first?.isUppercase == true,
      endings.contains(where: { last.hasSuffix($0) })
    else { return nil }
    return String(last)
  }
}

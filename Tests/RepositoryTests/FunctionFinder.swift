/// Finds the functions of a source file by counting brackets in its code.
struct FunctionFinder {
  struct Function: Equatable {
    var name: String
    /// Its first line, from 1.
    var line: Int
    var lineCount: Int
  }

  private(set) var functions: [Function] = []

  init(_ file: Repository.File) {
    let tokens = Self.tokens(file.source.code)
    if file.isSwift { findSwift(tokens) } else { findC(tokens) }
  }

  private struct Token {
    var text: Substring
    var line: Int
    var isWord: Bool
  }

  /// Words, and every other character by itself; lines of the C preprocessor are left out.
  private static func tokens(_ lines: [String]) -> [Token] {
    var tokens: [Token] = []
    var isContinued = false
    for (index, line) in lines.enumerated() {
      let isDirective = isContinued || line.drop { $0 == " " }.hasPrefix("#")
      isContinued = isDirective && line.hasSuffix("\\")
      if isDirective { continue }
      let bytes = line.utf8
      var start = bytes.startIndex
      while start < bytes.endIndex {
        let isWord = isWordByte(bytes[start])
        var end = bytes.index(after: start)
        while isWord, end < bytes.endIndex, isWordByte(bytes[end]) { end = bytes.index(after: end) }
        if isWord || bytes[start] > 0x20 {
          tokens.append(Token(text: line[start..<end], line: index + 1, isWord: isWord))
        }
        start = end
      }
    }
    return tokens
  }

  /// Bytes beyond ASCII count too: they are parts of letters.
  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  /// `func`, `init`, `deinit` and `subscript` up to the brace that closes their body.
  private mutating func findSwift(_ tokens: [Token]) {
    for (index, token) in tokens.enumerated() where token.isWord {
      switch token.text {
      case "func", "deinit", "subscript": break
      // Not `self.init(…)` and `.init(…)`, which are calls.
      case "init" where index == 0 || tokens[index - 1].text != ".": break
      default: continue
      }
      guard let open = Self.swiftBody(tokens, from: index + 1) else { continue }
      let name = token.text == "func" ? tokens[index + 1].text : token.text
      add(name, tokens, from: token.line, open: open)
    }
  }

  /// The brace that opens the body of the declaration before `index`; a requirement has none.
  private static func swiftBody(_ tokens: [Token], from index: Int) -> Int? {
    let declarations: Set<Substring> = [
      "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "enum", "class",
      "protocol", "extension", "associatedtype", "typealias", "mutating", "static",
    ]
    var depth = 0
    for at in index..<tokens.count {
      let token = tokens[at]
      switch token.text {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "{" where depth == 0: return at
      case "}" where depth == 0: return nil
      default: if depth == 0 && token.isWord && declarations.contains(token.text) { return nil }
      }
    }
    return nil
  }

  /// A brace after a closing parenthesis, outside any function, opens the body of one.
  private mutating func findC(_ tokens: [Token]) {
    var index = 0
    while index < tokens.count {
      let marks: Set<Substring> = ["const", "noexcept", "override"]
      var before = index - 1
      while before >= 0, marks.contains(tokens[before].text) { before -= 1 }
      if tokens[index].text == "{", before >= 0, tokens[before].text == ")" {
        let start = Self.parameters(tokens, closing: before)
        let name = start > 0 ? tokens[start - 1] : tokens[start]
        index = add(name.text, tokens, from: name.line, open: index)
      }
      index += 1
    }
  }

  /// The parenthesis that `closing` closes.
  private static func parameters(_ tokens: [Token], closing: Int) -> Int {
    var (depth, at) = (0, closing)
    while at >= 0 {
      if tokens[at].text == ")" { depth += 1 }
      if tokens[at].text == "(" { depth -= 1 }
      if depth == 0 { return at }
      at -= 1
    }
    return 0
  }

  /// Adds the function whose body opens at the token `open`; the token that closes it.
  @discardableResult
  private mutating func add(
    _ name: Substring, _ tokens: [Token], from line: Int, open: Int
  ) -> Int {
    var depth = 0
    for at in open..<tokens.count {
      if tokens[at].text == "{" { depth += 1 }
      if tokens[at].text == "}" { depth -= 1 }
      if depth == 0 {
        functions.append(
          Function(name: String(name), line: line, lineCount: tokens[at].line - line + 1))
        return at
      }
    }
    return tokens.count
  }
}

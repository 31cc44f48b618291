import SourceCode

/// Values that look random and are given to a name that says they are secret.
///
/// The rule of the security analyzer (`Plugins/SecurityAnalyzer/secrets.c`, whose README.md says how
/// the constants were chosen), so that a change which writes one into a file does not pass the gate.
enum LiteralSecret {
  /// Parts of a name that say its value is secret, in lower case.
  private static let words = [
    "secret", "token", "password", "passwd", "api_key", "apikey", "access_key", "private_key",
    "auth_key", "credential",
  ]
  private static let telling = words.map { Array($0.utf8) }
  /// The same as names have them: `api_token`, `API_TOKEN`, `apiToken`.
  static let names = words.flatMap { word in
    [word, word.uppercased(), word.prefix(1).uppercased() + word.dropFirst()]
  }
  /// Parts of a value that say it is none, in lower case.
  private static let placeholders = [
    "example", "changeme", "change-me", "placeholder", "dummy", "your", "xxxx", "sample",
    "redacted",
    "todo",
  ]
  /// Bytes of a value.
  private static let valueLengths = 16...512
  /// Places where a letter and a digit meet: so many, and one for so many bytes, at least.
  private static let changesMin = 2
  private static let bytesPerChangeMax = 10
  /// Distinct bytes of a value, at least: with fewer it has no 3 bits of entropy a byte.
  private static let distinctMin = 8

  /// Whether one stands in a line; `allowsBare` where values stand without quotes, as in a shell.
  static func stands(in line: [UInt8], allowsBare: Bool) -> Bool {
    var index = 0
    while index < line.count {
      let end = line[index...].firstIndex { !isNameByte($0) } ?? line.count
      if end == index {
        index += 1
        continue
      }
      if isTelling(line[index..<end]), let start = valueStart(in: line, after: end),
        looksRandom(value(in: line, at: start, allowsBare: allowsBare))
      {
        return true
      }
      index = end
    }
    return false
  }

  private static func isNameByte(_ byte: UInt8) -> Bool { isWordByte(byte) && byte < 0x80 }

  private static func lower(_ bytes: some Collection<UInt8>) -> [UInt8] {
    bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }

  /// Not where a word goes on, as in "tokenizer".
  private static func isTelling(_ name: ArraySlice<UInt8>) -> Bool {
    let lowered = lower(name)
    return telling.contains { part in
      guard lowered.count >= part.count else { return false }
      return (0...(lowered.count - part.count)).contains { start in
        guard lowered[start...].starts(with: part) else { return false }
        let next = name.dropFirst(start + part.count).first ?? UInt8(ascii: "_")
        return !(0x61...0x7A).contains(next)
      }
    }
  }

  /// Where the value begins that a name ending before `end` is given; nil where it is given none.
  private static func valueStart(in line: [UInt8], after end: Int) -> Int? {
    var rest = line[end...]
    func skipBlanks() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }
    if let quote = rest.first, "\"'".utf8.contains(quote) { rest = rest.dropFirst() }
    if rest.first == UInt8(ascii: "]") { rest = rest.dropFirst() }
    skipBlanks()
    if rest.first == UInt8(ascii: ":") {
      rest = rest.dropFirst()
      // `: Type =` of an annotated name; else the value of a key.
      let type = rest.prefix { isNameByte($0) || " .[]?|".utf8.contains($0) }
      if type.contains(where: isNameByte), rest.dropFirst(type.count).first == UInt8(ascii: "=") {
        rest = rest.dropFirst(type.count)
      } else if rest.first != UInt8(ascii: "=") {
        skipBlanks()
        return rest.startIndex
      }
    }
    guard rest.first == UInt8(ascii: "="), rest.dropFirst().first != UInt8(ascii: "=") else {
      return nil
    }
    rest = rest.dropFirst()
    skipBlanks()
    return rest.startIndex
  }

  private static func value(
    in line: [UInt8], at start: Int, allowsBare: Bool
  ) -> ArraySlice<UInt8> {
    let rest = line[start...]
    guard let quote = rest.first else { return [] }
    if "\"'`".utf8.contains(quote) {
      let inner = rest.dropFirst()
      return inner.firstIndex(of: quote).map { inner[..<$0] } ?? []
    }
    if !allowsBare { return [] }
    return rest.prefix { $0 > 0x20 && !";#\"'`&|()".utf8.contains($0) }
  }

  /// Digits strewn among letters, and no blank and no `${…}`: words have their digits together.
  private static func looksRandom(_ value: ArraySlice<UInt8>) -> Bool {
    guard valueLengths.contains(value.count), Set(value).count >= distinctMin,
      value.allSatisfy({ isNameByte($0) || "-+/=.~!@#%^&*?,".utf8.contains($0) })
    else { return false }
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    let changes = zip(value, value.dropFirst()).count { one, next in
      isNameByte(one) && isNameByte(next) && isDigit(one) != isDigit(next)
    }
    if changes < changesMin || changes * bytesPerChangeMax < value.count { return false }
    let text = String(decoding: lower(value), as: UTF8.self)
    return !placeholders.contains { text.contains($0) }
  }
}

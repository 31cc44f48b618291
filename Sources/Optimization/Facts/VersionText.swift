/// Finds versions in what programs print.
enum VersionText {
  /// Parts of a version; more is no version.
  private static let partsMax = 6
  /// Suffixes of versions that come before a release or after it.
  private static let suffixes = ["alpha", "beta", "rc", "pre", "dev", "post", "a", "b"]

  /// The first version-like token: numbers with dots, such as `13.0.0` in `ripgrep 13.0.0 (rev a)`.
  ///
  /// A number without a dot counts only where there is none with: `less 590`.
  static func first(in text: String) -> String? {
    var whole: String?
    var rest = Substring(text)
    while let start = rest.firstIndex(where: isDigit) {
      let before = start > rest.startIndex ? rest[rest.index(before: start)] : " "
      let token = version(rest[start...])
      rest = rest[token.endIndex...]
      // Within a word it is a name: `sha256`, `x86_64`; `v18.19`, `go1.19` and `jq-1.6` are versions.
      let parts = token.split(separator: ".").count
      if parts >= 2, parts <= partsMax { return String(token) }
      if whole == nil, !before.isLetter, before != "_", before != "-" { whole = String(token) }
    }
    return whole
  }

  /// The numbers, the dots between them, and a suffix such as `-rc1`.
  private static func version(_ text: Substring) -> Substring {
    var end = text.startIndex
    while true {
      end = text[end...].firstIndex { !isDigit($0) } ?? text.endIndex
      guard text[end...].first == ".", text[end...].dropFirst().first.map(isDigit) == true else {
        break
      }
      end = text.index(after: end)
    }
    var rest = text[end...]
    if let first = rest.first, "-.".contains(first) { rest = rest.dropFirst() }
    let word = rest.prefix { $0.isASCII && $0.isLetter }
    guard suffixes.contains(word.lowercased()) else { return text[..<end] }
    rest = rest.dropFirst(word.count)
    if rest.first == ".", rest.dropFirst().first.map(isDigit) == true { rest = rest.dropFirst() }
    let number = rest.prefix(while: isDigit)
    return text[..<number.endIndex]
  }

  private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}

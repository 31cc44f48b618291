// What error messages are taken apart with; all in O(length).

extension StringProtocol {
  /// Without blanks, quotes, colons and brackets at either end.
  var plain: String {
    let marks = " '\"`’‘:;,()[]"
    var text = Substring(self)
    while let first = text.first, marks.contains(first) { text = text.dropFirst() }
    while let last = text.last, marks.contains(last) { text = text.dropLast() }
    return String(text)
  }
}

extension Substring {
  /// Where `phrase` begins for the first time.
  private func place(of phrase: String) -> Index? {
    guard let first = phrase.first else { return nil }
    var start = startIndex
    while let found = self[start...].firstIndex(of: first) {
      if self[found...].hasPrefix(phrase) { return found }
      start = index(after: found)
    }
    return nil
  }

  /// What follows `phrase`; nil where it is not there.
  func after(_ phrase: String) -> Substring? {
    place(of: phrase).map { self[$0...].dropFirst(phrase.count) }
  }

  /// What stands before `phrase`; nil where it is not there.
  func before(_ phrase: String) -> Substring? { place(of: phrase).map { self[..<$0] } }

  /// Whether `phrase` occurs.
  func contains(_ phrase: String) -> Bool { place(of: phrase) != nil }

  /// The first word, or all between the quotes it begins with.
  var word: Substring {
    if let first, "'\"`".contains(first) {
      let rest = dropFirst()
      return rest.prefix { $0 != first }
    }
    return prefix { $0 != " " && $0 != ";" && $0 != "," }
  }

  /// What stands between the first pair of quotes; nil where there is none.
  var quoted: Substring? {
    guard let start = firstIndex(where: { "'\"`".contains($0) }) else { return nil }
    let text = self[start...].word
    return text.isEmpty ? nil : text
  }
}

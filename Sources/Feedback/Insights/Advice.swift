/// What to do about errors of well-known sorts, told by the words in them.
enum Advice {
  private static let known: [(words: [String], advice: String)] = [
    (
      ["timeout", "timed out", "deadline"],
      "Set a time limit on the call, and try again after a pause that grows."
    ),
    (
      ["rate limit", "ratelimit", "429", "too many requests", "throttl"],
      "Send less at once, and wait as long as the answer says."
    ),
    (
      ["connection", "unreachable", "econn", "dns", "name resolution"],
      "Check that the service answers before work that needs it begins."
    ),
    (
      ["json", "parse", "decode", "syntax", "unexpected token"],
      "Check the input's form before it is read, and say what is wrong with it."
    ),
    (
      ["no such file", "filenotfound", "enoent"],
      "Check that the file is there before it is opened, and name it where it is not."
    ),
    (
      ["permission", "forbidden", "denied", "401", "403"],
      "Check access before the work begins, and ask for it where it is missing."
    ),
    (
      ["keyerror", "indexerror", "attributeerror", "nonetype", "undefined", "null"],
      "Check that the value is there before it is used."
    ),
    (
      ["zerodivision", "division by zero", "divide by zero"],
      "Check the divisor, and answer with an explanation where it is zero."
    ),
    (
      ["valueerror", "invalid", "typeerror", "unsupported", "validation"],
      "Check the input against what is supported first, and refuse the rest by name."
    ),
    (
      ["memory", "signal_9", "oom", "killed"],
      "Work in smaller parts, so that no operation needs so much memory."
    ),
    (
      ["assert"], "Find which expectation does not hold, and check for it before that step."
    ),
  ]

  /// Advice for an error with this type and text.
  static func text(for error: String) -> String {
    let error = error.lowercased()
    let match = known.first { entry in entry.words.contains { stands($0, in: error) } }
    return match?.advice
      ?? "Reproduce it with one of the sample operations, and check for its cause before that step."
  }

  /// Characters of words that stand within others, too.
  private static let shortWordLength = 3

  /// Whether `word` stands in a text; a short one where a word begins, since "boom" is no "oom" and
  /// "1401 ms" no 401.
  private static func stands(_ word: String, in text: String) -> Bool {
    if word.utf8.count > shortWordLength { return text.contains(word) }
    var rest = text[...]
    while let found = rest.firstRange(of: word) {
      let before = text[..<found.lowerBound].last
      if before?.isLetter != true && before?.isNumber != true { return true }
      rest = rest[found.upperBound...]
    }
    return false
  }
}

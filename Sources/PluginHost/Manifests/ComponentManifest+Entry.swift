import Model

extension ComponentManifest {
  /// One of `library`, `command` and `function`.
  static func readEntry(_ reader: inout FieldReader) -> Entry? {
    let library = reader.string("library")
    let words = reader.strings("command")
    let function = reader.nested("function") { readFunction(&$0) }
    let hasFunction = reader.has("function")
    let entry: Entry?
    switch (library, words, hasFunction) {
    case (let library?, nil, false):
      entry = readPath(library, "library", &reader).map { .library($0) }
    case (nil, let words?, false): entry = readCommand(words, &reader)
    case (nil, nil, true): entry = function.map { .function($0) }
    default:
      // A member of the wrong type was reported where it was read.
      if reader.isUsable {
        reader.report(
          "", expected: "exactly one of \"library\", \"command\" and \"function\"",
          found: library == nil && words == nil && !hasFunction ? "none" : "more than one",
          fix: "name the component's code once")
      }
      entry = nil
    }
    reader.finish()
    return entry
  }

  private static func readCommand(_ words: [String], _ reader: inout FieldReader) -> Entry {
    if !(1...Limit.wordCount).contains(words.count) || words.first == "" {
      reader.report(
        "command", expected: "1 to \(Limit.wordCount) words, the program first",
        found: words.first == "" ? "an empty word" : "\(words.count) words",
        fix: "write [\"program\", \"argument\"]")
    }
    if words.contains(where: { $0.utf8.contains(0) }) {
      reader.report(
        "command", expected: "words without NUL bytes", found: "one with a NUL byte",
        fix: "remove the byte")
    }
    if let program = words.first, RelativePath.isBundled(program) {
      _ = readPath(program, "command", &reader)
    }
    let output = reader.word("output", CommandOutput.self) ?? .jsonl
    return .command(Command(words: words, output: output, okExits: readExits(&reader)))
  }

  private static func readExits(_ reader: inout FieldReader) -> [Int32] {
    guard let value = reader.value("ok_exits") else { return [0] }
    let statuses = (value.array ?? []).compactMap { element in
      element.integer.flatMap { (0...255).contains($0) ? Int32($0) : nil }
    }
    if statuses.isEmpty || statuses.count != value.array?.count {
      reader.report(
        "ok_exits", expected: "a list of exit statuses from 0 to 255", found: value.text(),
        fix: "write [0], or the statuses that are success")
    }
    return statuses
  }
}

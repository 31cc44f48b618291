/// Names that are imported at the top level of a file and never used in it.
enum ImportRules {
  /// One name an import binds.
  private struct Binding {
    var name: String
    var line: Int
  }

  /// The imports whose names stand nowhere else.
  ///
  /// Decided by words alone: a name counts as used where the same word stands anywhere else in the
  /// code or in any string, so that what is reported is really unused.
  static func unused(in source: PythonSource) -> [Smell] {
    var bindings: [Binding] = []
    var used: Set<String> = []
    for line in source.lines {
      let words = Words(line.code)
      if words.first == "import" || words.first == "from" {
        if line.indent == 0, !line.isSilenced { bindings += Self.bindings(of: line, words) }
      } else {
        used.formUnion(words.all)
      }
    }
    return bindings.compactMap { binding in
      let isUsed =
        used.contains(binding.name) || source.stringWords.contains(Array(binding.name.utf8))
      return isUsed
        ? nil
        : Smell(
          rule: .unusedImport, line: binding.line, message: "\(binding.name) is never used")
    }
  }

  /// The names an import binds.
  ///
  /// `import a.b as c, d` binds c and d; `import a.b` binds a; `from m import a as b, c` b and c.
  /// A name given to itself (`from m import a as a`) is meant to be passed on (PEP 484).
  private static func bindings(of line: PythonLine, _ words: Words) -> [Binding] {
    let isFrom = words.first == "from"
    if isFrom, words.all.dropFirst().first == "__future__" || words.endsWithStar { return [] }
    guard let names = names(in: line.code, isFrom: isFrom) else { return [] }
    return names.split(separator: ",").compactMap { part in
      let words = Words(Array(part.utf8).filter { $0 != UInt8(ascii: "(") }).all
      if let alias = words.firstIndex(of: "as"), alias + 1 < words.count {
        let name = words[alias + 1]
        return alias == 1 && words[0] == name ? nil : Binding(name: name, line: line.first)
      }
      return words.first.map { Binding(name: $0, line: line.first) }
    }
  }

  /// What stands behind the word `import`; in `from importlib import x` it is the second such.
  private static func names(in code: [UInt8], isFrom: Bool) -> String? {
    let word = Array("import".utf8)
    guard isFrom else { return String(decoding: code.dropFirst(word.count), as: UTF8.self) }
    for start in code.indices.dropFirst() where code[start...].starts(with: word) {
      let end = start + word.count
      let isWhole =
        !PythonScanner.isWord(code[start - 1]) && code[start - 1] != UInt8(ascii: ".")
        && (end == code.count || !PythonScanner.isWord(code[end]))
      if isWhole { return String(decoding: code[end...], as: UTF8.self) }
    }
    return nil
  }
}

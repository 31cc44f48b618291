import SourceCode

/// What a Swift file offers to other modules.
enum SwiftSubjects {
  private static let kinds: Set<String> = [
    "actor", "associatedtype", "case", "class", "enum", "func", "init", "let", "macro", "protocol",
    "struct", "subscript", "typealias", "var",
  ]

  static func all(in source: SourceText) -> [Subject] {
    let lines = source.lines.indices.map { CodeLine(source, $0) }
    return lines.indices.compactMap { index in
      let words = Words.of(lines[index].code)
      guard let access = words.firstIndex(where: { $0 == "public" || $0 == "open" }),
        // `public` begins a declaration; behind it stand further modifiers.
        words[..<access].allSatisfy({ $0.hasPrefix("@") || Words.modifiers.contains($0) }),
        !words.contains("override"),
        let kind = words[(access + 1)...].first(where: { !Words.modifiers.contains($0) }),
        kinds.contains(kind)
      else { return nil }
      if Words.isExplained(lines, above: index) { return .good }
      let name = words.drop { $0 != kind }.dropFirst().first ?? ""
      return .missing(
        "no-comment", index + 1,
        "\(name.isEmpty ? kind : "\(kind) \(name)") is public and unexplained")
    }
  }
}

/// What a JavaScript module exports.
enum JavaScriptSubjects {
  static func all(in source: SourceText) -> [Subject] {
    let lines = source.lines.indices.map { CodeLine(source, $0) }
    return lines.indices.compactMap { index in
      let words = Words.of(lines[index].code).filter { $0 != "default" && $0 != "async" }
      guard words.count >= 2, words[0] == "export", words[1] == "function" || words[1] == "class"
      else { return nil }
      if Words.isExplained(lines, above: index) { return .good }
      let name = words.count > 2 ? words[2] : "the default export"
      return .missing("no-comment", index + 1, "\(words[1]) \(name) is exported and unexplained")
    }
  }
}

/// A script as a whole.
enum ShellSubjects {
  /// A script up to this many lines of code says what it does by itself.
  private static let shortLinesMax = 9
  private static let headLines = 15

  static func all(in source: SourceText) -> [Subject] {
    guard source.codeLineCount > shortLinesMax else { return [] }
    let isExplained = source.lines.indices.prefix(headLines).contains { index in
      let comment = source.comment(index).drop { $0 <= 0x20 }
      return !comment.starts(with: "#!".utf8) && comment.split(separator: 0x20).count > 2
    }
    return [
      isExplained ? .good : .missing("no-header", 1, "no comment says what the script does")
    ]
  }
}

/// Words of a line of code, and the comment above it.
enum Words {
  static let modifiers: Set<String> = [
    "async", "class", "consuming", "convenience", "dynamic", "final", "indirect", "isolated",
    "lazy",
    "mutating", "nonisolated", "nonmutating", "borrowing", "override", "required", "static",
    "unowned", "weak",
  ]

  static func of(_ code: [UInt8]) -> [String] {
    code.split { !isWordByte($0) && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "$") }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Whether a comment ends right above, attributes between them passed over.
  static func isExplained(_ lines: [CodeLine], above index: Int) -> Bool {
    var above = index - 1
    while above >= 0 {
      let line = lines[above]
      if !line.isBlank {
        let isAttribute = line.code.first { $0 > 0x20 } == UInt8(ascii: "@")
        if !isAttribute { return false }
        above -= 1
        continue
      }
      return line.comment.contains { $0 > 0x20 }
    }
    return false
  }
}

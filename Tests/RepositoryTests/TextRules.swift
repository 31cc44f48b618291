internal import Glibc

/// What may not stand in the code, or only with a word on why.
enum TextRules {
  typealias File = Repository.File
  typealias Violation = Repository.Violation

  private static let explained = ["try?", "@unchecked Sendable", "nonisolated(unsafe)"]

  /// Words that switch a check off, without a comment on their line or the one above.
  ///
  /// Of several such lines in a row, the comment above the first serves all.
  static func unexplained(in files: [File]) -> [Violation] {
    files.filter(\.isSwift).flatMap { file in
      let source = file.source
      var explainedLine = -2
      return source.code.enumerated().compactMap { index, line -> Violation? in
        guard let word = explained.first(where: { line.hasWord($0) }) else { return nil }
        let isExplained = source.hasComment(index) || source.hasComment(index - 1)
        if isExplained || explainedLine == index - 1 {
          explainedLine = index
          return nil
        }
        return Violation(
          path: file.path, line: index + 1, found: "\(word) without a comment",
          fix: "say why it is right here, on this line or the one above")
      }
    }
  }

  /// Calls of dlclose, which is unsafe for Swift, Rust and C++ alike.
  static func unloading(in files: [File]) -> [Violation] {
    files.filter(\.isSource).flatMap { file in
      file.source.code.enumerated().compactMap { index, line -> Violation? in
        guard line.hasWord("dlclose(") || line.hasWord("dlclose (") else { return nil }
        return Violation(
          path: file.path, line: index + 1, found: "a library is unloaded",
          fix: "leave it: a new version is a new process")
      }
    }
  }

  /// Types with the name of their module, which nobody could then name in full.
  ///
  /// A plugin's module is named by nobody: it is loaded, never imported.
  static func namesakes(in files: [File]) -> [Violation] {
    let kinds: Set = ["actor", "class", "enum", "protocol", "struct", "typealias"]
    return files.filter { $0.isSwift && $0.isBeneath("Sources") }.flatMap { file in
      file.source.code.enumerated().compactMap { index, line -> Violation? in
        guard line.hasWord(file.room) else { return nil }
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        let isNamesake = zip(words, words.dropFirst()).contains {
          kinds.contains($0) && $1 == file.room
        }
        guard isNamesake else { return nil }
        return Violation(
          path: file.path, line: index + 1, found: "a type bears the name of its module",
          fix: "name it after what it is")
      }
    }
  }

  /// Folders of people and of this or that machine, and words in the names of package hosts.
  ///
  /// Written in two parts, so that this file does not name them itself.
  private static let folders = [
    "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/", "/work" + "space/",
  ]
  private static let hosts = ["registry", "mirror", "artifactory", "nexus", "proxy"]

  /// Absolute paths of one machine, and hosts that packages come from.
  static func machines(in files: [File]) -> [Violation] {
    files.flatMap { file -> [Violation] in
      let suspects = folders.filter { file.text.hasBytes($0) }
      if suspects.isEmpty && !hosts.contains(where: { file.text.hasBytes($0) }) { return [] }
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      return lines.enumerated().compactMap { index, line in
        let folder = suspects.first { isPath($0, in: line) }
        guard let found = folder ?? packageHost(in: line) else { return nil }
        return Violation(
          path: file.path, line: index + 1, found: "\(found) belongs to one machine",
          fix: "derive it, or take it from the environment")
      }
    }
  }

  private static func packageHost(in line: Substring) -> String? {
    line.ranges(of: "://").map { String(line[$0.upperBound...].prefix { $0 != "/" }) }
      .first { host in hosts.contains { host.contains($0) } }
  }

  /// Whether `line` has an absolute path beneath `folder`.
  ///
  /// Nothing of a path stands before it, nor is it a text added to one: `folder + "/\u{68}ome/x"`.
  private static func isPath(_ folder: String, in line: Substring) -> Bool {
    line.ranges(of: folder).contains { range in
      let before = line[..<range.lowerBound]
      let isStart = before.last.map { !($0.isLetter || $0.isNumber || ")}./_-*$".contains($0)) }
      let isAdded = before.hasSuffix("+ \"")
      let isMore = line[range.upperBound...].first.map { $0.isLetter || $0.isNumber } ?? false
      return isStart ?? true && !isAdded && isMore
    }
  }
}

extension String {
  /// Whether `bytes` stands in it anywhere.
  func hasBytes(_ bytes: String) -> Bool {
    var (text, part) = (self, bytes)
    return text.withUTF8 { text in
      part.withUTF8 { part in
        guard let start = text.baseAddress, let wanted = part.baseAddress else { return false }
        return memmem(start, text.count, wanted, part.count) != nil
      }
    }
  }

  /// Whether `word` stands in it with no letter, digit or underscore before.
  func hasWord(_ word: String) -> Bool {
    guard hasBytes(word) else { return false }
    return ranges(of: word).contains { range in
      self[..<range.lowerBound].last.map { !($0.isLetter || $0.isNumber || $0 == "_") } ?? true
    }
  }
}

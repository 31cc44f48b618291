import KaizenPluginSDK
import SourceCode

extension SecurityRules {
  static let shell = [
    SecurityRule("eval", .warning, "what stands in a variable runs as code", near: ["eval"]) {
      line in
      line.places(of: "eval").contains { place in
        ShellWords.isCommand(line.code, at: place.lowerBound)
          // `eval set -- "$TEMP"` sets the arguments that getopt(1) has quoted, as its page says.
          && !line.content[place.upperBound...].filter { $0 != UInt8(ascii: "\"") }
            .drop { $0 == 0x20 }.starts(with: "set -- ".utf8)
          && line.content[place.upperBound...].contains(UInt8(ascii: "$"))
          // `eval "$(tool init)"` is how tools are set up, and runs what the tool says anyway.
          && line.content[place.upperBound...].firstRange(of: "$(".utf8) == nil
      }
    },
    SecurityRule(
      "download-to-shell", .error, "runs whatever the other side sends; check it first",
      near: ["curl", "wget"]
    ) { line in
      guard line.has("curl") || line.has("wget") else { return false }
      return ShellWords.pipesIntoShell(line.code)
    },
    SecurityRule(
      "no-verify", .warning, "the other side's identity is not checked",
      near: ["curl", "wget", "StrictHostKeyChecking"]
    ) { line in
      line.has("wget") && line.has("--no-check-certificate")
        || line.has("curl") && (line.has("--insecure") || line.has("-k"))
        || line.contains("StrictHostKeyChecking=no")
    },
    SecurityRule(
      "world-writable", .warning, "everybody may write it; give the group at most",
      near: ["chmod"]
    ) { line in
      line.has("chmod")
        && ["777", "0777", "666", "0666", "a+w", "o+w", "a+rwx"].contains { line.has($0) }
    },
    SecurityRule(
      "unguarded-rm", .warning, "empty, the variable makes it remove /; use ${X:?}", near: ["rm"]
    ) { line in line.has("rm") && ShellWords.removesUnguarded(line.content)
    },
  ]
}

/// What stands where in a line of shell.
enum ShellWords {
  /// Whether a word at `index` is a command: the first of its line, or behind an operator.
  static func isCommand(_ code: [UInt8], at index: Int) -> Bool {
    let before = code[..<index].last { $0 > 0x20 }
    return before.map { ";&|({!".utf8.contains($0) } ?? true
      || ["then", "do", "else"].contains { code[..<index].trimmedEnd.ends(with: $0) }
  }

  /// Whether a pipe leads into a shell.
  static func pipesIntoShell(_ code: [UInt8]) -> Bool {
    for part in code.split(separator: UInt8(ascii: "|")).dropFirst() {
      var words = part.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }[...]
      while let word = words.first, word == "sudo" || word.hasPrefix("-") || word == "env" {
        words = words.dropFirst()
      }
      let name = words.first?.split(separator: "/").last.map(String.init) ?? ""
      if ["sh", "bash", "zsh", "dash", "ksh"].contains(name.filter { $0 != ")" && $0 != ";" }) {
        return true
      }
    }
    return false
  }

  /// `rm -rf $X/…`, `rm -rf "$X"/*`, `rm -r "${X}/lib"`: without a value all of / or of /lib goes.
  static func removesUnguarded(_ content: [UInt8]) -> Bool {
    let words = content.split { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ";") }
      .map { String(decoding: $0.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self) }
    guard let command = words.firstIndex(of: "rm") else { return false }
    let rest = words[(command + 1)...]
    let isRecursive = rest.contains { word in
      word == "--recursive"
        || word.hasPrefix("-") && !word.hasPrefix("--") && word.contains { $0 == "r" || $0 == "R" }
    }
    return isRecursive
      && rest.contains { word in
        guard word.hasPrefix("$"), !word.hasPrefix("$("), let slash = word.firstIndex(of: "/")
        else {
          return false
        }
        let variable = word[..<slash]
        let tail = word[word.index(after: slash)...]
        // A path of several parts is no folder of the system's; `/*` and `/name` are.
        return !variable.contains(":") && !variable.contains("?") && !tail.contains("/")
          && tail.first != "$"
      }
  }
}

extension ArraySlice<UInt8> {
  fileprivate var trimmedEnd: ArraySlice<UInt8> {
    var slice = self
    while let last = slice.last, last <= 0x20 { slice = slice.dropLast() }
    return slice
  }

  fileprivate func ends(with word: String) -> Bool {
    let bytes = Array(word.utf8)
    guard suffix(bytes.count).elementsEqual(bytes) else { return false }
    return dropLast(bytes.count).last.map { !isWordByte($0) } ?? true
  }
}

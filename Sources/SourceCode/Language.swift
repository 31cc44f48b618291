/// A language that the scorers read.
public enum Language: String, CaseIterable, Hashable, Sendable {
  case javaScript
  case markdown
  case python
  case shell
  case swift

  /// The language of a file by its name's extension, or by the first line of a file without one.
  public static func of(_ path: String, _ bytes: [UInt8]) -> Language? {
    let name = path.split(separator: "/").last ?? ""
    if let dot = name.lastIndex(of: "."), dot != name.startIndex {
      return byExtension[name[name.index(after: dot)...].lowercased()]
    }
    guard bytes.starts(with: "#!".utf8) else { return nil }
    let line = bytes.dropFirst(2).prefix(127).prefix { $0 != UInt8(ascii: "\n") }
    // `#!/usr/bin/env -S python3 -u`: the first word that names an interpreter.
    for word in line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x2F }) {
      let letters = word.prefix { (0x61...0x7A).contains($0) }
      if let language = byInterpreter[String(decoding: letters, as: UTF8.self)] { return language }
    }
    return nil
  }

  private static let byExtension: [String: Language] = [
    "py": .python, "js": .javaScript, "mjs": .javaScript, "cjs": .javaScript, "sh": .shell,
    "bash": .shell, "swift": .swift, "md": .markdown, "markdown": .markdown,
  ]

  private static let byInterpreter: [String: Language] = [
    "python": .python, "node": .javaScript, "nodejs": .javaScript, "sh": .shell, "bash": .shell,
    "dash": .shell, "ksh": .shell, "swift": .swift,
  ]
}

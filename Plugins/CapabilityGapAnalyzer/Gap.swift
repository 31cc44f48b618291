/// Something that an agent tried to use and did not have.
struct Gap: Hashable {
  /// What is missing.
  enum Kind: String { case command, module, tool, file, permission }

  /// What is missing.
  var kind: Kind
  /// Its name: a program, a module, a path.
  var name: String

  /// Characters of a name.
  private static let nameMax = 200
  /// Bytes of a text that are looked at.
  private static let textBytesMax = 4096

  /// A gap with a name that can be shown; nil for none.
  init?(_ kind: Kind, _ name: some StringProtocol) {
    var plain = String(name).filter { !$0.isNewline && $0 != "\t" }.plain
    // A sentence ends with a dot; `./run.sh` begins with one.
    while plain.last == "." { plain.removeLast() }
    guard !plain.isEmpty, plain.count <= Self.nameMax else { return nil }
    self.kind = kind
    self.name = plain
  }

  /// One line, the same as long as the matter is.
  var title: String {
    switch kind {
    case .command: "command \(name) is missing"
    case .module: "module \(name) is missing"
    case .tool: "tool \(name) is missing"
    case .file: "file \(name) is missing"
    case .permission: "permission for \(name) is missing"
    }
  }

  /// The gap that an error's text tells of; the last line that tells of one counts, since programs
  /// end with the reason.
  init?(in text: String) {
    let lines = text.prefix(Self.textBytesMax).split(whereSeparator: \.isNewline)
    for line in lines.reversed() {
      if let gap = Self.inLine(Substring(line)) {
        self = gap
        return
      }
    }
    return nil
  }

  private static func inLine(_ line: Substring) -> Gap? {
    module(line) ?? command(line) ?? tool(line) ?? permission(line) ?? file(line)
  }

  // MARK: - Modules

  /// What Python and Node say of a module that is not there.
  ///
  /// Python: https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError
  /// Node: https://nodejs.org/api/errors.html#module_not_found
  private static func module(_ line: Substring) -> Gap? {
    if let name = line.after("No module named ") { return Gap(.module, name.word) }
    if let rest = line.after("Cannot find module ") { return Gap(.module, rest.word) }
    if let rest = line.after("Cannot find package ") { return Gap(.module, rest.word) }
    if let rest = line.after("cannot import name ") {
      guard let from = rest.after(" from ") else { return Gap(.module, rest.word) }
      return Gap(.module, "\(from.word.plain).\(rest.word.plain)")
    }
    return nil
  }

  // MARK: - Commands

  /// What shells and runtimes say of a program that is not there.
  ///
  /// bash: `bash: line 1: rg: command not found`; zsh: `zsh: command not found: rg`; dash:
  /// `sh: 1: rg: not found`; Go: `exec: "rg": executable file not found in $PATH`.
  private static func command(_ line: Substring) -> Gap? {
    if let rest = line.after("command not found: ") { return Gap(.command, rest.word) }
    for phrase in [": command not found", ": executable file not found", ": not found"] {
      guard let before = line.before(phrase), let last = before.split(separator: ":").last else {
        continue
      }
      // A sentence is no program: dash names one word.
      let name = last.plain
      if !name.contains(" ") { return Gap(.command, name) }
    }
    // env(1), and Python's subprocess for a program that is not on the PATH.
    guard let path = missingPath(line), !path.contains("/") else { return nil }
    return line.hasPrefix("env: ") || line.contains("FileNotFoundError")
      || line.contains("spawn ") ? Gap(.command, path) : nil
  }

  // MARK: - Tools

  /// What frameworks say of a tool that a model asked for and that is not registered.
  private static func tool(_ line: Substring) -> Gap? {
    for phrase in ["unknown tool: ", "Unknown tool: ", "no such tool: ", "Tool not found: "] {
      if let rest = line.after(phrase) { return Gap(.tool, rest.word) }
    }
    for phrase in [" is not a valid tool", " is not an available tool", " tool not found"] {
      if let last = line.before(phrase)?.split(separator: " ").last { return Gap(.tool, last) }
    }
    return nil
  }

  // MARK: - Permissions

  /// strerror(3) of EACCES and EPERM, and Node's words for them.
  private static func permission(_ line: Substring) -> Gap? {
    let lower = line.lowercased()
    for phrase in ["permission denied", "operation not permitted"] {
      guard let rest = Substring(lower).after(phrase) else { continue }
      // The lower-case text has the same characters in the same places, but for letters that grow.
      let end = line.suffix(rest.count)
      if let path = end.quoted { return Gap(.permission, path) }
      let start = line.dropLast(rest.count + phrase.count)
      if let path = start.plain.split(separator: ":").last?.plain, !path.isEmpty {
        return Gap(.permission, path)
      }
      return Gap(.permission, end)
    }
    return nil
  }

  // MARK: - Files

  private static func file(_ line: Substring) -> Gap? {
    missingPath(line).flatMap { Gap(.file, $0) }
  }

  /// The path that ENOENT is about: `cat: /x: No such file or directory`, and Python's and Node's
  /// `No such file or directory: '/x'`, `ENOENT: no such file or directory, open '/x'`.
  private static func missingPath(_ line: Substring) -> String? {
    for phrase in ["No such file or directory", "no such file or directory"] {
      guard let rest = line.after(phrase) else { continue }
      if let path = rest.quoted { return path.plain }
      let before = line.before(phrase) ?? ""
      return before.plain.split(separator: ":").last?.plain
    }
    if let rest = line.after("spawn "), line.contains("ENOENT") { return rest.word.plain }
    return nil
  }
}

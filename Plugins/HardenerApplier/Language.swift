import KaizenPluginSDK

/// How a sort of file gets a value from the environment.
enum Language {
  case python
  case shell
  case json

  /// By the name of the file, or by its first line.
  static func of(_ file: String, _ text: SourceText) throws(PluginFailure) -> Language {
    if file.hasSuffix(".py") { return .python }
    if file.hasSuffix(".sh") || file.hasSuffix(".bash") { return .shell }
    if file.hasSuffix(".json") { return .json }
    let first = text.lines.isEmpty ? "" : text.text(0)
    if first.hasPrefix("#!") {
      if first.contains("python") { return .python }
      if first.hasSuffix("sh") { return .shell }
    }
    throw PluginFailure("no known way to read the environment from this sort of file")
  }

  /// Makes the literal on line `index` a reference to the environment, and returns the variable.
  func removeSecret(_ text: inout SourceText, _ index: Int) throws(PluginFailure) -> String {
    switch self {
    case .python: try PythonRepair.apply(&text, index)
    case .shell: try ShellRepair.apply(&text, index)
    case .json: try JSONRepair.apply(&text, index)
    }
  }
}

/// `NAME="literal"` becomes `NAME="${NAME:-}"`: empty, not unset, where the variable is missing.
///
/// Source: POSIX.1-2017, XCU 2.6.2, "Parameter Expansion".
enum ShellRepair {
  static func apply(_ text: inout SourceText, _ index: Int) throws(PluginFailure) -> String {
    if isInHereDocument(text, index) { throw PluginFailure("the line is text of a here-document") }
    let form = Assignment.Form(
      prefixes: ["export", "readonly", "local", "declare"], allowsBlanks: false, allowsBare: true)
    guard let found = Assignment(text.lines[index], form: form) else {
      throw PluginFailure("not a plain NAME=\"literal\", expected nothing else on the line")
    }
    text.replace(found.literal, ofLine: index, with: "\"${\(found.variable):-}\"")
    return found.variable
  }

  /// Whether a `<<WORD` above line `index` has not met its `WORD` yet (XCU 2.7.4).
  private static func isInHereDocument(_ text: SourceText, _ index: Int) -> Bool {
    var delimiter: String?
    for line in 0..<index {
      let content = text.text(line)
      if let open = delimiter {
        if content.drop(while: { $0 == "\t" }) == open { delimiter = nil }
      } else {
        delimiter = self.delimiter(in: content)
      }
    }
    return delimiter != nil
  }

  /// The word that ends the here-document opened on the line; nil where none is opened.
  private static func delimiter(in line: String) -> String? {
    let parts = line.split(separator: "<<", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].hasPrefix("<") else { return nil }
    let rest = parts[1].drop { $0 == "-" || $0 == " " || $0 == "'" || $0 == "\"" || $0 == "\\" }
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return word.isEmpty ? nil : String(word)
  }
}

/// A string becomes `"${NAME}"`, where the file's reader is known to resolve such references.
enum JSONRepair {
  static func apply(_ text: inout SourceText, _ index: Int) throws(PluginFailure) -> String {
    let whole = text.bytes
    let root = try JSONNode(parsing: whole)
    let start = text.lines[..<index].reduce(0) { $0 + $1.count }
    let lineRange = start..<start + text.lines[index].count
    var strings: [(key: String, node: JSONNode)] = []
    collect(root, key: "", into: &strings)
    // JSON itself knows no references. That others stand in this file shows that its reader does.
    guard strings.contains(where: { isReference($0.node.string ?? "") }) else {
      throw PluginFailure(
        "nothing shows that what reads this file resolves ${NAME}; expected another such value")
    }
    let here = strings.filter { lineRange.contains($0.node.range.lowerBound) && !$0.key.isEmpty }
    guard here.count == 1, let found = here.first, let name = variable(found.key) else {
      throw PluginFailure("expected one \"name\": \"literal\" on the line")
    }
    let range = found.node.range
    text.replace(
      range.lowerBound - start..<range.upperBound - start, ofLine: index, with: "\"${\(name)}\"")
    return name
  }

  /// All strings of the document with the key each has; elements of arrays have none.
  private static func collect(
    _ node: JSONNode, key: String, into strings: inout [(key: String, node: JSONNode)]
  ) {
    switch node.content {
    case .string: strings.append((key, node))
    case .array(let elements): for element in elements { collect(element, key: "", into: &strings) }
    case .object(let members):
      for member in members { collect(member.value, key: member.key, into: &strings) }
    default: break
    }
  }

  /// Whether the string is `${NAME}` and nothing else.
  private static func isReference(_ text: String) -> Bool {
    guard text.hasPrefix("${"), text.hasSuffix("}") else { return false }
    return variable(String(text.dropFirst(2).dropLast())) != nil
  }

  /// The key as a variable's name: upper case, `-` and `.` as `_`; nil where it cannot be one.
  private static func variable(_ key: String) -> String? {
    let name = key.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 }
    let isSound =
      !name.isEmpty && name.count <= 128 && !(name.first?.isNumber ?? true)
      && name.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return isSound ? String(name) : nil
  }
}

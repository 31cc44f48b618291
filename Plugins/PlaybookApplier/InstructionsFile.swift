import KaizenPluginSDK

/// Where an agent's instructions are, or may be begun.
enum InstructionsFile {
  /// A file that is there or is to be made.
  case file(String, isNew: Bool)
  /// None may be written, and why.
  case none(String)

  private static let names = ["AGENTS.md", "CLAUDE.md"]

  /// The file that is there wins, the one asked for before the other; else AGENTS.md is begun.
  static func choose(
    asked: String?, _ clone: borrowing Tree, agentJSON: String
  ) throws(PluginFailure) -> InstructionsFile {
    let order = names.sorted { a, b in a == asked && b != asked }
    let changeable = Set(clone.files)
    if let name = order.first(where: { changeable.contains($0) }) {
      return .file(name, isNew: false)
    }
    // What is there and not listed is the owner's alone: a second file beside it would be ignored.
    for name in order where clone.exists(name) {
      return .none("\(name) is protected or not one of the agent's files")
    }
    let agent = try JSONNode(parsing: agentJSON)
    let paths = agent["paths"]?.elements.compactMap(\.string) ?? ["**"]
    let kept = ["protected", "ignore"].flatMap { agent[$0]?.elements.compactMap(\.string) ?? [] }
    guard paths.contains(where: { matches($0, names[0]) }) else {
      return .none(
        "the agent's paths (\(paths.joined(separator: ", "))) have no room for \(names[0])")
    }
    guard !kept.contains(where: { matches($0, names[0]) }) else {
      return .none("\(names[0]) is protected or ignored")
    }
    return .file(names[0], isNew: true)
  }

  /// Whether a glob matches the name of a file at the root; the host has the last word on it.
  private static func matches(_ glob: String, _ name: String) -> Bool {
    var pattern = Substring(glob)
    while pattern.hasPrefix("**/") { pattern = pattern.dropFirst(3) }
    return matches(Array(pattern.utf8)[...], Array(name.utf8)[...])
  }

  private static func matches(_ glob: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    guard let first = glob.first else { return name.isEmpty }
    switch first {
    case UInt8(ascii: "*"):
      let rest = glob.drop { $0 == UInt8(ascii: "*") }
      return (name.startIndex...name.endIndex).contains { matches(rest, name[$0...]) }
    case UInt8(ascii: "?"):
      return !name.isEmpty && matches(glob.dropFirst(), name.dropFirst())
    default:
      return name.first == first && matches(glob.dropFirst(), name.dropFirst())
    }
  }
}

public import Model

/// How an agent's generations go live at its path.
public enum AttachMode: String, CaseIterable, Sendable {
  /// The path is the live tree itself, exchanged with its successor.
  case directory
  /// The path is a link to the live tree in the store, exchanged with a link to its successor; every
  /// tree stays where it is for life, so that who resolved the path once sees one generation.
  case managed

  /// Modes that people may ask for and this version does not have, and what to do instead.
  private static let missing = [
    "files": "attach a folder of its own as a whole: --attach directory",
    "git": "attach the work tree as a folder: --attach directory (.git stays out of generations)",
  ]

  /// The mode of that name.
  /// - Throws: `E_ATTACH_MODE`, which says what there is instead.
  public init(named name: String) throws(KaizenError) {
    if let mode = AttachMode(rawValue: name) {
      self = mode
      return
    }
    let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
    if let instead = Self.missing[name] {
      throw KaizenError(
        "E_ATTACH_MODE", "attach mode \"\(name)\" is not in this version, which has: \(names)",
        hint: instead)
    }
    throw KaizenError(
      "E_ATTACH_MODE", "there is no attach mode \"\(name)\"", hint: "this version has: \(names)")
  }
}

public import Model

/// What a change to an agent may touch, and how much.
public struct ChangeRules: Hashable, Sendable {
  /// One reason to refuse a change.
  public struct Violation: Hashable, Sendable {
    /// The file.
    public var path: TreePath
    /// The rule, in words that end the sentence "PATH …".
    public var rule: String
  }

  /// Where tests live by custom, whatever the language: whoever changes code may not change what
  /// judges it.
  public static let testGlobs = [
    "**/tests/**", "**/test/**", "**/__tests__/**", "**/spec/**", "**/test_*", "**/*_test.*",
    "**/*.test.*", "**/*.spec.*", "**/conftest.py",
  ]

  /// Globs of what may be written: the appliers' `needs.write`.
  public var allowed: [PathPattern]
  /// Globs of what no applier may touch, `agent.json` and the tests among them.
  public var protected: [PathPattern]
  /// Most paths that may differ.
  public var fileCountMax: Int
  /// Most bytes that new and changed files may have together.
  public var byteCountMax: Int64
  /// Most lines added and removed.
  public var lineCountMax: Int

  /// Rules for a plan's appliers on an agent.
  ///
  /// The files that the test, health and reload commands name are protected as tests, wherever they
  /// are: what judges a change, or runs unconfined, is not for a change to write.
  public init(
    descriptor: AgentDescriptor, allowed: [String], lineCountMax: Int, fileCountMax: Int = 200,
    byteCountMax: Int64 = 10 << 20
  ) {
    self.allowed = allowed.map { PathPattern($0) }
    let commands = [descriptor.test, descriptor.health, descriptor.reload].compactMap { $0 }
    let commandFiles = commands.flatMap(\.words).filter { !$0.hasPrefix("/") }
    protected = (descriptor.protected + ["agent.json"] + Self.testGlobs).map { PathPattern($0) }
    // A word that is no file protects a path nobody has.
    protected += commandFiles.map {
      PathPattern(Self.literal($0.hasPrefix("./") ? String($0.dropFirst(2)) : $0))
    }
    self.fileCountMax = fileCountMax
    self.byteCountMax = byteCountMax
    self.lineCountMax = lineCountMax
  }

  /// The glob that matches that text and no other.
  private static func literal(_ text: String) -> String {
    text.reduce(into: "") { glob, character in
      if "*?[\\".contains(character) { glob.append("\\") }
      glob.append(character)
    }
  }

  /// Every reason to refuse `diff`, in the order of the paths.
  public func violations(_ diff: TreeDiff) -> [Violation] {
    var found = diff.hazards.map { Violation(path: $0.path, rule: "is \($0.what)") }
    for change in diff.changes {
      if let glob = protected.first(where: { matches($0, change.path) }) {
        found.append(Violation(path: change.path, rule: "is protected (\"\(glob.text)\")"))
      } else if change.kind != .removed, change.path.bytes.contains(where: Self.isControl) {
        // No scorer can name it in a finding, so no gate would judge what it holds.
        found.append(Violation(path: change.path, rule: "has a control character in its name"))
      } else if needsPermission(change), !allowed.contains(where: { $0.matches(change.path) }) {
        let globs = allowed.map { "\"\($0.text)\"" }.joined(separator: ", ")
        found.append(
          Violation(
            path: change.path,
            rule: "may not be \(change.kind.words): only \(globs.isEmpty ? "nothing" : globs) may"))
      }
    }
    return found + excess(diff)
  }

  private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

  /// Makes sure that `diff` changes something, and only what it may.
  /// - Throws: `E_NO_CHANGE`, or `E_CHANGE_REFUSED` with the first files and rules.
  public func check(_ diff: TreeDiff) throws(KaizenError) {
    let violations = violations(diff)
    if violations.isEmpty {
      if diff.isEmpty {
        throw KaizenError(
          "E_NO_CHANGE", "the appliers changed nothing", hint: "there is nothing to test or keep")
      }
      return
    }
    let shown = violations.prefix(5).map { "\"\($0.path)\" \($0.rule)" }.joined(separator: "; ")
    let rest = violations.count - 5
    throw KaizenError(
      "E_CHANGE_REFUSED", shown + (rest > 0 ? "; and \(rest) more" : ""),
      hint: "the change is thrown away; widen the applier's needs.write, or choose another applier")
  }

  /// A glob that protects a folder protects what is in it, and a folder that goes takes all along.
  private func matches(_ glob: PathPattern, _ path: TreePath) -> Bool {
    var above: TreePath? = path
    while let folder = above, !folder.bytes.isEmpty {
      if glob.matches(folder) { return true }
      above = folder.parent
    }
    return false
  }

  /// Folders come and go with the files in them; only what a change does to one itself needs leave.
  private func needsPermission(_ change: TreeDiff.Change) -> Bool {
    let isFolder = change.old?.kind == .directory || change.new?.kind == .directory
    return !isFolder || change.kind == .modeChanged || change.kind == .changed
  }

  private func excess(_ diff: TreeDiff) -> [Violation] {
    var found: [Violation] = []
    func limit(_ count: Int64, _ most: Int64, _ what: String) {
      guard count > most, let last = diff.changes.last else { return }
      found.append(
        Violation(
          path: last.path, rule: "and the others change \(count) \(what), at most \(most) may"))
    }
    limit(Int64(diff.changes.count), Int64(fileCountMax), "files")
    limit(diff.byteCount, byteCountMax, "bytes")
    limit(Int64(diff.lineCount), Int64(lineCountMax), "lines")
    return found
  }
}

extension TreeDiff.Change.Kind {
  /// The kind after "may not be".
  var words: String {
    switch self {
    case .added: "added"
    case .removed: "removed"
    case .changed: "changed"
    case .modeChanged: "given other permissions"
    }
  }
}

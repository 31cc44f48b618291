import Linux
public import Model

extension GenerationStore {
  /// The live generation as it is now: what a trial starts from.
  ///
  /// Where somebody edited the live tree since its generation was recorded, or put another folder in
  /// its place, what is there now becomes a generation of its own, durable on return. Its files stay
  /// where they are.
  public func base() throws(KaizenError) -> GenerationManifest {
    guard let root = try liveRoot() else {
      throw KaizenError(
        "E_ROOT_MISSING", "agent \"\(layout.id)\": there is no folder \"\(layout.root)\"",
        hint: "put it back, or remove the agent")
    }
    let parent: GenerationManifest? =
      if let live = try record(ofRoot: root) { try manifest(live.number) } else { nil }
    let live = try openRoot()
    let reading: TreeScanner.Reading =
      parent.map { .changed(since: $0.entries, takenAtNanoseconds: $0.takenAtNanoseconds) } ?? .all
    let listing = try TreeScanner(paths, reading: reading).scan(live)
    if let parent, listing.differences(from: parent.entries).isEmpty { return parent }
    let above = if let parent { parent.number } else { try records().last?.number }
    let edits = GenerationManifest(
      listing, number: try nextNumber(), parent: above,
      origin: .edits, root: root)
    try save(edits, isDurable: true)
    return edits
  }

  /// The paths where the live tree differs from `base`; empty where it has not moved.
  ///
  /// Looks at every file's status, and reads those whose status differs.
  /// - Complexity: O(n) for n files.
  public func drift(from base: GenerationManifest) throws(KaizenError) -> [TreePath] {
    try drift(of: try openRoot(), from: base)
  }

  func drift(
    of tree: borrowing DirectoryHandle, from manifest: GenerationManifest
  ) throws(KaizenError) -> [TreePath] {
    try TreeScanner(
      paths,
      reading: .changed(
        since: manifest.entries, takenAtNanoseconds: manifest.takenAtNanoseconds)
    ).scan(tree).differences(from: manifest.entries)
  }

  /// Makes sure that the live tree still equals `base`.
  /// - Throws: `E_BASE_MOVED`, which names what was edited.
  public func requireUnmoved(from base: GenerationManifest) throws(KaizenError) {
    let moved = try drift(from: base)
    if !moved.isEmpty { throw Self.baseMoved(layout, base.number, moved) }
  }

  static func baseMoved(
    _ layout: AgentLayout, _ base: GenerationNumber, _ paths: [TreePath]
  ) -> KaizenError {
    KaizenError(
      "E_BASE_MOVED",
      "agent \"\(layout.id)\" was edited since generation \(base): \(listed(paths))",
      hint: "the edit stays; optimize again, and it becomes the base")
  }
}

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
    if let parent, listing.differences(from: parent.entries).isEmpty {
      return try refresh(parent, by: listing)
    }
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

  /// The manifest of a tree that was found to equal it, with what the look at the tree showed.
  ///
  /// A file that was changed just before the manifest was made may have been again without showing:
  /// until somebody has read it later, each look reads it. So whoever did notes it, once.
  func refresh(
    _ manifest: GenerationManifest, by listing: TreeListing
  ) throws(KaizenError) -> GenerationManifest {
    if listing.isUnchanged || listing.entries.count != manifest.entries.count { return manifest }
    let fresh = GenerationManifest(
      record: manifest.record, entries: listing.entries,
      takenAtNanoseconds: listing.takenAtNanoseconds)
    let path = layout.manifest(manifest.number)
    try io(path, "writing") { () throws(SystemError) in
      try Files.replace(path, with: fresh.binary)
    }
    return fresh
  }

  /// The paths where a tree differs from its manifest, which is refreshed where there are none.
  func driftRefreshing(
    of tree: borrowing DirectoryHandle, from manifest: GenerationManifest
  ) throws(KaizenError) -> [TreePath] {
    let listing = try TreeScanner(
      paths,
      reading: .changed(
        since: manifest.entries, takenAtNanoseconds: manifest.takenAtNanoseconds)
    ).scan(tree)
    let differences = listing.differences(from: manifest.entries)
    if differences.isEmpty { _ = try refresh(manifest, by: listing) }
    return differences
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

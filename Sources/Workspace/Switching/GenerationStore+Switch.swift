import Linux
public import Model

extension GenerationStore {
  /// D4: makes the placed tree live, in one step and durably.
  ///
  /// - Complexity: O(1), whatever the size of the trees.
  ///
  /// The caller has stored `placed.intent` before (D3), and checked the drift before that.
  /// - Throws: `E_BASE_MOVED`, `E_STAGE_GONE` where either root is not the one that was prepared:
  ///   nothing was switched then. `E_SWITCH_UNSURE` where it could not be made durable: look which
  ///   is live, and switch nothing more on that device.
  public func switchTo(_ placed: PlacedTree) throws(KaizenError) {
    guard let newRoot = placed.intent.newRoot else {
      fatalError("a placed tree always has a root")
    }
    try exchange(
      placed.intent.new, expecting: (live: placed.intent.baseRoot, beside: newRoot))
  }

  /// Exchanges the live tree with its sibling of that number, if both are what they should be.
  func exchange(
    _ number: GenerationNumber, expecting roots: (live: FileIdentity, beside: FileIdentity)
  ) throws(KaizenError) {
    let parent = try openParent()
    let name = FileName(layout.name)
    let sibling = FileName(layout.stageName(number))
    if try liveRoot()?.inode != roots.live.inode {
      throw KaizenError(
        "E_BASE_MOVED", "\"\(layout.root)\" is another folder than the one that was cloned",
        hint: "optimize again: what is there now becomes the base")
    }
    if try identity(of: layout.stage(number))?.inode != roots.beside.inode {
      throw KaizenError(
        "E_STAGE_GONE", "\"\(layout.stage(number))\" is not the tree that was placed there",
        hint: "optimize again")
    }
    do {
      try Files.exchange(
        parent.descriptor, name.characters, parent.descriptor, sibling.characters)
    } catch { throw KaizenError(error, "switching", layout.root) }
    do { try parent.sync() } catch {
      throw KaizenError(
        "E_SWITCH_UNSURE",
        "the switch of \"\(layout.root)\" could not be made durable: \(error)",
        hint: "check the device; `kaizen generations \(layout.id)` shows which one is live")
    }
  }

  /// Catches up, right after an exchange, with what happened in the old tree just before it.
  ///
  /// Files outside generations that were made, replaced or deleted there are so in the live tree, too;
  /// edits of the agent's own files are reported.
  public func settle(_ placed: PlacedTree) throws(KaizenError) -> SettleReport {
    let old = try openStage(placed.intent.new)
    let lateEdits = try drift(of: old, from: placed.base)
    return SettleReport(
      lateEdits: lateEdits, conflicts: try catchUp(from: old, placed.base, carried: placed.carried))
  }

  /// - Parameter carried: nil where nobody knows any more: then nothing is deleted, all is kept.
  func catchUp(
    from old: borrowing DirectoryHandle, _ base: GenerationManifest, carried: OutsideFiles?
  ) throws(KaizenError) -> [TreePath] {
    let live = try openRoot()
    try carried?.removeDeleted(from: live, notIn: old)
    var outside = OutsideFiles(self)
    try outside.carry(
      from: old, to: live, newer: .targetUnless(carried?.carried ?? [:]), base: base)
    return outside.conflicts
  }

  /// Ends a switch for good: the old tree goes to the store, as the generation it was.
  ///
  /// Where somebody edited it, it is stored as a generation of its own. May be repeated after a crash.
  public func commit(_ placed: PlacedTree) throws(KaizenError) -> RetireReport {
    try requireLive([placed.intent.newRoot])
    return try retire(placed.intent.new, placed.base, isWorthKeeping: true)
  }

  /// Makes sure that the live root is one of these, before its sibling is taken for the other.
  /// - Throws: `E_ROOT_REPLACED`.
  func requireLive(_ roots: [FileIdentity?]) throws(KaizenError) {
    let live = try liveRoot()
    if let live, roots.contains(where: { $0?.inode == live.inode }) { return }
    throw KaizenError(
      "E_ROOT_REPLACED",
      "\"\(layout.root)\" is neither the tree that was live nor the one that was to be",
      hint: "somebody put another folder there; restart the daemon to sort out the clones")
  }

  /// Makes the base live again, from wherever the switch got to, and removes the new tree.
  ///
  /// Edits made while it was live are stored as a generation; files outside generations stay.
  /// The caller has stored the intent with the phase `switchingBack` before.
  public func switchBack(_ placed: PlacedTree) throws(KaizenError) -> RetireReport {
    let number = placed.intent.new
    guard let newRoot = placed.intent.newRoot else {
      fatalError("a placed tree always has a root")
    }
    try requireLive([newRoot, placed.intent.baseRoot])
    if try liveRoot()?.inode == newRoot.inode {
      let volume = try Volume(layout)
      var outside = OutsideFiles(self)
      try outside.carry(
        from: try openRoot(), to: try openStage(number),
        newer: .source(leftover: layout.generation(placed.base.number) + "/leftover"),
        base: placed.manifest)
      try volume.sync()
      try exchange(number, expecting: (live: newRoot, beside: placed.intent.baseRoot))
      _ = try catchUp(from: try openStage(number), placed.manifest, carried: outside)
    }
    return try retire(number, placed.manifest, isWorthKeeping: placed.intent.kind == .rollback)
  }

  /// Takes the tree at the sibling of that number, which is not live, to the store or the trash.
  /// - Parameters:
  ///   - manifest: what the tree was when it was last looked at.
  ///   - isWorthKeeping: whether it is stored even where nobody edited it.
  func retire(
    _ number: GenerationNumber, _ manifest: GenerationManifest, isWorthKeeping: Bool
  ) throws(KaizenError) -> RetireReport {
    guard Files.exists(layout.stage(number)) else {
      forgetMarker(number)
      return RetireReport(stored: isWorthKeeping ? manifest.number : nil, edits: [], leftovers: [])
    }
    let tree = try openStage(number)
    let edits =
      isWorthKeeping
      ? try driftRefreshing(of: tree, from: manifest) : try drift(of: tree, from: manifest)
    let stored = edits.isEmpty ? manifest : try recordEdits(tree, number, on: manifest)
    let leftovers = try OutsideFiles.strip(
      tree, ofThoseIn: try openRoot(), paths: paths, manifest: stored,
      leftover: layout.generation(stored.number) + "/leftover")
    if edits.isEmpty && !isWorthKeeping {
      try discard(number)
      return RetireReport(stored: nil, edits: [], leftovers: leftovers)
    }
    try store(layout.stage(number), as: stored.number)
    forgetMarker(number)
    return RetireReport(stored: stored.number, edits: edits, leftovers: leftovers)
  }

  /// Makes what somebody edited in the tree at that sibling a generation of its own.
  private func recordEdits(
    _ tree: borrowing DirectoryHandle, _ number: GenerationNumber, on manifest: GenerationManifest
  ) throws(KaizenError) -> GenerationManifest {
    let root = FileIdentity(
      try io(layout.stage(number), "looking at") { () throws(SystemError) in try tree.status() })
    // A crash may have come after the record: then it is there, and not made twice.
    if let known = try record(ofRoot: root), known.number != manifest.number {
      let earlier = try self.manifest(known.number)
      if try drift(of: tree, from: earlier).isEmpty { return earlier }
    }
    let listing = try TreeScanner(paths, reading: .all).scan(tree)
    let edits = GenerationManifest(
      listing, number: try nextNumber(), parent: manifest.number, origin: .edits, root: root)
    try save(edits, isDurable: true)
    return edits
  }

  /// Moves a tree that is not live to its generation's folder, durably.
  ///
  /// A managed tree is there already, unless edits made it another generation.
  func store(_ place: String, as number: GenerationNumber) throws(KaizenError) {
    let path = treePath(of: place)
    if path != layout.tree(number) { try move(path, toGeneration: number) }
    if path == place { return }
    try removeLink(place)
    let parent = try openParent()
    try io(layout.parent, "making durable") { () throws(SystemError) in try parent.sync() }
  }

  private func move(
    _ path: String, toGeneration number: GenerationNumber
  ) throws(KaizenError) {
    try makeGenerationFolder(number)
    try io(path, "storing") { () throws(SystemError) in
      let from = try DirectoryHandle(path: Files.parent(of: path))
      let to = try DirectoryHandle(path: layout.generation(number))
      try Files.moveWithoutReplacing(
        from.descriptor, FileName(Files.name(of: path)).characters, to.descriptor,
        FileName("tree").characters)
      // The new name first: a power cut may leave two names, but never none.
      try to.sync()
      try from.sync()
    }
  }
}

import Linux
public import Model

/// What a rollback did.
public struct RollbackReport: Hashable, Sendable {
  /// The generation that is live now.
  public var live: GenerationNumber
  /// The generation that was live before, or the edits made on it, and what became of its tree.
  public var retired: RetireReport
}

extension GenerationStore {
  /// Makes an earlier generation live again.
  ///
  /// Edits in the live tree are stored as a generation of their own first. Nothing is copied: the
  /// stored tree is moved beside the live one, exchanged with it, and the old one stored.
  /// - Parameter record: stores the intent durably; it is called before each step that recovery must
  ///   know of. After the return the intent is done with.
  /// - Throws: `E_GENERATION_UNKNOWN`, `E_GENERATION_GONE`, `E_GENERATION_CHANGED`,
  ///   `E_ALREADY_LIVE`, `E_BASE_MOVED`; the live tree is as it was then.
  public func rollback(
    to number: GenerationNumber, record: (SwitchIntent) throws(KaizenError) -> Void
  ) throws(KaizenError) -> RollbackReport {
    let base = try base()
    let intent = try planRollback(to: number, from: base)
    try record(intent)
    let placed: PlacedTree
    do throws(KaizenError) {
      placed = try placeStored(intent, base)
      try requireUnmoved(from: base)
      try record(placed.intent)
      try switchTo(placed)
    } catch {
      if error.code != "E_SWITCH_UNSURE" { try putBack(intent) }
      throw error
    }
    try record(placed.intent.with(phase: .committing))
    _ = try settle(placed)
    return RollbackReport(live: number, retired: try commit(placed))
  }

  /// What a rollback to `number` will do, nothing done yet.
  private func planRollback(
    to number: GenerationNumber, from base: GenerationManifest
  ) throws(KaizenError) -> SwitchIntent {
    let target = try manifest(number)
    if base.number == number {
      throw KaizenError(
        "E_ALREADY_LIVE", "generation \(number) of agent \"\(layout.id)\" is live",
        hint: "`kaizen generations \(layout.id)` shows the others")
    }
    guard let root = try identity(of: layout.tree(number)), let live = try liveRoot(),
      try isStored(number, live: live)
    else {
      throw KaizenError(
        "E_GENERATION_GONE",
        "the files of generation \(number) of agent \"\(layout.id)\" are not kept",
        hint: "`kaizen generations \(layout.id)` shows which are")
    }
    let changed = try drift(of: try openTree(number), from: target)
    if !changed.isEmpty {
      throw KaizenError(
        "E_GENERATION_CHANGED",
        "the stored files of generation \(number) were changed: \(listed(changed))",
        hint: "a process still had them open; look at \"\(layout.tree(number))\"")
    }
    return SwitchIntent(
      kind: .rollback, base: base.number, new: number, baseRoot: live, newRoot: root,
      digest: target.digest, phase: .preparing)
  }

  /// Moves the stored tree beside the live one, and makes it ready and durable.
  private func placeStored(
    _ intent: SwitchIntent, _ base: GenerationManifest
  ) throws(KaizenError) -> PlacedTree {
    let volume = try Volume(layout)
    let path = layout.stage(intent.new)
    try io(layout.stages, "writing in") { () throws(SystemError) in
      try Files.makeDirectories(layout.stages)
      try Files.replace(
        layout.stageMarker(intent.new), with: "\(intent.newRoot?.inode ?? 0)".utf8)
    }
    if layout.mode == .managed { try makeLink(at: path, to: intent.new) }
    try io(path, "moving from the store to") { () throws(SystemError) in
      if layout.mode == .managed { return }
      let from = try DirectoryHandle(path: layout.generation(intent.new))
      let to = try DirectoryHandle(path: layout.parent)
      try Files.moveWithoutReplacing(
        from.descriptor, FileName("tree").characters, to.descriptor,
        FileName(layout.stageName(intent.new)).characters)
    }
    let live = try openRoot()
    let tree = try openStage(intent.new)
    try cloneStateLinks(from: live, to: tree)
    var outside = OutsideFiles(self)
    try outside.carry(
      from: live, to: tree,
      newer: .source(leftover: layout.generation(intent.new) + "/leftover"))
    try refuseConflicts(outside)
    try volume.sync()
    return PlacedTree(
      manifest: try manifest(intent.new), base: base, intent: intent.with(phase: .switching),
      carried: outside)
  }

  /// Takes a stored tree that did not go live back to the store.
  func putBack(_ intent: SwitchIntent) throws(KaizenError) {
    if Files.exists(layout.stage(intent.new)) {
      _ = try retire(intent.new, try manifest(intent.new), isWorthKeeping: true)
    }
    forgetMarker(intent.new)
  }
}

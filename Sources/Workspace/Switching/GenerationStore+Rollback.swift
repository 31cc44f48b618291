import Linux
public import Model
import Synchronization

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
    let began = Clock.monotonic()
    let (base, target) = try lookAtBoth(number)
    let intent = try planRollback(to: target, from: base)
    try record(intent)
    let placed: PlacedTree
    do throws(KaizenError) {
      placed = try placeStored(intent, base, target)
      // What is edited after the look is stored all the same, when the old tree is.
      if Clock.monotonic() - began > Self.lookAgeMax { try requireUnmoved(from: base) }
      try record(placed.intent)
      try switchTo(placed)
    } catch {
      if error.code != "E_SWITCH_UNSURE" { try putBack(intent) }
      throw error
    }
    try record(placed.intent.with(phase: .committing))
    _ = try catchUp(from: try openStage(number), base, carried: placed.carried)
    return RollbackReport(live: number, retired: try commit(placed))
  }

  /// How old a look at the live tree may be when the other one takes its place.
  private static let lookAgeMax = Duration.milliseconds(100)

  /// The live generation as it is now, and the one that is to be live, which must be as it was
  /// stored; on two threads, since either look takes a call a file.
  private func lookAtBoth(
    _ number: GenerationNumber
  ) throws(KaizenError) -> (base: GenerationManifest, target: GenerationManifest) {
    let found = Mutex<Result<GenerationManifest, KaizenError>?>(nil)
    let thread = try io(layout.tree(number), "looking at") { () throws(SystemError) in
      try BlockingThread(name: "kz-look") {
        let result = Result { () throws(KaizenError) in try self.unchangedStored(number) }
        found.withLock { $0 = result }
      }
    }
    let base = Result { () throws(KaizenError) in try self.base() }
    thread.join()
    guard let target = found.withLock({ $0 }) else { fatalError("the thread has ended") }
    return (try base.get(), try target.get())
  }

  /// The manifest of a generation; its files, where they are stored, are as it says.
  private func unchangedStored(
    _ number: GenerationNumber
  ) throws(KaizenError) -> GenerationManifest {
    let target = try manifest(number)
    guard try isStored(number, live: try liveRoot()) else { return target }
    let changed = try driftRefreshing(of: try openTree(number), from: target)
    if changed.isEmpty { return target }
    throw KaizenError(
      "E_GENERATION_CHANGED",
      "the stored files of generation \(number) were changed: \(listed(changed))",
      hint: "a process still had them open; look at \"\(layout.tree(number))\"")
  }

  /// What a rollback will do, nothing done yet.
  private func planRollback(
    to target: GenerationManifest, from base: GenerationManifest
  ) throws(KaizenError) -> SwitchIntent {
    let number = target.number
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
    return SwitchIntent(
      kind: .rollback, base: base.number, new: number, baseRoot: live, newRoot: root,
      digest: target.digest, phase: .preparing)
  }

  /// Moves the stored tree beside the live one, and makes it ready and durable.
  private func placeStored(
    _ intent: SwitchIntent, _ base: GenerationManifest, _ target: GenerationManifest
  ) throws(KaizenError) -> PlacedTree {
    let volume = try Volume(layout)
    let path = layout.stage(intent.new)
    // In mode directory its record says whose it is; a new file here would cost more than all else.
    try io(layout.stages, "writing in") { () throws(SystemError) in
      if layout.mode == .directory { return }
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
      newer: .source(leftover: layout.generation(intent.new) + "/leftover"), base: base)
    try refuseConflicts(outside)
    try volume.sync()
    return PlacedTree(
      manifest: target, base: base, intent: intent.with(phase: .switching),
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

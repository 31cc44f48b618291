import Glibc
import Linux
public import Model

/// What attaching an agent found and did.
public struct AttachReport: Hashable, Sendable {
  /// Generation 1: the tree as it was found.
  public var base: GenerationManifest
  /// How its trees will be cloned.
  public var cloneMethod: CloneMethod
  /// What its owner should know, a sentence each.
  public var warnings: [String]
}

extension GenerationStore {
  /// Takes the agent under care.
  ///
  /// Checks its folder, moves its `state` paths to the store, and records what is there as generation
  /// 1. Nothing else in the folder changes. In mode managed a clone of it in the store, generation 2,
  /// goes live next, by a link that takes the folder's place; the folder itself goes to the store.
  ///
  /// A crash on the way leaves what `recover` undoes. A state path that somebody has open stays the
  /// same file; still, an agent with a SQLite database in `state` should not run meanwhile.
  /// - Parameters:
  ///   - others: the roots of all other attached agents.
  ///   - home: Kaizen's home.
  public func attach(
    others: [String] = [], home: String
  ) throws(KaizenError) -> AttachReport {
    try sweepProbes()
    if let earlier = try Attachment.read(layout.attachment) {
      if earlier.isComplete {
        throw KaizenError(
          "E_ALREADY_ATTACHED", "agent \"\(layout.id)\" is attached at \"\(earlier.root)\"",
          hint: "remove it first, or use it as it is")
      }
      try undoAttach(earlier)
    }
    try AttachChecks(layout: layout, paths: paths).check(others: others, home: home)
    let live = try openRoot()
    var warnings = try AttachChecks(layout: layout, paths: paths).inspect(live)
    try prepareStore(live)
    let mover = StateMover(layout: layout)
    var attachment = Attachment(
      root: layout.root, mode: layout.mode, isComplete: false, state: [], paths: paths)
    for path in paths.state { attachment.state.append(try mover.plan(path, in: live)) }
    try mover.requireRoom(for: attachment.state)
    try noteStore(home: home)
    try attachment.write(layout.attachment)
    do throws(KaizenError) {
      for state in attachment.state { try mover.move(state, from: live) }
      let method = try probeMethod()
      let listing = try TreeScanner(paths, reading: .all).scan(live)
      guard let root = try liveRoot() else {
        throw KaizenError("E_ROOT_MISSING", "\"\(layout.root)\" went away while it was attached")
      }
      var base = GenerationManifest(
        listing, number: try nextNumber(), parent: nil, origin: .attached, root: root)
      try save(base, isDurable: true)
      if layout.mode == .managed { base = try makeManaged(base) }
      attachment.isComplete = true
      try attachment.write(layout.attachment)
      warnings += Self.warnings(listing)
      for state in attachment.state where state.origin == .left {
        warnings.append("state path \"\(state.path)\" stays where it is, or where its link leads")
      }
      return AttachReport(base: base, cloneMethod: method, warnings: warnings)
    } catch {
      try undoAttach(attachment)
      throw error
    }
  }

  /// Notes what whoever works without a daemon must know, where an older version attached the agent.
  public func completeAttachment(home: String) throws(KaizenError) {
    guard var attachment = try Attachment.read(layout.attachment), attachment.isComplete,
      attachment.paths == nil
    else { return }
    attachment.paths = paths
    try noteStore(home: home)
    try attachment.write(layout.attachment)
  }

  /// Says in the home where the store is, if that is elsewhere.
  private func noteStore(home: String) throws(KaizenError) {
    guard layout.isBesideAgent else {
      unlink(layout.store + "/" + AgentLayout.besideName)  // of an earlier agent of that id
      return
    }
    let folder = "\(home)/agents/\(layout.id)"
    try io(folder, "writing in") { () throws(SystemError) in
      try Files.makeDirectories(folder)
      try Files.replace(folder + "/" + AgentLayout.besideName, with: layout.store.utf8)
    }
  }

  /// Gives the folder back as it is, with its state in it, and forgets every generation.
  ///
  /// Stored generations go; the live tree stays, whichever generation it is.
  @discardableResult
  public func detach() throws(KaizenError) -> DetachReport {
    guard var attachment = try readAttachment() else {
      throw KaizenError(
        "E_NOT_ATTACHED", "agent \"\(layout.id)\" is not attached", hint: "there is nothing to undo"
      )
    }
    if try liveRoot() == nil { return try forget(attachment) }
    attachment.isComplete = false
    try attachment.write(layout.attachment)
    if try undoAttach(attachment) { return DetachReport() }
    throw KaizenError(
      "E_AGENT_BUSY",
      "agent \"\(layout.id)\" was edited in two places while it was attached; both are kept as "
        + "generations", hint: "look at `kaizen generations \(layout.id)`, then remove it again")
  }

  /// Undoes what attaching did, from wherever it got to.
  /// - Returns: false where that would lose edits: then the attachment is complete.
  @discardableResult
  func undoAttach(_ attachment: Attachment) throws(KaizenError) -> Bool {
    if try !makeDirectory() {
      var complete = attachment
      complete.isComplete = true
      try complete.write(layout.attachment)
      return false
    }
    let live = try openRoot()
    let mover = StateMover(layout: layout)
    for state in attachment.state.reversed() { try mover.moveBack(state, to: live) }
    try throwAwayRecords()
    return true
  }

  /// What attaching did; where that cannot be read any more, what the agent's paths tell of it.
  private func readAttachment() throws(KaizenError) -> Attachment? {
    do { return try Attachment.read(layout.attachment) } catch {
      if error.code != "E_MANIFEST_BAD" { throw error }
      return guessedAttachment()
    }
  }

  /// Removes the store's folders for state; one that still holds something stays.
  func removeEmptyState() throws(KaizenError) {
    guard Files.isDirectory(layout.state) else { return }
    try io(layout.state, "removing") { () throws(SystemError) in
      func prune(_ path: String) throws(SystemError) {
        for name in try Files.names(in: path) where Files.isDirectory(path + "/" + name) {
          try prune(path + "/" + name)
        }
        rmdir(path)
      }
      try prune(layout.state)
    }
  }

  /// Makes the store's folders; whoever the agent runs as may pass through to its state.
  private func prepareStore(_ live: borrowing DirectoryHandle) throws(KaizenError) {
    try io(layout.store, "making") { () throws(SystemError) in
      try Files.makeDirectories(layout.store)
      try Files.makeDirectories(layout.generations)
      try Files.makeDirectories(layout.stages)
      try Files.makeDirectories(layout.state, mode: 0o711)
      if try live.status().owner != geteuid() || layout.isBesideAgent || layout.mode == .managed {
        if layout.mode == .managed, chmod(layout.generations, 0o711) != 0 {
          throw SystemError("chmod", layout.generations)
        }
        if chmod(layout.store, 0o711) != 0 { throw SystemError("chmod", layout.store) }
        if layout.isBesideAgent { chmod(Files.parent(of: layout.store), 0o711) }
      }
    }
  }

  private func probeMethod() throws(KaizenError) -> CloneMethod {
    let path = layout.parent + "/\(layout.probePrefix)\(getpid())"
    defer { rmdir(path) }
    let probe = try io(path, "making") { () throws(SystemError) in
      if mkdir(path, 0o700) != 0 { throw SystemError("mkdir", path) }
      return try DirectoryHandle(path: path)
    }
    return try TreeCloner.probe(probe)
  }
}

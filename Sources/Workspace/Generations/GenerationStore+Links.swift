import Glibc
import Linux
import Model

// Mode managed: the agent's path, and what lies beside it, are links to trees in the store.

extension GenerationStore {
  /// The live tree's own path: where the agent's path leads.
  public var livePath: String { treePath(of: layout.root) }

  /// The tree that `place` leads to, where that is a link of ours; else `place` itself.
  func treePath(of place: String) -> String { linkedTree(place) ?? place }

  /// Where the link at `place` leads, if it is one to a tree of this agent's store, which may be gone.
  func linkedTree(_ place: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(place, &buffer, buffer.count)
    guard count > 0 else { return nil }  // no link, or nothing there
    let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return target.hasPrefix(layout.generations + "/") && target.hasSuffix("/tree") ? target : nil
  }

  /// Makes the link at `place` to the tree of that number.
  func makeLink(at place: String, to number: GenerationNumber) throws(KaizenError) {
    try io(place, "making the link") { () throws(SystemError) in
      if symlinkat(layout.tree(number), AT_FDCWD, place) != 0 {
        throw SystemError("symlinkat", place)
      }
    }
  }

  /// Makes the folder of a generation; in mode managed whoever may read the agent passes through it.
  func makeGenerationFolder(_ number: GenerationNumber) throws(KaizenError) {
    let path = layout.generation(number)
    if Files.isDirectory(path) { return }
    try io(path, "making") { () throws(SystemError) in
      try Files.makeDirectories(path)
      if layout.mode == .managed, chmod(path, 0o711) != 0 { throw SystemError("chmod", path) }
    }
  }

  /// Whether the files of that generation are stored: not live, nor on their way.
  func isStored(_ number: GenerationNumber, live: FileIdentity?) throws(KaizenError) -> Bool {
    guard Files.isDirectory(layout.tree(number)) else { return false }
    if layout.mode == .directory { return true }
    return try identity(of: layout.tree(number))?.inode != live?.inode
      && !Files.exists(layout.stageMarker(number))
  }

  /// Moves a clone, or an old tree, that lies beside the live one to the trash.
  func throwAwayStage(_ number: GenerationNumber) throws(KaizenError) {
    let place = layout.stage(number)
    guard let tree = linkedTree(place) else { return try throwAway(place) }
    // A link to what is live is a second way to it, and no more.
    if try identity(of: tree)?.inode != liveRoot()?.inode { try throwAway(tree) }
    try removeLink(place)
  }

  func removeLink(_ place: String) throws(KaizenError) {
    try io(place, "removing the link") { () throws(SystemError) in
      if unlink(place) != 0 && errno != ENOENT { throw SystemError("unlink", place) }
    }
  }

  /// Removes links beside the agent, and at its path, whose tree is gone, and trees that were begun
  /// and never linked: a crash leaves those empty.
  func sweepLinks() throws(KaizenError) {
    let parent = try openParent()
    let names = try io(layout.parent, "sweeping") { () throws(SystemError) in try parent.names() }
    for name in names.map(\.text) where name.hasPrefix(layout.stagePrefix) || name == layout.name {
      let place = layout.parent + "/" + name
      if let tree = linkedTree(place), !Files.isDirectory(tree) { try removeLink(place) }
    }
    if layout.mode == .directory { return }
    for number in try numbers() where try record(number) == nil {
      // Best effort, and no danger: only what is empty goes.
      if try identity(of: layout.tree(number))?.inode == liveRoot()?.inode { continue }
      rmdir(layout.tree(number))
      rmdir(layout.generation(number))
    }
  }

  /// The number whose folder has the tree with that root: edits give one tree a second record.
  func treeNumber(ofRoot inode: UInt64) throws(KaizenError) -> GenerationNumber? {
    for number in try numbers().reversed()
    where try identity(of: layout.tree(number))?.inode == inode { return number }
    return nil
  }
}

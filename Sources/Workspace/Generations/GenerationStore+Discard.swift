import Glibc
import Linux
public import Model

extension GenerationStore {
  /// Removes a clone that is not live, and what was recorded of its generation.
  ///
  /// Never what is live, nor an old tree that lies where the clone was.
  /// - Throws: `E_STAGE_LIVE`.
  public func discard(_ stage: Stage) throws(KaizenError) {
    try discard(stage.number, root: stage.root)
  }

  /// The same of the clone that an intent of kind `trial` speaks of.
  public func discard(_ intent: SwitchIntent) throws(KaizenError) {
    try discard(intent.new, root: intent.newRoot)
  }

  /// - Parameter root: nil where the caller does not know: then the marker says whether it is ours.
  private func discard(_ number: GenerationNumber, root: FileIdentity?) throws(KaizenError) {
    let inode = root?.inode ?? markedInode(number)
    let beside = try identity(of: layout.stage(number))
    if let live = try liveRoot(), live.inode == inode {
      throw KaizenError(
        "E_STAGE_LIVE", "clone \(number) of agent \"\(layout.id)\" is live",
        hint: "switch back instead")
    }
    if let beside, beside.inode != inode { return }
    try discard(number)
  }

  /// Removes the sibling of that number and its generation's folder, unless that holds a tree or is
  /// the record of what is live: the number of a clone that was never made may have gone to another.
  ///
  /// Out of sight by one rename, then file by file.
  func discard(_ number: GenerationNumber) throws(KaizenError) {
    try throwAwayStage(number)
    if layout.mode == .managed, let tree = try identity(of: layout.tree(number)),
      tree.inode == markedInode(number), try liveRoot()?.inode != tree.inode
    {
      try throwAway(layout.tree(number))  // its link is gone already, or never came to be
    }
    forgetMarker(number)
    let folder = layout.generation(number)
    let live = try liveRoot()?.inode
    let recorded = try record(number)?.rootInode
    let isLive = live != nil && recorded == live
    if !isLive && !Files.exists(folder + "/tree") && !Files.exists(folder + "/leftover") {
      try throwAway(folder)
    }
    try emptyTrash()
  }

  func forgetMarker(_ number: GenerationNumber) { unlink(layout.stageMarker(number)) }

  /// Moves a folder to the trash; nothing where nothing is there.
  func throwAway(_ path: String) throws(KaizenError) {
    guard Files.exists(path) else { return }
    try io(path, "removing") { () throws(SystemError) in
      try Files.makeDirectories(layout.trash)
      var number = 0
      while Files.exists(layout.trash + "/\(number)") { number += 1 }
      if rename(path, layout.trash + "/\(number)") != 0 { throw SystemError("rename", path) }
    }
  }

  /// Removes for good what was thrown away; may run on a thread in the background.
  public func emptyTrash() throws(KaizenError) {
    guard Files.isDirectory(layout.trash) else { return }
    let trash = try io(layout.trash, "opening") { () throws(SystemError) in
      try DirectoryHandle(path: layout.trash)
    }
    let names = try io(layout.trash, "listing") { () throws(SystemError) in try trash.names() }
    for name in names {
      try TreeRemover.remove(name, in: trash, path: layout.trash + "/" + name.text)
    }
  }
}

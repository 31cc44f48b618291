import Glibc
import Linux
import Model

/// What detaching an agent could not give back.
public struct DetachReport: Hashable, Sendable {
  /// Whether there was no folder to give anything back to.
  public var isFolderMissing: Bool
  /// Where the agent's state stays, since its folder is missing; nil where none is left.
  public var stateLeft: String?

  /// By default everything was given back.
  public init(isFolderMissing: Bool = false, stateLeft: String? = nil) {
    self.isFolderMissing = isFolderMissing
    self.stateLeft = stateLeft
  }
}

extension GenerationStore {
  /// Forgets the generations of an agent whose folder is gone; its state is never removed.
  ///
  /// A folder that was only moved has links to that state, and takes it up when it is added again.
  /// - Throws: `E_ROOT_MISSING` in mode managed, where all files are in the store.
  func forget(_ attachment: Attachment) throws(KaizenError) -> DetachReport {
    if layout.mode == .managed || attachment.mode == .managed {
      throw KaizenError(
        "E_ROOT_MISSING",
        "agent \"\(layout.id)\" is managed, and its link \"\(layout.root)\" is missing: its files are "
          + "in \"\(layout.generations)\"",
        hint: "restart the daemon: it makes the link again; then remove the agent")
    }
    if Files.isDirectory(layout.parent) {
      for (number, root) in try siblings() where markedInode(number) == root.inode {
        try throwAwayStage(number)
      }
    }
    try throwAwayRecords()
    return DetachReport(
      isFolderMissing: true, stateLeft: Files.isDirectory(layout.state) ? layout.state : nil)
  }

  /// Removes all that is kept of an agent but its state.
  func throwAwayRecords() throws(KaizenError) {
    try throwAway(layout.generations)
    try throwAway(layout.stages)
    try io(layout.attachment, "removing") { () throws(SystemError) in
      if unlink(layout.attachment) != 0 && errno != ENOENT {
        throw SystemError("unlink", layout.attachment)
      }
    }
    try emptyTrash()
    rmdir(layout.trash)
    try removeEmptyState()
  }

  /// What attaching did, as far as the agent's paths tell; for an `attachment.json` that is damaged.
  ///
  /// Taking a path back looks at what is where, so that it is enough to know which paths there are.
  func guessedAttachment() -> Attachment {
    Attachment(
      root: layout.root, mode: layout.mode, isComplete: true,
      state: paths.state.map { Attachment.State(path: $0, origin: .moved) }, paths: paths)
  }
}

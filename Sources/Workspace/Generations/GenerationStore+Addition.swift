import Glibc
import Linux
public import Model

/// What an addition left that a crash cut short.
public struct AdditionLeftover: Hashable, Sendable {
  /// The agent that was being added.
  public var id: AgentID
  /// In one line for people.
  public var message: String
  /// Whether a person should look.
  public var needsAttention: Bool
}

// Adding an agent is attaching it, proving its base, which takes as long as its tests, and then the
// daemon's row. A mark in the store tells an addition that was cut short in between, which is undone,
// from an agent of which only the row is missing, as in a database from a backup.
extension GenerationStore {
  /// Marks that the agent is being added; to be called before it is attached.
  public func beginAddition() throws(KaizenError) {
    try io(layout.addition, "writing") { () throws(SystemError) in
      try Files.makeDirectories(layout.store)
      try Files.replace(layout.addition, with: [])
    }
  }

  /// Takes the mark away, once the daemon's row is stored or the attachment undone.
  public func endAddition() { Self.removeMark(layout.addition) }

  private static func removeMark(_ path: String) {
    if unlink(path) != 0 { return }
    // try? because a mark that a power cut brings back goes with the next start: the row is there.
    try? Files.syncDirectory(Files.parent(of: path))
  }

  /// Undoes every addition that a crash cut short, so that no folder keeps links into the store.
  ///
  /// To be called before anything is served: nothing else may work in the stores.
  /// - Parameters:
  ///   - agents: the home's folder with a folder for each agent.
  ///   - known: the agents that have a row.
  public static func undoAdditions(
    agents: String, known: Set<AgentID>
  ) -> [AdditionLeftover] {
    // try? because where it is unreadable no agent can be worked on, and each says so.
    let names = (try? Files.names(in: agents)) ?? []
    return names.compactMap { AgentID($0) }.compactMap { id -> AdditionLeftover? in
      let own = "\(agents)/\(id)"
      do throws(KaizenError) {
        if known.contains(id) {
          // Left by a crash after the row was stored; a later database may lack that row.
          removeMark(try storePath(id, own: own) + "/addition")
          return nil
        }
        return try undoAddition(id, own: own)
      } catch {
        return AdditionLeftover(
          id: id, message: "the addition of \(id) could not be undone: \(error)",
          needsAttention: true)
      }
    }
  }

  private static func undoAddition(
    _ id: AgentID, own: String
  ) throws(KaizenError) -> AdditionLeftover? {
    let store = try storePath(id, own: own)
    guard let attachment = try Attachment.read(store + "/attachment.json") else {
      if isEmptyStore(own) {
        let lock = try AgentLock.acquire(
          AgentLayout(id: id, root: "", store: own), purpose: "recovery")
        defer { withExtendedLifetime(lock) {} }
        removeEmptyStore(own)
      }
      return nil
    }
    try requireNeighbour(attachment, id, store: store, own: own)
    let layout = AgentLayout(id: id, root: attachment.root, store: store, mode: attachment.mode)
    let workspace = GenerationStore(layout: layout, paths: attachment.paths ?? PathSet())
    if attachment.isComplete && !Files.exists(layout.addition) {
      return AdditionLeftover(
        id: id,
        message: "\"\(attachment.root)\" is attached as \(id), and the database does not know it: "
          + "`kaizen agent add \(attachment.root) --id \(id)` adds it anew, without its generations",
        needsAttention: true)
    }
    let lock = try AgentLock.acquire(layout, purpose: "recovery")
    defer { withExtendedLifetime(lock) {} }
    if attachment.isComplete, try !workspace.hasOnlyAttached() {
      return AdditionLeftover(
        id: id,
        message: "\(id) at \(attachment.root) is marked as being added, but has generations of "
          + "later: nothing was undone. Restore a database that knows it",
        needsAttention: true)
    }
    _ = try workspace.recover(nil)
    if Files.exists(layout.attachment) { try workspace.detach() }
    workspace.endAddition()
    removeEmptyStore(own)
    return AdditionLeftover(
      id: id, message: "undid the addition of \(id) at \(attachment.root), which was cut short",
      needsAttention: false)
  }

  /// Whether no more is stored than attaching makes, and the clone that its tests run on.
  private func hasOnlyAttached() throws(KaizenError) -> Bool {
    let most = (layout.mode == .managed ? 2 : 1) + 1
    if try numbers().count > most { return false }
    return try records().allSatisfy { $0.origin == .attached }
  }

  /// What the folder of an agent that is none may hold: refused additions leave one with its lock.
  private static let marks: Set = ["lock", "addition", AgentLayout.besideName]

  private static func isEmptyStore(_ own: String) -> Bool {
    // try? because what cannot be listed is left as it is.
    guard let names = try? Files.names(in: own) else { return false }
    return marks.isSuperset(of: names)
  }

  private static func removeEmptyStore(_ own: String) {
    if !isEmptyStore(own) { return }
    for name in marks { unlink("\(own)/\(name)") }
    rmdir(own)
  }
}

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
  public func endAddition() { unlink(layout.addition) }

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
    return names.compactMap { AgentID($0) }.filter { !known.contains($0) }.compactMap { id in
      do throws(KaizenError) {
        return try undoAddition(id, own: "\(agents)/\(id)")
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
      removeEmptyStore(own)
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
    _ = try workspace.recover(nil)
    if Files.exists(layout.attachment) { try workspace.detach() }
    workspace.endAddition()
    removeEmptyStore(own)
    return AdditionLeftover(
      id: id, message: "undid the addition of \(id) at \(attachment.root), which was cut short",
      needsAttention: false)
  }

  /// Removes the folder of an agent that is none: refused additions leave one with its lock.
  private static func removeEmptyStore(_ own: String) {
    let marks: Set = ["lock", "addition", AgentLayout.besideName]
    // try? because what cannot be listed is left as it is.
    guard let names = try? Files.names(in: own), marks.isSuperset(of: names) else { return }
    for name in names { unlink("\(own)/\(name)") }
    rmdir(own)
  }
}

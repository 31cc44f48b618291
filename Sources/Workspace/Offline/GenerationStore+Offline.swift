import Glibc
import Linux
public import Model

extension GenerationStore {
  /// The generations of an agent that is attached, found without the daemon's database.
  /// - Parameter agents: the folder of the home that has a folder for each agent.
  /// - Throws: `E_UNKNOWN_AGENT`, `E_NOT_ATTACHED` where attaching or removing was cut short.
  public static func find(
    _ id: AgentID, agents: String
  ) throws(KaizenError) -> GenerationStore {
    let own = "\(agents)/\(id)"
    let store = try storePath(id, own: own)
    let attachment = try Attachment.read(store + "/attachment.json")
    if let attachment { try requireNeighbour(attachment, id, store: store, own: own) }
    guard let attachment else {
      throw KaizenError(
        "E_UNKNOWN_AGENT", "no agent \"\(id)\" with files is known here, and no daemon answers",
        hint: "start the daemon, or name its home with --home")
    }
    guard attachment.isComplete, let paths = attachment.paths else {
      throw KaizenError(
        "E_NOT_ATTACHED",
        "what \"\(store)/attachment.json\" says of agent \"\(id)\" is not enough to work without "
          + "a daemon", hint: "start the daemon once: it completes it")
    }
    return GenerationStore(
      layout: AgentLayout(id: id, root: attachment.root, store: store, mode: attachment.mode),
      paths: paths)
  }

  /// Where the agent's store is: in the home, or beside the agent.
  static func storePath(_ id: AgentID, own: String) throws(KaizenError) -> String {
    let path = own + "/" + AgentLayout.besideName
    guard Files.exists(path) else { return own }
    return try io(own, "reading") { () throws(SystemError) in
      String(decoding: try Files.read(path, limit: Int(PATH_MAX)), as: UTF8.self)
    }
  }

  /// A store beside its agent lies where others may write: it speaks for its neighbour alone.
  static func requireNeighbour(
    _ attachment: Attachment, _ id: AgentID, store: String, own: String
  ) throws(KaizenError) {
    if store == own || store == "\(Files.parent(of: attachment.root))/.kaizen/\(id)" { return }
    throw KaizenError(
      "E_NOT_ATTACHED",
      "\"\(store)/attachment.json\" names the agent's folder \"\(attachment.root)\", which is not "
        + "beside it", hint: "start the daemon: it knows which folder was attached")
  }

  /// Rolls back without a daemon: what is live is the file system's to say, and the journal keeps for
  /// the daemon what it has to note.
  ///
  /// What a daemon that died left is made whole before; clones that wait for people stay. The caller
  /// holds the agent's lock, and keeps a daemon from starting.
  /// - Parameter number: by default the newest stored one before the live one.
  public func rollBackOffline(
    to number: GenerationNumber?, user: UInt32
  ) throws(KaizenError) -> OfflineRollback {
    var journal = try endOffline(waiting: [])
    try storeOldTrees()
    guard let from = try liveRecord()?.number else {
      throw KaizenError(
        "E_ROOT_REPLACED", "\"\(layout.root)\" shows no generation of \(layout.id)",
        hint: "start the daemon: it makes what is there a generation")
    }
    let earlier = try generations().last { $0.isStored && $0.record.number < from }?.record.number
    guard let to = number ?? earlier else {
      throw KaizenError(
        "E_GENERATION_UNKNOWN", "\(layout.id) has no generation before \(from) that is kept",
        hint: "`kaizen generations \(layout.id)` lists those it has")
    }
    if journal.done.count >= OfflineJournal.doneCountMax {
      throw KaizenError(
        "E_LIMIT", "\(journal.done.count) rollbacks wait for a daemon to note them",
        hint: "start the daemon")
    }
    var rollback = OfflineRollback(
      from: from, to: to, user: user,
      time: Instant(nanoseconds: Clock.wallNanoseconds() / 1_000_000 * 1_000_000))
    let done = journal.done
    let report: RollbackReport
    do throws(KaizenError) {
      report = try self.rollback(to: to) { intent throws(KaizenError) in
        if intent.base != from { rollback.storedEdits = intent.base }
        try OfflineJournal(pending: (rollback, intent), done: done).write(layout.journal)
      }
    } catch {
      // Where it is live all the same, only what comes after failed: it stays to be ended and noted.
      let isUnsure = error.code == "E_SWITCH_UNSURE"
      if !isUnsure, try liveRecord()?.number != to { try journal.write(layout.journal) }
      throw error
    }
    if !report.retired.edits.isEmpty { rollback.storedEdits = report.retired.stored }
    journal.done.append(rollback)
    try journal.write(layout.journal)
    return rollback
  }

  /// Ends a rollback without a daemon that was cut short, and gives what was done since the last call.
  ///
  /// To be called by the daemon before it recovers the agent, which then notes what was done and calls
  /// `forgetOffline` for each.
  /// - Parameter waiting: numbers of clones that the daemon knows.
  public func adoptOffline(
    waiting: Set<GenerationNumber>
  ) throws(KaizenError) -> [OfflineRollback] {
    try endOffline(waiting: waiting).done
  }

  /// Forgets what was done without a daemon, once that is noted; what came after it stays.
  public func forgetOffline(_ rollback: OfflineRollback) throws(KaizenError) {
    var journal = try OfflineJournal.read(layout.journal)
    if let index = journal.done.firstIndex(of: rollback) { journal.done.remove(at: index) }
    try journal.write(layout.journal)
  }

  private func endOffline(
    waiting: Set<GenerationNumber>
  ) throws(KaizenError) -> OfflineJournal {
    var journal = try OfflineJournal.read(layout.journal)
    guard let (rollback, intent) = journal.pending else { return journal }
    // Whatever has a clone beside the agent but for this one is left to whoever knows of it.
    let others = try siblings().map(\.number).filter { $0 != intent.new }
    _ = try recover(intent, waiting: waiting.union(others))
    if try liveRecord()?.number == rollback.to { journal.done.append(rollback) }
    journal.pending = nil
    try journal.write(layout.journal)
    return journal
  }

  /// Stores trees that a switch left beside the agent whose daemon died before it ended that.
  ///
  /// Which tree should be live is not asked: the caller is about to say so.
  private func storeOldTrees() throws(KaizenError) {
    for (number, root) in try siblings() where markedInode(number) != root.inode {
      guard let record = try record(ofRoot: root), try liveRoot()?.inode != root.inode else {
        continue
      }
      _ = try retire(number, try manifest(record.number), isWorthKeeping: true)
    }
  }
}

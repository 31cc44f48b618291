internal import Control
internal import Glibc
internal import Linux
internal import Model
internal import Workspace

/// `rollback` while no daemon lives: straight on the agent's files.
enum OfflineRollbacks {
  /// - Parameter unreachable: what asking the daemon ended with, where one lives all the same.
  static func run(
    _ agent: String, to number: Int?, layout: HomeLayout, unreachable: KaizenError
  ) throws(KaizenError) -> RollbackAnswer {
    guard let id = AgentID(agent) else {
      throw KaizenError(
        "E_BAD_REQUEST", "\"\(agent)\" is no agent id", hint: "it is \(Identifier.form)")
    }
    try requireOwn(layout)
    let store = try GenerationStore.find(id, agents: layout.agents)
    return try run(store, to: number, claim: try claim(layout, unreachable))
  }

  /// Refuses another user's home, root too: the daemon could not read what would be left in it.
  private static func requireOwn(_ layout: HomeLayout) throws(KaizenError) {
    var status = stat()
    if stat(layout.agents, &status) != 0 || status.st_uid == geteuid() { return }
    throw KaizenError(
      "E_OWNER",
      "\"\(layout.agents)\" belongs to user \(status.st_uid), and this is user \(geteuid())",
      hint: "roll back as the user whose daemon it is")
  }

  /// - Parameter claim: the daemon's lock, held until the return.
  private static func run(
    _ store: GenerationStore, to number: Int?, claim: borrowing FileDescriptor
  ) throws(KaizenError) -> RollbackAnswer {
    let lock = try AgentLock.acquire(store.layout, purpose: "rollback without a daemon")
    defer { withExtendedLifetime(lock) {} }
    let done = try store.rollBackOffline(
      to: number.map { GenerationNumber($0) }, user: getuid())
    let kept =
      done.storedEdits.map { "; edits found on \(done.from) are generation \($0)" } ?? ""
    return RollbackAnswer(
      agent: store.layout.id.text, from: done.from.value, to: done.to.value,
      storedEdits: done.storedEdits?.value,
      message:
        "generation \(done.to) is live\(kept); no daemon lives: it notes this when it starts, "
        + "and a running agent is yours to reload")
  }

  /// The daemon's own lock, so that none lives, and none starts meanwhile.
  private static func claim(
    _ layout: HomeLayout, _ unreachable: KaizenError
  ) throws(KaizenError) -> FileDescriptor {
    do {
      try Files.makeDirectories(layout.runtime)
      let lock = try FileDescriptor.open(layout.lock, O_RDWR | O_CREAT)
      if try lock.tryLock() { return lock }
    } catch {
      throw KaizenError(
        "E_NO_ACCESS", "\(unreachable.message), and \(layout.lock) cannot be locked: \(error)",
        hint: "roll back as the user whose daemon it is")
    }
    throw KaizenError(
      "E_UNREACHABLE",
      "\(unreachable.message), but a daemon holds \(layout.lock): it starts, stops, or is stuck",
      hint: "try again; only where no daemon lives does this command roll back itself")
  }
}

import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

@Suite("Rolling back while no daemon lives") struct OfflineTests {
  private static let paths = PathSet(ignored: ["*.log"], state: ["memory.db"])

  private func attached(_ mode: AttachMode) throws -> AgentFixture {
    let files = AgentFixture.files.merging(["run.log": "log", "memory.db": "db"]) { one, _ in one }
    let agent = try AgentFixture(paths: Self.paths, files: files, mode: mode)
    try agent.attach()
    return agent
  }

  private func found(_ agent: AgentFixture) throws -> GenerationStore {
    try GenerationStore.find(agent.store.layout.id, agents: agent.home + "/agents")
  }

  @Test(
    "it finds the agent without the database, and the daemon learns of it",
    arguments: AttachMode.allCases)
  func rollsBack(mode: AttachMode) throws {
    let agent = try attached(mode)
    let first = try #require(try agent.store.liveRecord()?.number)
    let second = try agent.keep(retries: 2)
    let store = try found(agent)
    #expect(store.layout == agent.store.layout && store.paths == agent.store.paths)
    try agent.write("agent.py", "edited")
    let done = try store.rollBackOffline(to: nil, user: 7)
    #expect(done.from == second && done.to == first && done.user == 7)
    #expect(try agent.read("config.json").contains("1"))
    #expect(try agent.read("run.log") == "log" && agent.read("memory.db") == "db")
    // The edit is a generation of its own.
    let edits = try #require(done.storedEdits)
    #expect(
      try Files.read(agent.store.layout.tree(edits) + "/agent.py", limit: 99)
        == Array("edited".utf8))
    #expect(try agent.store.adoptOffline(waiting: []) == [done])
    try agent.store.forgetOffline(done)
    #expect(try agent.store.adoptOffline(waiting: []) == [])
    #expect(!Files.exists(agent.store.layout.journal))
    #expect(try agent.leftovers() == [])
  }

  @Test("what was not noted yet stays in the journal, and nothing is dropped that cannot be read")
  func forgets() throws {
    let agent = try attached(.directory)
    let first = try #require(try agent.store.liveRecord()?.number)
    let second = try agent.keep(retries: 2)
    let done = [
      try agent.store.rollBackOffline(to: first, user: 1),
      try agent.store.rollBackOffline(to: second, user: 2),
    ]
    #expect(try agent.store.adoptOffline(waiting: []) == done)
    try agent.store.forgetOffline(done[0])
    #expect(try agent.store.adoptOffline(waiting: []) == [done[1]])
    let journal = agent.store.layout.journal
    let text = String(decoding: try Files.read(journal, limit: 1 << 16), as: UTF8.self)
    try Files.replace(journal, with: text.replacing("\"user\"", with: "\"usr\"").utf8)
    #expect(code { _ = try agent.store.adoptOffline(waiting: []) } == "E_MANIFEST_BAD")
    #expect(Files.exists(journal))
  }

  @Test(
    "a journal that cannot be read is named",
    arguments: ["{bad", "[]", "", #"{"done": [], "pending": {"from": 1}}"#])
  func badJournal(text: String) throws {
    let agent = try attached(.directory)
    try Files.replace(agent.store.layout.journal, with: text.utf8)
    do throws(KaizenError) {
      _ = try agent.store.adoptOffline(waiting: [])
      Issue.record("it was read")
    } catch {
      #expect(error.code == "E_MANIFEST_BAD" && error.message.contains(agent.store.layout.journal))
    }
  }

  @Test("a store beside an agent speaks for no folder but its neighbour")
  func foreignStore() throws {
    let agent = try attached(.directory)
    let id = agent.store.layout.id
    let beside = agent.home + "/elsewhere/.kaizen/\(id)"
    try Files.makeDirectories(beside)
    let own = agent.store.layout.attachment
    try Files.replace(beside + "/attachment.json", with: try Files.read(own, limit: 1 << 20))
    try Files.replace(agent.home + "/agents/\(id)/store", with: beside.utf8)
    #expect(code { _ = try found(agent) } == "E_NOT_ATTACHED")
  }

  @Test(
    "what cannot be rolled back to is refused, and nothing changes", arguments: AttachMode.allCases)
  func refused(mode: AttachMode) throws {
    let agent = try attached(mode)
    let store = try found(agent)
    let live = try #require(try store.liveRecord()?.number)
    let before = try agent.digest()
    #expect(code { _ = try store.rollBackOffline(to: live, user: 0) } == "E_ALREADY_LIVE")
    #expect(
      code { _ = try store.rollBackOffline(to: GenerationNumber(99), user: 0) }
        == "E_GENERATION_UNKNOWN")
    #expect(try agent.digest() == before && !Files.exists(store.layout.journal))
    #expect(
      code {
        _ = try GenerationStore.find(try #require(AgentID("none")), agents: agent.home + "/agents")
      } == "E_UNKNOWN_AGENT")
  }

  @Test(
    "a switch that the daemon died in is ended by it: the base is live",
    arguments: AttachMode.allCases)
  func interruptedTrial(mode: AttachMode) throws {
    let agent = try attached(mode)
    let base = try #require(try agent.store.liveRecord()?.number)
    let placed = try agent.placed(retries: 2)
    try agent.store.switchTo(placed)
    // Here the daemon dies, with the new tree on trial; its intent is out of reach.
    let done = try found(agent).rollBackOffline(to: nil, user: 0)
    #expect(done.from == placed.manifest.number && done.to == base)
    #expect(try agent.read("config.json").contains("1"))
    // The daemon starts: the trial's new tree is not live, and nothing goes wrong over it.
    #expect(try agent.store.adoptOffline(waiting: [placed.intent.new]) == [done])
    let report = try agent.store.recover(placed.intent.with(phase: .trial))
    #expect(report.outcome == .undone, "\(report)")
    #expect(try agent.store.liveRecord()?.number == base)
    #expect(try agent.leftovers() == [])
  }

  @Test("a clone that waits for a person waits on", arguments: AttachMode.allCases)
  func waiting(mode: AttachMode) throws {
    let agent = try attached(mode)
    let first = try #require(try agent.store.liveRecord()?.number)
    try agent.keep(retries: 2)
    let (stage, manifest) = try agent.stage(retries: 3)
    let intent = try agent.store.hold(stage, manifest)
    let done = try found(agent).rollBackOffline(to: first, user: 0)
    #expect(done.to == first)
    #expect(try agent.store.reopen(intent).manifest.digest == manifest.digest)
  }

  @Test(
    "cut short after any of its steps it is ended by the next one who looks", arguments: 0..<3,
    AttachMode.allCases)
  func cutShort(after step: Int, mode: AttachMode) throws {
    let agent = try attached(mode)
    let first = try #require(try agent.store.liveRecord()?.number)
    let second = try agent.keep(retries: 2)
    var steps = 0
    struct Killed: Error {}
    let rollback = OfflineRollback(
      from: second, to: first, user: 0, time: Instant(nanoseconds: 1_700_000_000_000_000_000))
    var journal = OfflineJournal()
    // The journal as it is when the process is killed right after that step was recorded.
    _ = try agent.store.rollback(to: first) { intent throws(KaizenError) in
      if steps == step { journal.pending = (rollback, intent) }
      steps += 1
    }
    #expect(steps == 3)
    try journal.write(agent.store.layout.journal)
    #expect(try agent.store.adoptOffline(waiting: []) == [rollback])
    #expect(try agent.store.liveRecord()?.number == first)
    #expect(try agent.leftovers() == [])
  }
}

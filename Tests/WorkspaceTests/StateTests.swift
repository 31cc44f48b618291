import Glibc
import Linux
import Model
import Testing

@testable import Workspace

@Suite("State outside generations") struct StateTests {
  static let paths = PathSet(state: ["logs", "memory.db", "data/cache", "notes", "later.db"])
  static let files = AgentFixture.files.merging([
    "logs/a.log": "one\n", "memory.db": "db", "memory.db-wal": "wal", "data/cache/x": "x",
    "data/kept.txt": "kept",
  ]) { one, _ in one }

  private func agent() throws -> AgentFixture {
    try AgentFixture(paths: Self.paths, files: Self.files)
  }

  @Test("attaching moves it to the store and leaves links, and the agent finds all of it")
  func moved() throws {
    let agent = try agent()
    let layout = agent.store.layout
    try agent.attach()
    for name in ["logs", "memory.db", "data/cache", "notes", "later.db"] {
      var status = stat()
      #expect(lstat(agent.root + "/" + name, &status) == 0)
      #expect(status.st_mode & S_IFMT == S_IFLNK, "\(name)")
    }
    #expect(try agent.read("logs/a.log") == "one\n")
    #expect(try agent.read("memory.db-wal", in: layout.state) == "wal")
    #expect(!agent.exists("memory.db-wal"))
    #expect(Files.isDirectory(agent.root + "/notes"))
    try agent.write("later.db", "made later")
    #expect(try agent.read("later.db", in: layout.state) == "made later")
    let entries = try agent.store.manifest(GenerationNumber(1)).entries.map(\.path.text)
    #expect(entries.contains("data/kept.txt"))
    #expect(!entries.contains { $0.hasPrefix("logs") || $0.hasPrefix("memory") })
  }

  @Test("it is the same before, in and after a switch and a way back")
  func switches() throws {
    let agent = try agent()
    try agent.attach()
    let open = try FileDescriptor.open(agent.root + "/logs/a.log", O_WRONLY | O_APPEND)
    try agent.keep(retries: 2)
    try open.writeAll("two\n".utf8)
    #expect(try agent.read("logs/a.log") == "one\ntwo\n")
    _ = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
    try open.writeAll("three\n".utf8)
    #expect(try agent.read("logs/a.log") == "one\ntwo\nthree\n")
    #expect(try agent.read("memory.db") == "db")
  }

  @Test("detaching puts everything back, and takes away what was never used")
  func detach() throws {
    let agent = try agent()
    let everything = GenerationStore(layout: agent.store.layout, paths: PathSet())
    func digest() throws -> String {
      TreeEntry.digest(
        of: try TreeScanner(everything.paths, reading: .all).scan(everything.openRoot()).entries)
    }
    let before = try digest()
    try agent.attach()
    try agent.keep(retries: 2)
    try agent.keep(retries: 1)
    try agent.store.detach()
    #expect(try digest() == before)
    #expect(!agent.exists("notes"))
    #expect(!Files.exists(agent.store.layout.state))
  }

  @Test("what was written to a folder made for it stays when the agent is detached")
  func madeFolder() throws {
    let agent = try agent()
    try agent.attach()
    try agent.write("notes/a", "note")
    try agent.write("later.db", "later")
    try agent.store.detach()
    #expect(try agent.read("notes/a") == "note")
    #expect(try agent.read("later.db") == "later")
    #expect(Files.isDirectory(agent.root + "/notes"))
  }

  @Test("a crash after any number of moves is undone", arguments: 0...5)
  func crash(after count: Int) throws {
    let agent = try agent()
    let everything = PathSet()
    func digest() throws -> String {
      TreeEntry.digest(
        of: try TreeScanner(everything, reading: .all).scan(agent.store.openRoot()).entries)
    }
    let before = try digest()
    let mover = StateMover(layout: agent.store.layout)
    let live = try agent.store.openRoot()
    let planned = try agent.store.paths.state.map { try mover.plan($0, in: live) }
    let attachment = Attachment(
      root: agent.root, mode: .directory, isComplete: false, state: planned)
    try attachment.write(agent.store.layout.attachment)
    for state in planned.prefix(count) { try mover.move(state, from: live) }
    if count == 1 {
      // In the middle of one: its link is in the store, and not exchanged yet.
      let path = agent.store.layout.state(of: "memory.db")
      #expect(symlink(path, path) == 0)
    }
    _ = try agent.store.recover(nil)
    #expect(try digest() == before)
    _ = try agent.store.recover(nil)
    try agent.attach()
    #expect(try agent.read("logs/a.log") == "one\n")
  }

  @Test("a link of the owner's own is left as it is, and kept across switches")
  func ownLink() throws {
    let agent = try AgentFixture(paths: PathSet(state: ["logs"]))
    try Files.makeDirectories(agent.base + "/var")
    #expect(symlink(agent.base + "/var", agent.root + "/logs") == 0)
    let report = try agent.attach()
    #expect(report.warnings.contains { $0.contains("\"logs\" stays") })
    try agent.keep(retries: 2)
    try agent.write("logs/x", "x")
    #expect(try agent.read("x", in: agent.base + "/var") == "x")
  }
}

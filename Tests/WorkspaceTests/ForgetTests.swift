import Glibc
import Linux
import Model
import Testing

@testable import Workspace

@Suite("An agent whose folder is gone") struct ForgetTests {
  static let paths = PathSet(state: ["logs", "memory.db", "later.db"])
  static let files = AgentFixture.files.merging(["logs/a.log": "one\n", "memory.db": "db"]) {
    one, _ in one
  }

  private func agent(_ mode: AttachMode = .directory) throws -> AgentFixture {
    let agent = try AgentFixture(paths: Self.paths, files: Self.files, mode: mode)
    try agent.attach()
    return agent
  }

  private func move(_ agent: AgentFixture, to name: String) throws -> GenerationStore {
    let moved = agent.base + "/agents/" + name
    #expect(rename(agent.root, moved) == 0)
    return GenerationStore(
      layout: AgentLayout(id: agent.store.layout.id, root: moved, store: agent.store.layout.store),
      paths: Self.paths)
  }

  @Test("it is forgotten, and its state stays and is said where")
  func forgotten() throws {
    let agent = try agent()
    try agent.keep(retries: 2)
    _ = try move(agent, to: "moved")
    let report = try agent.store.detach()
    #expect(report == DetachReport(isFolderMissing: true, stateLeft: agent.store.layout.state))
    #expect(try agent.read("logs/a.log", in: agent.store.layout.state) == "one\n")
    #expect(!Files.exists(agent.store.layout.generations))
    #expect(!Files.exists(agent.store.layout.attachment))
    #expect(code { try agent.store.detach() } == "E_NOT_ATTACHED")
  }

  @Test("without state nothing of it is left, also where a link or a file took its place")
  func replaced() throws {
    for isLink in [true, false] {
      let agent = try AgentFixture()
      try agent.attach()
      let moved = agent.base + "/agents/moved"
      #expect(rename(agent.root, moved) == 0)
      if isLink {
        #expect(symlink(moved, agent.root) == 0)
      } else {
        try agent.write("agents/unit", "a file", in: agent.base)
      }
      #expect(try agent.store.detach() == DetachReport(isFolderMissing: true, stateLeft: nil))
      #expect(Files.exists(agent.root))
      #expect(try agent.read("config.json", in: moved) == "{\"retries\": 1}\n")
    }
  }

  @Test("a folder that was only moved takes its state up where it is added again")
  func movedOn() throws {
    let agent = try agent()
    let store = try move(agent, to: "moved")
    try agent.store.detach()
    let report = try store.attach(home: agent.home)
    #expect(report.warnings.isEmpty, "\(report.warnings)")
    try agent.write("logs/b.log", "two\n", in: store.layout.root)
    #expect(try agent.read("logs/b.log", in: store.layout.state) == "two\n")
    try store.detach()
    for (name, text) in [("logs/a.log", "one\n"), ("logs/b.log", "two\n"), ("memory.db", "db")] {
      #expect(try agent.read(name, in: store.layout.root) == text)
    }
    var status = stat()
    #expect(lstat(store.layout.root + "/logs", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFDIR)
    #expect(!Files.exists(store.layout.root + "/later.db"))
    #expect(!Files.exists(store.layout.state))
  }

  @Test("another folder is not mixed with state that was left")
  func refused() throws {
    let agent = try agent()
    _ = try move(agent, to: "moved")
    try agent.store.detach()
    try agent.write("logs/a.log", "new\n")
    let error = #expect(throws: KaizenError.self) { try agent.attach() }
    #expect(error?.code == "E_STATE_LEFT")
    #expect(error?.message.contains(agent.store.layout.state(of: "logs")) == true)
    #expect(try agent.read("logs/a.log") == "new\n")
    #expect(try agent.read("logs/a.log", in: agent.store.layout.state) == "one\n")
  }

  @Test("one in mode managed, whose files are all in the store, is not forgotten")
  func managed() throws {
    let agent = try agent(.managed)
    let tree = agent.store.livePath
    #expect(unlink(agent.root) == 0)
    #expect(code { try agent.store.detach() } == "E_ROOT_MISSING")
    #expect(try agent.read("config.json", in: tree) == "{\"retries\": 1}\n")
    _ = try agent.store.recover(nil)
    try agent.store.detach()
    #expect(try agent.read("memory.db") == "db")
  }

  @Test("a damaged attachment.json is named, and detaching gives the state back all the same")
  func damaged() throws {
    let agent = try agent()
    try agent.write("attachment.json", "{", in: agent.store.layout.store)
    let error = #expect(throws: KaizenError.self) {
      try Attachment.read(agent.store.layout.attachment)
    }
    #expect(error?.code == "E_MANIFEST_BAD")
    #expect(error?.message.contains(agent.store.layout.attachment) == true)
    try agent.store.detach()
    #expect(try agent.read("logs/a.log") == "one\n")
    #expect(try agent.read("memory.db") == "db")
    #expect(!agent.exists("later.db"))
  }
}

@Suite("An addition that a crash cut short") struct AdditionTests {
  private func undo(_ agent: AgentFixture, known: Set<AgentID> = []) -> [AdditionLeftover] {
    GenerationStore.undoAdditions(agents: agent.home + "/agents", known: known)
  }

  @Test("it is undone as long as no row is stored, in either mode", arguments: AttachMode.allCases)
  func undone(mode: AttachMode) throws {
    let agent = try AgentFixture(
      paths: ForgetTests.paths, files: ForgetTests.files, mode: mode)
    try agent.store.beginAddition()
    try agent.attach()
    let left = undo(agent)
    #expect(left.count == 1 && left.first?.needsAttention == false, "\(left)")
    #expect(left.first?.message.contains(agent.root) == true)
    #expect(try agent.read("logs/a.log") == "one\n")
    #expect(try agent.read("memory.db") == "db")
    var status = stat()
    for name in ["", "/logs"] {
      #expect(lstat(agent.root + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR)
    }
    #expect(!Files.exists(agent.store.layout.store))
    #expect(undo(agent).isEmpty)
  }

  @Test("one whose lock is held is told of, and left as it is")
  func locked() throws {
    let agent = try AgentFixture(paths: ForgetTests.paths, files: ForgetTests.files)
    try agent.store.beginAddition()
    try agent.attach()
    do {
      let lock = try AgentLock.acquire(agent.store.layout, purpose: "a test")
      let left = undo(agent)
      withExtendedLifetime(lock) {}
      #expect(left.count == 1 && left.first?.needsAttention == true, "\(left)")
      #expect(left.first?.message.contains("a test") == true)
    }
    #expect(try agent.store.generations().count == 1)
    #expect(undo(agent).first?.needsAttention == false)
  }

  @Test("one cut short while it attached is undone, too")
  func half() throws {
    let agent = try AgentFixture(paths: ForgetTests.paths, files: ForgetTests.files)
    try agent.attach()
    var attachment = try #require(try Attachment.read(agent.store.layout.attachment))
    attachment.isComplete = false
    try attachment.write(agent.store.layout.attachment)
    #expect(undo(agent).first?.needsAttention == false)
    #expect(try agent.read("memory.db") == "db")
  }

  @Test("an agent that only the database does not know is left as it is, and told")
  func unknown() throws {
    let agent = try AgentFixture(paths: ForgetTests.paths, files: ForgetTests.files)
    try agent.store.beginAddition()
    try agent.attach()
    try agent.keep(retries: 2)
    // A mark that a crash left does not make its generations those of an addition.
    let marked = undo(agent)
    #expect(marked.count == 1 && marked.first?.needsAttention == true, "\(marked)")
    #expect(marked.first?.message.contains("nothing was undone") == true)
    #expect(undo(agent, known: [agent.store.layout.id]).isEmpty)
    #expect(!Files.exists(agent.store.layout.store + "/addition"))
    let left = undo(agent)
    #expect(left.count == 1 && left.first?.needsAttention == true, "\(left)")
    #expect(left.first?.message.contains("kaizen agent add \(agent.root) --id unit") == true)
    #expect(try agent.store.generations().count == 2)
  }

  @Test("what a refused addition left goes, and what is no agent's stays")
  func leftovers() throws {
    let agent = try AgentFixture()
    _ = try AgentLock.acquire(agent.store.layout, purpose: "a test")
    let other = agent.home + "/agents/other"
    try Files.makeDirectories(other)
    try agent.write("notes.txt", "mine", in: other)
    #expect(undo(agent).isEmpty)
    #expect(!Files.exists(agent.store.layout.store))
    #expect(try Files.names(in: other) == ["notes.txt"])
  }
}

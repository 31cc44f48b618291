import Glibc
import Linux
import Model
import Synchronization
import TestSupport
import Testing

@testable import Workspace

@Suite("Rolling back") struct RollbackTests {
  @Test("brings a generation back byte by byte, and both ways")
  func both() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let one = try agent.digest()
    try agent.keep(retries: 2)
    let two = try agent.digest()
    var phases: [SwitchIntent.Phase] = []
    let report = try agent.store.rollback(to: GenerationNumber(1)) { phases.append($0.phase) }
    #expect(report.live == GenerationNumber(1))
    #expect(report.retired.stored == GenerationNumber(2))
    #expect(phases == [.preparing, .switching, .committing])
    #expect(try agent.digest() == one)
    _ = try agent.store.rollback(to: GenerationNumber(2)) { _ in }
    #expect(try agent.digest() == two)
    #expect(try agent.store.generations().map(\.isLive) == [false, true])
    #expect(try agent.leftovers() == [])
  }

  @Test("stores edits of the live tree as a generation first")
  func edits() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let one = try agent.digest()
    try agent.keep(retries: 2)
    try agent.write("agent.py", "print('mine')\n")
    let edited = try agent.digest()
    let report = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
    #expect(try agent.digest() == one)
    let stored = try #require(report.retired.stored)
    #expect(stored == GenerationNumber(3))
    #expect(try agent.digest(of: agent.store.layout.tree(stored)) == edited)
    _ = try agent.store.rollback(to: stored) { _ in }
    #expect(try agent.read("agent.py") == "print('mine')\n")
  }

  @Test("is refused where there is nothing to go back to")
  func refused() throws {
    let agent = try AgentFixture()
    try agent.attach()
    try agent.keep(retries: 2)
    func refusal(_ number: Int) -> String? {
      code { _ = try agent.store.rollback(to: GenerationNumber(number)) { _ in } }
    }
    #expect(refusal(2) == "E_ALREADY_LIVE")
    #expect(refusal(9) == "E_GENERATION_UNKNOWN")
    try agent.write(
      "agent.py", "late", in: agent.store.layout.tree(GenerationNumber(1)))
    #expect(refusal(1) == "E_GENERATION_CHANGED")
    #expect(try agent.read("config.json").contains("2"))
  }

  @Test("that cannot be recorded changes nothing", arguments: [1, 2])
  func unrecorded(call: Int) throws {
    let agent = try AgentFixture()
    try agent.attach()
    try agent.keep(retries: 2)
    let two = try agent.digest()
    var calls = 0
    let refused = code {
      _ = try agent.store.rollback(to: GenerationNumber(1)) { _ throws(KaizenError) in
        calls += 1
        if calls == call { throw KaizenError("E_TEST", "the database is gone") }
      }
    }
    #expect(refused == "E_TEST")
    #expect(try agent.digest() == two)
    #expect(try agent.leftovers() == [])
    _ = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
  }

  @Test("keeps the current, the previous and pinned generations, and few of the others")
  func collect() throws {
    let agent = try AgentFixture()
    try agent.attach()
    for retries in 2...7 { try agent.keep(retries: retries) }
    let policy = RetentionPolicy(treeCountMax: 2, pinned: [GenerationNumber(1)])
    #expect(
      try agent.store.collect(policy).removed.map(\.value).sorted() == [2, 3, 4, 5])
    try agent.store.emptyTrash()
    let all = try agent.store.generations()
    #expect(all.filter(\.isStored).map(\.record.number.value) == [1, 6])
    #expect(all.count == 7)
    #expect(all.last?.isLive == true)
    #expect(try agent.leftovers() == [])
    _ = try agent.store.rollback(to: GenerationNumber(1)) { _ in }
    #expect(try agent.read("config.json").contains("1"))
  }

  @Test("within a budget of bytes, and never a tree that was written after it was stored")
  func budget() throws {
    let agent = try AgentFixture()
    try agent.attach()
    for retries in 2...5 { try agent.keep(retries: retries) }
    let store = agent.store
    try agent.write("agent.py", "late", in: store.layout.tree(GenerationNumber(2)))
    let report = try store.collect(RetentionPolicy(byteCountMax: 0))
    #expect(report.removed.map(\.value).sorted() == [1, 3])
    #expect(report.written == [GenerationNumber(2)])
    #expect(try agent.read("agent.py", in: store.layout.tree(GenerationNumber(2))) == "late")
  }
}

@Suite("Reading across switches") struct ReaderTests {
  @Test("whoever opens the path sees one whole generation, and never none")
  func hammer() throws {
    let agent = try AgentFixture(
      paths: PathSet(ignored: ["kept.log"]),
      files: ["a": "1\n", "b": "1\n", "kept.log": "log"])
    try agent.attach()
    let root = agent.root
    let isDone = Atomic(false)
    let counts = Condition((reads: 0, torn: [String]()))
    let thread = try BlockingThread(name: "reader") {
      while !isDone.load(ordering: .relaxed) {
        let torn = Self.readOnce(root)
        counts.update { counts in
          counts.reads += 1
          if let torn { counts.torn.append(torn) }
        }
      }
    }
    for value in 2...40 {
      let stage = try agent.store.clone(try agent.store.base())
      try agent.write("a", "\(value)\n", in: stage.path)
      try agent.write("b", "\(value)\n", in: stage.path)
      let placed = try agent.store.place(stage, try agent.store.seal(stage))
      try agent.store.switchTo(placed)
      _ = try agent.store.settle(placed)
      if value % 3 == 0 {
        _ = try agent.store.switchBack(placed)
      } else {
        _ = try agent.store.commit(placed)
      }
      _ = try agent.store.collect(RetentionPolicy(treeCountMax: 2))
      try agent.store.emptyTrash()
    }
    isDone.store(true, ordering: .relaxed)
    thread.join()
    let (reads, torn) = counts.update { $0 }
    #expect(torn == [])
    #expect(reads > 100)
  }

  /// Opens the folder once and reads three files in it; what is wrong, or nil.
  private static func readOnce(_ root: String) -> String? {
    do {
      let tree = try DirectoryHandle(path: root)
      let a = try tree.file(FileName("a")).readAll(limit: 10)
      let b = try tree.file(FileName("b")).readAll(limit: 10)
      if a != b { return "a is \(a), b is \(b)" }
      if !Files.exists(root + "/kept.log") { return "kept.log is missing" }
      return nil
    } catch {
      // A tree held open for long may be collected meanwhile; the path itself never fails to open.
      return error.call == "open" ? "\(error)" : nil
    }
  }
}

import Glibc
import Linux
import Model
import Testing

@testable import Workspace

@Suite("A trial on a folder") struct TrialTests {
  @Test("a clone is the base, byte by byte, and a change to it leaves the live tree as it was")
  func clone() throws {
    let agent = try AgentFixture()
    let base = try agent.attach().base
    #expect(base.number == GenerationNumber(1))
    let before = try agent.digest()
    let stage = try agent.store.clone(base)
    #expect(try agent.digest(of: stage.path) == before)
    try agent.write("config.json", "{}", in: stage.path)
    #expect(try agent.digest() == before)
    let manifest = try agent.store.seal(stage)
    #expect(manifest.number == GenerationNumber(2))
    #expect(manifest.digest != base.digest)
    try agent.store.discard(stage)
    #expect(try agent.leftovers() == [])
    #expect(try agent.store.generations().count == 1)
  }

  @Test("a kept change is live, and the old tree is stored")
  func keep() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let before = try agent.digest()
    try agent.keep(retries: 2)
    #expect(try agent.read("config.json") == "{\"retries\": 2}\n")
    #expect(try agent.digest(of: agent.store.layout.tree(GenerationNumber(1))) == before)
    let all = try agent.store.generations()
    #expect(all.map(\.isLive) == [false, true])
    #expect(all.map(\.isStored) == [true, false])
    #expect(try agent.leftovers() == [])
  }

  @Test("a change that fails its health is taken back, byte by byte")
  func switchBack() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let before = try agent.digest()
    let placed = try agent.placed()
    try agent.store.switchTo(placed)
    _ = try agent.store.settle(placed)
    #expect(try agent.read("config.json").contains("2"))
    let report = try agent.store.switchBack(placed)
    #expect(report.edits == [])
    #expect(try agent.digest() == before)
    #expect(try agent.leftovers() == [])
    #expect(try agent.store.generations().count == 1)
  }

  @Test("an edit of the live tree stops the switch, stays, and becomes the next base")
  func drift() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let placed = try agent.placed()
    try agent.write("agent.py", "print('edited')\n")
    #expect(try agent.store.drift(from: placed.base) == [TreePath("agent.py")])
    #expect(code { try agent.store.requireUnmoved(from: placed.base) } == "E_BASE_MOVED")
    try agent.store.discard(placed.intent)
    #expect(try agent.read("agent.py") == "print('edited')\n")
    let base = try agent.store.base()
    #expect(base.record.origin == .edits)
    #expect(base.record.parent == GenerationNumber(1))
    #expect(try agent.store.clone(base).number == base.number.next)
  }

  @Test("an edit in the instant before the exchange is seen right after it")
  func lateEdit() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let placed = try agent.placed()
    try agent.store.requireUnmoved(from: placed.base)
    try agent.write("agent.py", "print('late')\n")
    try agent.store.switchTo(placed)
    #expect(try agent.store.settle(placed).lateEdits == [TreePath("agent.py")])
    _ = try agent.store.switchBack(placed)
    #expect(try agent.read("agent.py") == "print('late')\n")
    #expect(try agent.read("config.json").contains("1"))
  }

  @Test("edits made while the change was live outlive its end")
  func editsOnTrial() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let placed = try agent.placed()
    try agent.store.switchTo(placed)
    _ = try agent.store.settle(placed)
    try agent.write("agent.py", "print('on trial')\n")
    let report = try agent.store.switchBack(placed)
    #expect(report.edits == [TreePath("agent.py")])
    let stored = try #require(report.stored)
    #expect(
      try agent.read("agent.py", in: agent.store.layout.tree(stored)) == "print('on trial')\n")
    #expect(try agent.store.manifest(stored).record.origin == .edits)
    #expect(try agent.leftovers() == [])
  }

  @Test("what changes in a clone after it was sealed is found")
  func verify() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let (stage, manifest) = try agent.stage()
    try agent.store.verify(stage, is: manifest)
    try agent.write("agent.py", "x", in: stage.path)
    #expect(code { try agent.store.verify(stage, is: manifest) } == "E_STAGE_CHANGED")
  }

  @Test("the live tree is never discarded, nor the old one where the clone was")
  func discardLive() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let (stage, manifest) = try agent.stage()
    let placed = try agent.store.place(stage, manifest)
    try agent.store.switchTo(placed)
    #expect(code { try agent.store.discard(stage) } == "E_STAGE_LIVE")
    #expect(code { try agent.store.discard(placed.intent) } == "E_STAGE_LIVE")
    #expect(Files.exists(stage.path + "/config.json"))
  }

  @Test("a clone whose place was taken by another folder is not exchanged")
  func replacedStage() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let placed = try agent.placed()
    let stage = agent.store.layout.stage(placed.manifest.number)
    #expect(rename(stage, stage + ".away") == 0)
    try Files.makeDirectories(stage)
    #expect(code { try agent.store.switchTo(placed) } == "E_STAGE_GONE")
    #expect(try agent.read("config.json").contains("1"))
  }

  @Test("a sealed clone waits over a restart, and goes live after it")
  func hold() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let (stage, manifest) = try agent.stage()
    let intent = try agent.store.hold(stage, manifest)
    let stored = try #require(SwitchIntent(json: intent.json))
    #expect(stored == intent)
    #expect(try agent.store.recover(stored).outcome == .waiting)
    let (again, sealed) = try agent.store.reopen(stored)
    #expect(sealed.digest == manifest.digest)
    let placed = try agent.store.place(again, sealed)
    try agent.store.switchTo(placed)
    _ = try agent.store.commit(placed)
    #expect(try agent.read("config.json").contains("2"))
  }

  @Test("one change at a time, and whoever has the lock is named")
  func lock() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let held = try AgentLock.acquire(agent.store.layout, purpose: "trial 7")
    do {
      _ = try AgentLock.acquire(agent.store.layout, purpose: "rollback")
      Issue.record("the lock was given twice")
    } catch {
      #expect(error.code == "E_AGENT_LOCKED")
      #expect(error.message.contains("\(getpid()) (trial 7)"))
    }
    withExtendedLifetime(held) {}
  }
}

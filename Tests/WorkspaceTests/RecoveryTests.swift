import Glibc
import Linux
import Model
import Testing

@testable import Workspace

@Suite("Recovering from a crash") struct RecoveryTests {
  /// A trial that was abandoned after a step, with the intent that was stored last.
  private enum Step: String, CaseIterable, Sendable {
    case intended, madeFolder, cloned, changed, sealed, held, placed, switching, switched, settled
    case onTrial, committing, committed, switchingBack, switchedBack
  }

  /// What the caller stored last, and whether the new tree is live.
  private func abandon(_ agent: AgentFixture, after step: Step) throws -> (SwitchIntent, Bool) {
    let store = agent.store
    let base = try store.base()
    let number = try store.nextNumber()
    var intent = try store.intent(toClone: base, as: number)
    if step == .intended { return (intent, false) }
    if step == .madeFolder {
      try Files.makeDirectories(store.layout.stage(number))
      return (intent, false)
    }
    let stage = try store.clone(base, as: number)
    if step == .cloned { return (intent, false) }
    try agent.write("config.json", "{\"retries\": 2}\n", in: stage.path)
    if step == .changed { return (intent, false) }
    let manifest = try store.seal(stage)
    if step == .sealed { return (intent, false) }
    if step == .held { return (try store.hold(stage, manifest), false) }
    let placed = try store.place(stage, manifest)
    if step == .placed { return (intent, false) }
    intent = placed.intent
    if step == .switching { return (intent, false) }
    try store.switchTo(placed)
    if step == .switched { return (intent, true) }
    _ = try store.settle(placed)
    if step == .settled { return (intent, true) }
    intent = intent.with(phase: .trial)
    if step == .onTrial { return (intent, true) }
    if step == .committing { return (intent.with(phase: .committing), true) }
    if step == .committed {
      _ = try store.commit(placed)
      return (intent.with(phase: .committing), true)
    }
    intent = intent.with(phase: .switchingBack)
    if step == .switchingBack { return (intent, true) }
    _ = try store.switchBack(placed)
    return (intent, false)
  }

  private func outcome(_ step: Step) -> RecoveryReport.Outcome {
    switch step {
    case .held: .waiting
    case .switched, .settled, .onTrial, .committing, .committed: .newIsLive
    case .switchingBack: .switchedBack
    default: .undone
    }
  }

  @Test("of a trial, after each of its steps", arguments: Step.allCases)
  private func trial(step: Step) throws {
    let agent = try AgentFixture(
      paths: PathSet(ignored: ["*.log"], state: ["memory.db"]),
      files: AgentFixture.files.merging(["run.log": "log", "memory.db": "db"]) { one, _ in one })
    try agent.attach()
    let before = try agent.digest()
    let (intent, isNewLive) = try abandon(agent, after: step)
    #expect(try agent.read("config.json").contains(isNewLive ? "2" : "1"))
    let report = try agent.store.recover(intent)
    #expect(report.outcome == outcome(step), "\(report.actions)")
    // Again, as after a crash in it: nothing is different.
    let again = try agent.store.recover(intent)
    let isOver = report.outcome == .switchedBack
    #expect(again.outcome == (isOver ? .undone : report.outcome), "\(again.actions)")
    if report.outcome == .newIsLive {
      #expect(try agent.read("config.json") == "{\"retries\": 2}\n")
    } else {
      #expect(try agent.digest() == before)
    }
    #expect(try agent.read("run.log") == "log")
    #expect(try agent.read("memory.db") == "db")
    try finish(agent, intent, report.outcome)
    #expect(try agent.leftovers() == [])
    #expect(try agent.keep(retries: 5) > GenerationNumber(1))
    #expect(try agent.read("run.log") == "log")
  }

  /// Does what the caller does after the recovery.
  private func finish(
    _ agent: AgentFixture, _ intent: SwitchIntent, _ outcome: RecoveryReport.Outcome
  ) throws {
    switch outcome {
    case .newIsLive where intent.phase == .committing: break
    case .newIsLive:
      let placed = try agent.store.resume(intent)
      _ = try agent.store.switchBack(placed)
      #expect(try agent.read("config.json") == "{\"retries\": 1}\n")
    case .waiting: try agent.store.discard(intent)
    default: break
    }
  }

  /// How far a rollback got.
  private enum RollbackStep: Int, CaseIterable, Sendable { case preparing, placed, switched, done }

  @Test("of a rollback, after each of its steps", arguments: RollbackStep.allCases)
  private func rollback(step: RollbackStep) throws {
    let agent = try AgentFixture(
      paths: PathSet(ignored: ["*.log"]),
      files: AgentFixture.files.merging(["run.log": "log"]) { one, _ in one })
    try agent.attach()
    let one = try agent.digest()
    try agent.keep(retries: 2)
    let two = try agent.digest()
    var intents: [SwitchIntent] = []
    // An error on the way would make it clean up: to find it abandoned, it runs to its end, and then
    // its trees are put where they were.
    _ = try agent.store.rollback(to: GenerationNumber(1)) { intents.append($0) }
    let layout = agent.store.layout
    let beside = layout.stage(GenerationNumber(1))
    func move(_ from: String, _ to: String) { #expect(rename(from, to) == 0) }
    switch step {
    case .preparing:  // stored: 1, live: 2, as before
      move(layout.root, layout.tree(GenerationNumber(1)))
      move(layout.tree(GenerationNumber(2)), layout.root)
    case .placed:  // beside: 1, live: 2
      move(layout.root, beside)
      move(layout.tree(GenerationNumber(2)), layout.root)
    case .switched:  // live: 1, beside: 2
      move(layout.tree(GenerationNumber(2)), beside)
    case .done: break
    }
    let index = min(step.rawValue, 2)
    let intent = step == .switched ? intents[1] : intents[index]
    _ = try agent.store.recover(intent)
    _ = try agent.store.recover(intent)
    let isBack = step == .switched || step == .done
    #expect(try agent.digest() == (isBack ? one : two))
    #expect(try agent.leftovers() == [])
    #expect(
      try agent.store.generations().map(\.isStored) == (isBack ? [false, true] : [true, false]))
  }

  @Test("a new tree that is not what was placed is taken back, and kept to be looked at")
  func torn() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let before = try agent.digest()
    let (intent, _) = try abandon(agent, after: .switched)
    // What a power cut does where nothing was synced: the name is there, the bytes are not.
    #expect(truncate(agent.root + "/agent.py", 0) == 0)
    let report = try agent.store.recover(intent)
    #expect(report.outcome == .switchedBack)
    #expect(report.actions.contains { $0.contains("\"agent.py\"") })
    #expect(try agent.digest() == before)
    let stored = try #require(report.stored.first)
    #expect(try agent.read("agent.py", in: agent.store.layout.tree(stored)) == "")
  }

  @Test("a path that is missing gets its tree back", arguments: [true, false])
  func missing(isBeside: Bool) throws {
    let agent = try AgentFixture()
    try agent.attach()
    let one = try agent.digest()
    var intent: SwitchIntent?
    if isBeside {
      intent = try abandon(agent, after: .placed).0.with(phase: .switching)
      let beside = agent.store.layout.stage(GenerationNumber(2))
      #expect(rename(beside, agent.base + "/gone") == 0)
      #expect(rename(agent.root, beside) == 0)
    } else {
      try agent.keep(retries: 2)
      #expect(rename(agent.root, agent.base + "/gone") == 0)
    }
    let report = try agent.store.recover(intent)
    #expect(report.outcome == .repaired)
    #expect(report.actions.contains { $0.contains("E_POINTER_REPAIRED") })
    #expect(try agent.digest() == one)
    #expect(try agent.leftovers() == [])
  }

  @Test("a path that is missing, with nothing stored, is said to be lost")
  func lost() throws {
    let agent = try AgentFixture()
    try agent.attach()
    #expect(rename(agent.root, agent.base + "/gone") == 0)
    #expect(try agent.store.recover(nil).outcome == .lost)
    #expect(rename(agent.base + "/gone", agent.root) == 0)
    #expect(try agent.store.recover(nil).outcome == .quiet)
  }

  @Test(
    "a clone that was never live does not become it where the path is missing",
    arguments: [Step.changed, .held], [true, false])
  private func neverLive(step: Step, isStored: Bool) throws {
    let agent = try AgentFixture()
    try agent.attach()
    let one = try agent.digest()
    if isStored { try agent.keep(retries: 7) }
    let (intent, _) = try abandon(agent, after: step)
    #expect(rename(agent.root, agent.base + "/gone") == 0)
    let report = try agent.store.recover(intent)
    let clone = agent.store.layout.stage(intent.new)
    if isStored {
      #expect(report.outcome == .repaired)
      #expect(try agent.digest() == one)
      #expect(try agent.leftovers() == [])
    } else {
      #expect(report.outcome == .lost)
      #expect(!Files.exists(agent.root))
      #expect(try agent.read("config.json", in: clone) == "{\"retries\": 2}\n")
    }
  }

  @Test("a generation on its way from the store gets to a path that is missing")
  func rollbackMissing() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let one = try agent.digest()
    try agent.keep(retries: 2)
    var intents: [SwitchIntent] = []
    _ = try agent.store.rollback(to: GenerationNumber(1)) { intents.append($0) }
    let layout = agent.store.layout
    let first = try #require(intents.first)
    #expect(rename(layout.root, layout.stage(GenerationNumber(1))) == 0)
    #expect(rename(layout.tree(GenerationNumber(2)), agent.base + "/gone") == 0)
    #expect(try agent.store.recover(first).outcome == .repaired)
    #expect(try agent.digest() == one)
    #expect(try agent.leftovers() == [])
  }

  @Test("an intent that never got its clone takes nothing of a generation that got its number")
  func sameNumber() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let (never, _) = try abandon(agent, after: .intended)
    let two = try agent.keep(retries: 2)
    #expect(never.new == two)
    try agent.store.discard(never)
    #expect(try agent.store.liveRecord()?.number == two)
    #expect(try agent.store.base().number == two)
    _ = try agent.store.recover(never)
    #expect(try agent.store.liveRecord()?.number == two)
    // Stored now: its tree stays as well.
    try agent.keep(retries: 3)
    try agent.store.discard(never)
    #expect(try agent.store.generations().map(\.isStored) == [true, true, false])
  }

  @Test("a clone whose folder got the inode of a collected generation is no generation")
  func reusedInode() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let layout = agent.store.layout
    // A kill between making a clone's folder and noting its inode leaves it empty.
    let stage = layout.stage(GenerationNumber(9))
    try Files.makeDirectories(stage)
    let parent = try DirectoryHandle(path: layout.parent)
    let status = try #require(try parent.status(FileName(Files.name(of: stage))))
    var record = try #require(try agent.store.liveRecord())
    record.number = GenerationNumber(5)
    record.rootInode = FileIdentity(status).inode
    let folder = layout.generation(record.number)
    try Files.makeDirectories(folder)
    try Files.replace(folder + "/generation.json", with: record.json.text().utf8)
    let report = try agent.store.recover(nil)
    #expect(report.stored.isEmpty)
    #expect(!Files.exists(stage))
    #expect(try agent.store.liveRecord()?.number == GenerationNumber(1))
  }

  @Test("a folder that the owner put in its place stays, and what was there is stored")
  func replaced() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let (intent, _) = try abandon(agent, after: .onTrial)
    #expect(rename(agent.root, agent.base + "/mine") == 0)
    try Files.makeDirectories(agent.root)
    try agent.write("agent.py", "another agent")
    let report = try agent.store.recover(intent)
    #expect(report.outcome == .rootReplaced)
    #expect(try agent.read("agent.py") == "another agent")
    #expect(report.stored == [GenerationNumber(1)])
    #expect(try agent.store.base().record.origin == .edits)
  }

  @Test("without any intent: clones go, old trees are stored, and strangers stay")
  func forgotten() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let layout = agent.store.layout
    _ = try abandon(agent, after: .changed)
    try Files.makeDirectories(layout.stage(GenerationNumber(7)))
    try Files.makeDirectories(layout.stage(GenerationNumber(9)))
    try agent.write("mine", "not Kaizen's", in: layout.stage(GenerationNumber(9)))
    let report = try agent.store.recover(nil)
    #expect(report.outcome == .quiet)
    #expect(try agent.leftovers() == [".unit.next-9"])
    #expect(report.actions.contains { $0.contains("left") && $0.contains("next-9") })
    let number = try agent.keep(retries: 2)
    #expect(number == GenerationNumber(10))
    let placed = try agent.placed(retries: 3)
    try agent.store.switchTo(placed)
    #expect(try agent.store.recover(nil).stored == [number])
    #expect(try agent.read("config.json").contains("3"))
  }
}

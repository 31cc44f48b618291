import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

/// One agent's life in a few steps, with every intent stored as the engine stores it.
struct Life {
  static let kept = ["run.log": "log", "memory.db": "db"]
  static let paths = PathSet(ignored: ["*.log"], state: ["memory.db"])

  let agent: AgentFixture
  var intentPath: String { agent.base + "/intent.json" }

  func record(_ intent: SwitchIntent?) throws(KaizenError) {
    try io(intentPath, "writing") { () throws(SystemError) in
      try Files.replace(intentPath, with: (intent?.json ?? .null).text().utf8)
    }
  }

  func recorded() throws -> SwitchIntent? {
    if !Files.exists(intentPath) { return nil }
    return SwitchIntent(json: try JSONDocument.parse(Files.read(intentPath, limit: 1 << 16)))
  }

  /// Places a clone that waited, as the engine does once a person agreed.
  func place() throws {
    let intent = try #require(try recorded())
    let (stage, manifest) = try agent.store.reopen(intent)
    try record(intent.with(phase: .preparing))
    _ = try agent.store.place(stage, manifest)
  }

  /// A trial kept, one taken back, one edited while live, a rollback over edits, a collection.
  func live() throws {
    try trial(retries: 2, isKept: true)
    try trial(retries: 3, isKept: false)
    try agent.write("tools/search.py", "edited")
    _ = try agent.store.rollback(to: GenerationNumber(1), record: record)
    try record(nil)
    _ = try agent.store.collect(RetentionPolicy(treeCountMax: 1))
    try agent.store.emptyTrash()
  }

  private func trial(retries: Int, isKept: Bool) throws {
    let store = agent.store
    let base = try store.base()
    let number = try store.nextNumber()
    try record(try store.intent(toClone: base, as: number))
    let stage = try store.clone(base, as: number)
    try agent.write("config.json", "{\"retries\": \(retries)}\n", in: stage.path)
    try agent.write("both.txt", "\(retries)", in: stage.path)
    let placed = try store.place(stage, try store.seal(stage))
    try store.requireUnmoved(from: base)
    try record(placed.intent)
    try store.switchTo(placed)
    _ = try store.settle(placed)
    try record(placed.intent.with(phase: .trial))
    if isKept {
      try record(placed.intent.with(phase: .committing))
      _ = try store.commit(placed)
    } else {
      try record(placed.intent.with(phase: .switchingBack))
      _ = try store.switchBack(placed)
    }
    try record(nil)
  }

  /// What the engine does at its start.
  func restart() throws {
    let intent = try recorded()
    let report = try agent.store.recover(intent)
    if report.outcome == .newIsLive, let intent, intent.kind == .trial,
      intent.phase != .committing
    {
      let placed = try agent.store.resume(intent)
      try record(intent.with(phase: .switchingBack))
      _ = try agent.store.switchBack(placed)
    }
    try record(nil)
  }
}

@Suite("Killed at any call") struct CrashTests {
  /// How many of all crash points are tried; KAIZEN_TORTURE=1 tries all of them.
  static let pointCount = 20

  /// Not a test of its own: what the killed process does.
  @Test("victim", .enabled(if: getenv("KAIZEN_VICTIM") != nil))
  func victim() throws {
    let base = try #require(getenv("KAIZEN_VICTIM").map { String(cString: $0) })
    let mode = getenv("KAIZEN_VICTIM_MODE").flatMap { AttachMode(rawValue: String(cString: $0)) }
    let life = Life(
      agent: try AgentFixture(paths: Life.paths, files: [:], at: base, mode: mode ?? .directory))
    unlink(CrashShim.begin)
    switch getenv("KAIZEN_VICTIM_DOES").map({ String(cString: $0) }) {
    case "recover": try life.restart()
    case "place": try life.place()
    case "attach": try life.agent.attach()
    case "detach": try life.agent.store.detach()
    default: try life.live()
    }
    unlink(CrashShim.end)
  }

  private func run(
    _ agent: AgentFixture, _ shim: CrashShim, at point: Int, does what: String = "live"
  ) throws {
    let base = agent.base
    let environment = [
      "LD_PRELOAD": shim.library, "KAIZEN_VICTIM": base, "KAIZEN_CRASH_AT": "\(point)",
      "KAIZEN_CRASH_COUNT": base + "/count", "KAIZEN_VICTIM_DOES": what,
      "KAIZEN_VICTIM_MODE": agent.store.layout.mode.rawValue,
      "SWIFT_BACKTRACE": "enable=no",
    ]
    let nowhere = try FileDescriptor.open("/dev/null", O_RDWR)
    let child = try ChildProcess(
      ChildCommand(
        words: [
          try Files.resolve("/proc/self/exe"), "--testing-library", "swift-testing", "--filter",
          "CrashTests/victim",
        ], environment: environment, descriptors: [0: nowhere.raw, 1: nowhere.raw, 2: nowhere.raw]))
    let exit = try child.wait(timeout: .seconds(20))?.status
    try #require(exit == .exited(0) || exit == .signaled(SIGKILL), "\(String(describing: exit))")
  }

  private func life(_ mode: AttachMode) throws -> Life {
    let files = AgentFixture.files.merging(Life.kept) { one, _ in one }
    let agent = try AgentFixture(paths: Life.paths, files: files, mode: mode)
    try agent.attach()
    return Life(agent: agent)
  }

  @Test(
    "the agent is one whole generation, nothing is left over and nothing is lost",
    .enabled(if: getenv("KAIZEN_VICTIM") == nil), arguments: AttachMode.allCases)
  func everyPoint(mode: AttachMode) throws {
    let directory = try TemporaryDirectory("workspace-shim")
    guard let shim = try CrashShim(in: directory) else {
      print("skipped: no clang to compile the shim with")
      return
    }
    let whole = try life(mode)
    try run(whole.agent, shim, at: 0)
    let total = try #require(Int(try whole.agent.read("count", in: whole.agent.base)))
    try check(whole, "not killed")
    let isThorough = getenv("KAIZEN_TORTURE") != nil
    print("\(mode): \(total) calls that change files")
    let step = isThorough ? 1 : max(1, total / Self.pointCount)
    for point in stride(from: 1, through: total, by: step) {
      let life = try life(mode)
      try run(life.agent, shim, at: point)
      // Killed once more while it recovers, somewhere; then left to recover.
      if isThorough || point % 3 == 0 {
        try run(life.agent, shim, at: 1 + point * 7 % 31, does: "recover")
      }
      try life.restart()
      try check(life, "killed at call \(point) of \(total)")
    }
  }

  @Test(
    "placing a clone that waited tears nothing that was recorded of it, and recovery removes it",
    .enabled(if: getenv("KAIZEN_VICTIM") == nil), arguments: AttachMode.allCases)
  func placing(mode: AttachMode) throws {
    let directory = try TemporaryDirectory("workspace-shim")
    guard let shim = try CrashShim(in: directory) else { return }
    var (point, total) = (0, 1)
    while point <= total {
      let life = try life(mode)
      let agent = life.agent
      let (stage, manifest) = try agent.stage(retries: 2)
      try life.record(try agent.store.hold(stage, manifest))
      try run(agent, shim, at: point, does: "place")
      if point == 0 { total = try #require(Int(try agent.read("count", in: agent.base))) }
      let place = "\(mode): killed at call \(point) of \(total)"
      #expect(try agent.store.manifest(stage.number).digest == manifest.digest, "\(place)")
      let intent = try #require(try life.recorded())
      let report = try agent.store.recover(intent)
      // Until the person's yes is recorded it waits on.
      let isWaiting = intent.phase == .waiting
      #expect(report.outcome == (isWaiting ? .waiting : .undone), "\(place): \(report.actions)")
      #expect(!report.actions.contains { $0.contains("gave up") }, "\(place): \(report.actions)")
      if !isWaiting {
        let leftovers = try agent.leftovers()
        #expect(leftovers == [], "\(place): \(leftovers)")
      }
      point += getenv("KAIZEN_TORTURE") == nil ? max(1, total / 12) : 1
    }
  }

  @Test(
    "attaching and detaching leave the folder attached, or as it was",
    .enabled(if: getenv("KAIZEN_VICTIM") == nil), arguments: ["attach", "detach"],
    AttachMode.allCases)
  func attaching(what: String, mode: AttachMode) throws {
    let directory = try TemporaryDirectory("workspace-shim")
    guard let shim = try CrashShim(in: directory) else { return }
    let files = AgentFixture.files.merging(Life.kept) { one, _ in one }
    var (point, total) = (0, 1)
    while point <= total {
      let agent = try AgentFixture(paths: Life.paths, files: files, mode: mode)
      if what == "detach" { try agent.attach() }
      try run(agent, shim, at: point, does: what)
      // Killed once more in the recovery, somewhere; each time further on.
      if point % 2 == 1 { try run(agent, shim, at: 1 + point * 5 % 29, does: "recover") }
      if point == 0 { total = try #require(Int(try agent.read("count", in: agent.base))) }
      _ = try agent.store.recover(nil)
      if Files.exists(agent.store.layout.attachment) { try agent.store.detach() }
      let place = "\(mode) \(what) killed at call \(point) of \(total)"
      for (name, text) in files { #expect(try agent.read(name) == text, "\(place): \(name)") }
      var status = stat()
      #expect(lstat(agent.root + "/memory.db", &status) == 0)
      #expect(status.st_mode & S_IFMT == S_IFREG, "\(place)")
      #expect(try Files.names(in: agent.root).count == 6, "\(place)")
      let leftovers = try agent.leftovers()
      #expect(leftovers == [], "\(place): \(leftovers)")
      var isRoot = stat()
      #expect(lstat(agent.root, &isRoot) == 0 && isRoot.st_mode & S_IFMT == S_IFDIR, "\(place)")
      try agent.attach()
      point += getenv("KAIZEN_TORTURE") == nil ? max(1, total / 8) : 1
    }
  }

  private func check(_ life: Life, _ what: String) throws {
    let agent = life.agent
    let config = try agent.read("config.json")
    let isOne = config.contains("1")
    #expect(isOne || config.contains("2"), "\(what): \(config)")
    #expect(agent.exists("both.txt") == !isOne, "\(what): a mixture")
    for (name, text) in Life.kept { #expect(try agent.read(name) == text, "\(what): \(name)") }
    let leftovers = try agent.leftovers()
    #expect(leftovers == [], "\(what): \(leftovers)")
    var hasEdit = try agent.read("tools/search.py") == "edited"
    for status in try agent.store.generations() where status.isStored {
      let number = status.record.number
      let tree = try agent.store.openTree(number)
      let manifest = try agent.store.manifest(number)
      #expect(try agent.store.differences(of: tree, from: manifest) == [], "\(what): \(number)")
      let file = agent.store.layout.tree(number) + "/tools/search.py"
      hasEdit = try hasEdit || Files.read(file, limit: 100) == Array("edited".utf8)
    }
    let wasRolledBack = try agent.store.generations().contains { $0.record.origin == .edits }
    #expect(hasEdit || !wasRolledBack, "\(what): the edit is lost")
    try agent.keep(retries: 9)
    for (name, text) in Life.kept { #expect(try agent.read(name) == text, "\(what): \(name)") }
  }
}

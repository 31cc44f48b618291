import Glibc
import JSONStream
import Linux
import Model
import TestSupport

/// Kills a daemon over and over while it changes an agent, and collects what is wrong afterwards.
final class Torture {
  /// What a round has the daemon do, each a way to switch an agent.
  enum Action: String, CaseIterable {
    /// A plan that policy lets through, then one that awaits a person.
    case optimize
    /// The plan that waits.
    case approve
    /// Any generation that is kept.
    case rollback
  }

  /// What a campaign has come to.
  struct Figures {
    var kills = 0
    /// Kills of a daemon that was still recovering.
    var killsAtStart = 0
    /// Kills before the action's end.
    var killsUnderWay = 0
    var killsByAction: [String: Int] = [:]
    /// Rounds after which the new version was live.
    var switches = 0
    var violations: [String] = []
    /// Sums over all rounds.
    var startTime = Duration.zero
    var checkTime = Duration.zero
  }

  let daemon: DaemonUnderTest
  let agent: FlipAgent
  private(set) var figures = Figures()
  private var random: SeededGenerator
  /// How long each action takes undisturbed, and a start.
  private var lengths: [Action: Duration] = [:]
  private var startLength = Duration.zero
  /// Versions that were live at some time.
  private var known: Set<Int> = [FlipAgent.firstVersion]
  private var pending: String?
  private var stored: [Int64] = []
  /// The generation that is live, and the version of each that was seen so.
  private var live: Int64 = 1
  private var versions: [Int64: Int] = [1: FlipAgent.firstVersion]
  /// What the round's rollback goes back to.
  private var target: Int64 = 1
  private var round = 0

  /// One start of six is killed as well.
  private static let startKillChance = 1.0 / 6
  /// One kill of three follows a switch, within the time that ending a trial takes after it.
  private static let atSwitchChance = 1.0 / 3
  private static let switchLength = Duration.milliseconds(40)
  private static let switchPollInterval = Duration.microseconds(200)
  /// Attempts at a plan that waits.
  private static let proposalCountMax = 10
  /// How long an action may take until it is taken for hung.
  private static let actionTimeout = Duration.seconds(60)
  /// How long what a killed daemon started may outlive it.
  private static let goneTimeout = Duration.seconds(5)
  private static let pollMicroseconds: UInt32 = 5000

  /// Starts a daemon, adds the agent, and measures each action once.
  init(seed: UInt64, mode: String = "directory") throws {
    random = SeededGenerator(seed: seed)
    daemon = try DaemonUnderTest()
    agent = try FlipAgent(beside: daemon)
    try daemon.start()
    try require(["agent", "add", agent.root, "--attach", mode])
    for action in [Action.optimize, .approve, .optimize, .rollback] { try measure(action) }
  }

  /// How long things take undisturbed, for the report.
  var measured: String {
    let actions = Action.allCases.map { "\($0.rawValue) \(Self.text(lengths[$0] ?? .zero))" }
    return "start \(Self.text(startLength)), " + actions.joined(separator: ", ")
  }

  static func text(_ duration: Duration) -> String {
    "\(Int(duration / .milliseconds(1))) ms"
  }

  /// Has the daemon do something, kills it at a random instant, starts it again and checks it all.
  func kill() throws {
    round += 1
    let before = try agent.version().get()
    let action = try chooseAction()
    let length = lengths[action] ?? .zero
    let client = try daemon.startKaizen(words(action))
    let began = ContinuousClock.now
    let finished = try wait(for: client, length * 1.2)
    let instant = ContinuousClock.now - began
    var family = try daemon.killHard()
    // A rollback that finds no daemon does without one: what it makes is no work of recovery.
    if finished == nil { _ = try client.finish(timeout: Self.actionTimeout) }
    figures.kills += 1
    figures.killsByAction[action.rawValue, default: 0] += 1
    if finished == nil { figures.killsUnderWay += 1 }
    let label = "round \(round), \(action.rawValue) killed after \(Self.text(instant))"
    let atKill = whole("\(label), at the kill")
    family += try killStart(label)
    // Only those of now: while this daemon starts, other tests' daemons may be killed.
    let folders = try Leftovers(daemon: daemon, agent: agent).temporaryFolders()
    let starting = ContinuousClock.now
    try daemon.start()
    figures.startTime += ContinuousClock.now - starting
    let checking = ContinuousClock.now
    try awaitIdle(label)
    try look()
    if let after = whole("\(label), after recovery") {
      if after != before { figures.switches += 1 }
      if let atKill {
        judge(action, before, atKill, after, finished).forEach { report("\(label): \($0)") }
      }
      known.insert(after)
      versions[live] = after
    }
    try checkLeftovers(label, family, folders)
    figures.checkTime += ContinuousClock.now - checking
  }

  /// After the last kill, everything still works.
  func finish() throws {
    let label = "after the last kill"
    let done = try daemon.kaizen(words(.optimize))
    if done.status != 0 { report("\(label): \(done)") }
    _ = whole(label)
    if try daemon.stop() != .exited(0) { report("\(label): the daemon did not stop with 0") }
  }

  // MARK: - Actions

  private func chooseAction() throws -> Action {
    let dice = Double.random(in: 0..<1, using: &random)
    if dice < 0.3 {
      try propose()
      return pending == nil ? .optimize : .approve
    }
    return dice < 0.5 && !stored.isEmpty ? .rollback : .optimize
  }

  /// Has a plan wait for a person, where none does: only what is HIGH goes into one, and that asks.
  private func propose() throws {
    try look()
    // A version that fails its tests, one of five, is not asked about.
    for _ in 0..<Self.proposalCountMax where pending == nil {
      try require(["optimize", FlipAgent.id, "--strategy", "conservative", "--wait"])
      try look()
    }
  }

  private func words(_ action: Action) -> [String] {
    switch action {
    case .optimize:
      return ["optimize", FlipAgent.id, "--strategy", "comprehensive", "--wait", "--json"]
    case .approve: return ["approvals", "approve", pending ?? "", "--wait", "--json"]
    case .rollback:
      target = stored.randomElement(using: &random) ?? 1
      return ["rollback", FlipAgent.id, "--to", "\(target)", "--json"]
    }
  }

  /// Of a daemon that has just started, as the one that is killed has.
  private func measure(_ action: Action) throws {
    try daemon.stop()
    let starting = ContinuousClock.now
    try daemon.start()
    startLength = ContinuousClock.now - starting
    if action == .approve { try propose() }
    try look()
    let began = ContinuousClock.now
    let done = try daemon.kaizen(words(action), timeout: Self.actionTimeout)
    lengths[action] = ContinuousClock.now - began
    if done.status != 0 {
      throw DaemonUnderTest.Failure("\(action) fails undisturbed: \(done)")
    }
    known.insert(try agent.version().get())
  }

  @discardableResult
  private func require(_ words: [String]) throws -> JSONValue {
    let done = try daemon.kaizen(words + ["--json"], timeout: Self.actionTimeout)
    guard done.status == 0 else {
      throw DaemonUnderTest.Failure(
        "`kaizen \(words.joined(separator: " "))`: \(done)\n\(daemon.log)")
    }
    return try JSONDocument.parse(done.stdout)
  }

  /// Lets the client run until a random instant; nil where it was still under way then.
  ///
  /// Anywhere, or soon after a switch, where the most steps follow each other in the least time.
  private func wait(for client: StartedProgram, _ length: Duration) throws -> FinishedProgram? {
    let isAtSwitch = Double.random(in: 0..<1, using: &random) < Self.atSwitchChance
    let part = Double.random(in: 0...1, using: &random)
    guard isAtSwitch else { return try client.finish(timeout: length * part) }
    let end = ContinuousClock.now + length
    let before = agent.inode
    while agent.inode == before, ContinuousClock.now < end {
      if let finished = try client.finish(timeout: Self.switchPollInterval) { return finished }
    }
    return try client.finish(timeout: Self.switchLength * part)
  }

  /// Sometimes the start that follows is killed too, recovery and all.
  private func killStart(_ label: String) throws -> [ProcessSnapshot] {
    guard Double.random(in: 0..<1, using: &random) < Self.startKillChance else { return [] }
    let instant = startLength * Double.random(in: 0...1, using: &random)
    try daemon.launch()
    let family = try daemon.killHard(after: instant)
    figures.killsAtStart += 1
    _ = whole("\(label), and again \(Self.text(instant)) into the start")
    return family
  }

  /// What recovery did, by its own account: each sentence without its numbers, and how often.
  func recoveries() throws -> [String: Int] {
    let log = String(decoding: try Files.read(daemon.logFile, limit: 1 << 28), as: UTF8.self)
    var counts: [String: Int] = [:]
    for line in log.split(separator: "\n") {
      let parts = line.split(separator: "recovery: ", maxSplits: 1)
      guard parts.count == 2, let said = parts[1].split(separator: " agent=").first else {
        continue
      }
      let words = said.split(separator: " ").map { word in
        word.contains(where: \.isNumber) ? "N" + word.filter { !$0.isNumber } : String(word)
      }
      counts[words.joined(separator: " "), default: 0] += 1
    }
    return counts
  }

  // MARK: - Checks

  func report(_ violation: String) { figures.violations.append(violation) }

  /// The version that is live; nil, and a violation, where it is not wholly one.
  private func whole(_ label: String) -> Int? {
    switch agent.version() {
    case .success(let version): return version
    case .failure(let mixture):
      report("\(label): \(mixture)")
      return nil
    }
  }

  /// What is wrong with the versions before the action, at the kill and after recovery.
  private func judge(
    _ action: Action, _ before: Int, _ atKill: Int, _ after: Int, _ finished: FinishedProgram?
  ) -> [String] {
    var wrong: [String] = []
    let isRollback = action == .rollback
    if atKill != before, known.contains(atKill) != isRollback {
      wrong.append("version \(atKill) is neither the old nor the new one")
    }
    // A plan that was approved is carried out by the next start, if it must be.
    if after != before, after != atKill, action != .approve || known.contains(after) {
      wrong.append("recovery made version \(after) of \(atKill), from \(before)")
    }
    if !FlipAgent.passesTests(after) { wrong.append("version \(after) fails its tests") }
    if !FlipAgent.isHealthy(after) { wrong.append("version \(after) is not healthy") }
    if let finished {
      if finished.status != 0 { wrong.append("the action failed: \(finished)") }
      if after != atKill { wrong.append("what had ended with \(atKill) became \(after)") }
      let isTrue = isRollback ? isAtTarget(after) : isKept(finished) == (after != before)
      if !isTrue { wrong.append("\(before) became \(after), but the answer was: \(finished)") }
    }
    return wrong
  }

  /// Whether a run kept a change; either of its plans may be the one.
  private func isKept(_ finished: FinishedProgram) -> Bool {
    finished.stdout.contains("\"verdict\":\"kept\"")
  }

  /// Whether the generation that was asked for is live, with the version it had when it was so last.
  ///
  /// That may be the version before: attaching as `managed` makes two generations of the same files.
  private func isAtTarget(_ version: Int) -> Bool {
    live == target && versions[target, default: version] == version
  }

  /// Waits for what recovery goes on with: a plan that was approved when the daemon was killed.
  private func awaitIdle(_ label: String) throws {
    let end = ContinuousClock.now + Self.actionTimeout
    while true {
      let status = try require(["status"])
      for problem in status["problems"]?.array ?? [] {
        report("\(label): the daemon complains: \(problem.text())")
      }
      if status["runs"]?.integer == 0 { return }
      if ContinuousClock.now > end { return report("\(label): a run goes on for ever") }
    }
  }

  /// Notes what waits for a person, and what could be rolled back to.
  private func look() throws {
    let waiting = try require(["approvals", "list", "--state", "pending"])["items"]?.array ?? []
    pending = waiting.first?["id"]?.string
    let generations = try require(["generations", FlipAgent.id])["items"]?.array ?? []
    stored = generations.filter { $0["state"]?.string == "stored" }.compactMap {
      $0["number"]?.integer
    }
    live = generations.first { $0["state"]?.string == "live" }?["number"]?.integer ?? 0
  }

  /// What recovery should have left: nothing but what waits.
  private func checkLeftovers(_ label: String, _ family: [ProcessSnapshot], _ folders: [String])
    throws
  {
    var waiting: Set<String> = []
    for trial in try require(["history", FlipAgent.id])["items"]?.array ?? [] {
      let verdict = trial["verdict"]?.string
      if verdict == "awaiting_approval" {
        waiting.insert("\((trial["generation"]?.integer ?? 0))")
      } else if verdict == nil || trial["finished_at"]?.string == nil {
        report("\(label): a trial neither ended nor waits: \(trial.text())")
      }
    }
    let leftovers = Leftovers(daemon: daemon, agent: agent)
    try leftovers.inFolders(waitingCount: waiting.count).forEach { report("\(label): \($0)") }
    try leftovers.locks().forEach { report("\(label): \($0)") }
    let audit = try daemon.kaizen("audit", "verify")
    if audit.status != 0 { report("\(label): audit: \(audit)") }
    // What the kernel takes down may take it a moment.
    let end = ContinuousClock.now + Self.goneTimeout
    while true {
      let left =
        try leftovers.processes(family) + leftovers.mounts() + leftovers.groups(family)
        + folders.filter(Files.exists).map { "folder \($0)" }
      if left.isEmpty { return }
      if ContinuousClock.now > end { return left.forEach { report("\(label): \($0)") } }
      _ = usleep(Self.pollMicroseconds)
    }
  }
}

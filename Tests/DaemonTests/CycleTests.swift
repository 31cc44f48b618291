import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// The example agent under a real daemon, with feedback that says it is too slow.
private struct Cycle {
  let daemon: DaemonUnderTest
  let agent: String

  init(policy: String? = nil, mode: String = "directory") throws {
    daemon = try DaemonUnderTest()
    if let policy { try daemon.write("policy.json", policy) }
    agent = daemon.directory.path + "/unit-converter"
    let copy = try ChildProcess(
      ChildCommand(
        words: ["/bin/cp", "-r", Compiler.packageRoot + "/Examples/agents/unit-converter", agent]))
    #expect(try copy.wait(timeout: .seconds(10))?.status == .exited(0))
    try daemon.start()
    try check(daemon.kaizen("agent", "add", agent, "--attach", mode))
    let live = mode == "managed" ? 2 : 1
    let lines = (1...30).map { number in
      let outcome = number % 10 == 0 ? "\"failure\",\"error_type\":\"UnknownUnit\"" : "\"success\""
      return "{\"agent_id\":\"unit-converter\",\"operation_id\":\"op-\(number)\","
        + "\"type\":\(outcome),\"duration_ms\":400,\"generation\":\(live)}"
    }
    try check(
      daemon.kaizen(["record", "--ndjson", "-"], input: lines.joined(separator: "\n") + "\n"))
  }

  @discardableResult
  func check(_ done: FinishedProgram) throws -> FinishedProgram {
    if done.status != 0 { throw DaemonUnderTest.Failure("\(done)\n\(daemon.log)") }
    return done
  }

  func json(_ words: String...) throws -> JSONValue {
    try JSONDocument.parse(try check(daemon.kaizen(words + ["--json"])).stdout)
  }

  func optimize() throws -> [JSONValue] {
    try json("optimize", "unit-converter", "--strategy", "comprehensive", "--wait")["plans"]?.array
      ?? []
  }

  /// Every file of the agent with its bytes.
  func files() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for name in try Files.names(in: agent) where !Files.isDirectory(agent + "/" + name) {
      found[name] = try Files.read(agent + "/" + name, limit: 1 << 20)
    }
    return found
  }

  /// Names beside the agent that a switch may have left.
  func leftovers() throws -> [String] {
    try Files.names(in: daemon.directory.path).filter { $0.hasPrefix(".unit-converter.next-") }
  }
}

@Suite("One agent improved, end to end") struct CycleTests {
  @Test(
    "a change is rolled back, one kept, and one approved, by what really happens",
    arguments: ["directory", "managed"])
  func wholeCycle(mode: String) throws {
    let cycle = try Cycle(mode: mode)
    let health = try cycle.json("health", "unit-converter")
    #expect(health["operations"] == 30)
    #expect((health["score"]?.number ?? 0) > 70)
    let original = try cycle.files()

    let first = try cycle.optimize()
    #expect(first.map { $0["verdict"]?.string } == ["rolled_back", "awaiting_approval"])
    #expect(first.allSatisfy { $0["was_live"] == false })
    #expect(try cycle.files() == original, "a change that failed its tests was never live")

    let second = try cycle.optimize()
    #expect(second.map { $0["verdict"]?.string } == ["kept"])
    let tuned = try cycle.files()
    // That all 30 are too slow is a learning, which the instructions lacked.
    let changed = tuned.filter { original[$0.key] != $0.value }.map(\.key)
    #expect(changed.sorted() == ["AGENTS.md", "config.json"])

    let request = try #require(try cycle.json("approvals", "list")["items"]?.array?.first)
    let id = try #require(request["id"]?.string)
    #expect(request["severity"] == "critical")
    let shown = try cycle.json("approvals", "show", id)
    #expect(shown["trial"]?["diff"]?.string?.contains("os.environ.get") == true)
    // The base moved since it was asked for: the same change is tried on the new one.
    let approved = try cycle.json("approvals", "approve", id, "--wait")
    #expect(approved["verdict"] == "kept")
    let hardened = try cycle.files()
    #expect(hardened.filter { tuned[$0.key] != $0.value }.map(\.key) == ["rates.py"])
    let again = try cycle.daemon.kaizen("approvals", "approve", id)
    #expect(again.status == 1, "an approval is used once")

    #expect(try cycle.json("rollback", "unit-converter", "--to", "1")["to"] == 1)
    #expect(try cycle.files() == original)
    #expect(try cycle.leftovers().isEmpty)
    #expect(try cycle.json("audit", "verify")["intact"] == true)
    #expect(try cycle.daemon.stop() == .exited(0))
  }

  @Test(
    "what waits for a person survives a kill, and is carried out after it",
    arguments: ["directory", "managed"])
  func waitsOverKill(mode: String) throws {
    let cycle = try Cycle(mode: mode)
    let plans = try cycle.optimize()
    let id = try #require(plans.last?["approval"]?.string)
    #expect(try cycle.leftovers().count == 1)
    _ = try cycle.daemon.killHard()
    try cycle.daemon.start()
    #expect(try cycle.leftovers().count == 1, "recovery keeps the clone that waits")
    #expect(try cycle.json("approvals", "approve", id, "--wait")["verdict"] == "kept")
    #expect(try cycle.leftovers().isEmpty)
  }

  @Test("a rejected change leaves nothing behind")
  func rejected() throws {
    let cycle = try Cycle()
    let original = try cycle.files()
    let id = try #require(try cycle.optimize().last?["approval"]?.string)
    try cycle.check(cycle.daemon.kaizen("approvals", "reject", id, "--reason", "not now"))
    #expect(try cycle.leftovers().isEmpty)
    #expect(try cycle.files() == original)
    let trial = try #require(try cycle.json("history", "unit-converter")["items"]?.array?.first)
    #expect(trial["verdict"] == "refused")
    #expect(trial["reason"]?.string?.contains("not now") == true)
  }

  @Test("edits made while a change waits are kept, and the change is tried on top of them")
  func editedMeanwhile() throws {
    let cycle = try Cycle()
    let id = try #require(try cycle.optimize().last?["approval"]?.string)
    try Files.replace(cycle.agent + "/NOTES.txt", with: "mine".utf8, mode: 0o644)
    #expect(try cycle.json("approvals", "approve", id, "--wait")["verdict"] == "kept")
    #expect(try Files.read(cycle.agent + "/NOTES.txt", limit: 10) == Array("mine".utf8))
    let origins = try cycle.json("generations", "unit-converter")["items"]?.array ?? []
    #expect(origins.contains { $0["origin"] == "edits" })
  }

  @Test(
    "a health command that fails on the new files brings the old ones back",
    arguments: ["directory", "managed"])
  func unhealthy(mode: String) throws {
    let cycle = try Cycle(mode: mode)
    // Healthy with its tests' own checks, but not with what the tuner's second value makes of it.
    let descriptor = cycle.agent + "/agent.json"
    let text = String(decoding: try Files.read(descriptor, limit: 1 << 20), as: UTF8.self)
    try cycle.check(cycle.daemon.kaizen("agent", "remove", "unit-converter"))
    try Files.replace(
      descriptor,
      with: text.replacing(
        "[\"python3\", \"agent.py\", \"--self-check\"]",
        with: "[\"sh\", \"-c\", \"grep -q 'rate_wait_ms.: 300' config.json\"]"
      ).utf8, mode: 0o644)
    try cycle.check(cycle.daemon.kaizen("agent", "add", cycle.agent, "--attach", mode))
    let live = try cycle.json("agent", "show", "unit-converter")["generation"]
    let original = try cycle.files()
    _ = try cycle.optimize()
    let plan = try #require(try cycle.optimize().first)
    #expect(plan["verdict"] == "rolled_back")
    #expect(plan["was_live"] == true)
    #expect(plan["reason"]?.string?.contains("health command") == true)
    #expect(try cycle.files() == original)
    let shown = try cycle.json("agent", "show", "unit-converter")["generation"]
    #expect(shown == live, "\(shown?.text() ?? "")")
    #expect(try cycle.leftovers().count == 1, "only the clone that waits for its approval")
  }

  @Test(
    "a reload command that fails or hangs on the new files brings the old ones back",
    arguments: ["directory", "managed"],
    [("exit 3", "ended with"), ("sleep 60", "was ended after")])
  func unreloadable(mode: String, _ reload: (script: String, says: String)) throws {
    let cycle = try Cycle(mode: mode)
    let descriptor = cycle.agent + "/agent.json"
    let text = String(decoding: try Files.read(descriptor, limit: 1 << 20), as: UTF8.self)
    try cycle.check(cycle.daemon.kaizen("agent", "remove", "unit-converter"))
    // It fails on whatever the tuner makes of the wait, and not on the old files.
    let command =
      "\"reload\": {\"command\": [\"sh\", \"-c\", \"grep -q 'rate_wait_ms.: 300' config.json || "
      + "\(reload.script)\"], \"timeout_s\": 1},"
    try Files.replace(
      descriptor,
      with: text.replacing("\"health\"", with: command + "\"health\"", maxReplacements: 1).utf8,
      mode: 0o644)
    try cycle.check(cycle.daemon.kaizen("agent", "add", cycle.agent, "--attach", mode))
    let original = try cycle.files()
    _ = try cycle.optimize()
    let plan = try #require(try cycle.optimize().first)
    #expect(plan["verdict"] == "rolled_back" && plan["was_live"] == true, "\(plan.text())")
    let reason = plan["reason"]?.string ?? ""
    #expect(reason.contains("the reload command \(reload.says)"), "\(reason)")
    #expect(try cycle.files() == original)
  }

  @Test("a policy may ask before anything is tried")
  func beforeTrial() throws {
    let cycle = try Cycle(
      policy: """
        {"policy": 1, "rules": [
          {"name": "ask first", "match": {"severity": "critical"}, "approvals": 1,
           "stage": "before_trial"}]}
        """)
    let plans = try cycle.optimize()
    let waiting = try #require(plans.last)
    #expect(waiting["verdict"] == "awaiting_approval")
    #expect(try cycle.leftovers().isEmpty, "nothing was cloned yet")
    // The number that a clone of it would have had goes to another; rejecting must not touch that.
    #expect(try cycle.optimize().first?["verdict"] == "kept")
    let live = try cycle.files()
    let id = try #require(waiting["approval"]?.string)
    try cycle.check(cycle.daemon.kaizen("approvals", "reject", id))
    #expect(try cycle.json("agent", "show", "unit-converter")["generation"] != .null)
    #expect(try cycle.files() == live)
  }

  @Test("a request of an agent that was removed and added again asks about nothing")
  func readded() throws {
    let cycle = try Cycle()
    let id = try #require(try cycle.optimize().last?["approval"]?.string)
    try cycle.check(cycle.daemon.kaizen("agent", "remove", "unit-converter"))
    #expect(try cycle.leftovers().isEmpty)
    try cycle.check(cycle.daemon.kaizen("agent", "add", cycle.agent))
    let refused = try cycle.daemon.kaizen("approvals", "approve", id)
    #expect(refused.status == 1)
    #expect(try cycle.json("status")["ready"] == true, "the daemon goes on")
  }

  @Test("adding and removing go on where a kill cut them short")
  func killedWhileAdding() throws {
    let cycle = try Cycle()
    try cycle.check(cycle.daemon.kaizen("agent", "remove", "unit-converter"))
    let slow = cycle.agent + "/tests/test_slow.py"
    try Files.replace(
      slow,
      with: "import time, unittest\nclass T(unittest.TestCase):\n  def test(self): time.sleep(2)\n"
        .utf8,
      mode: 0o644)
    let adding = try cycle.daemon.startKaizen(["agent", "add", cycle.agent])
    let isAttached = Condition(false)
    while !Files.exists(cycle.daemon.home + "/agents/unit-converter/attachment.json"),
      isAttached.wait(timeout: .milliseconds(5), until: { $0 ? true : nil }) == nil
    {}
    _ = try cycle.daemon.killHard()
    _ = try adding.finish(timeout: .seconds(5))
    try cycle.daemon.start()
    try cycle.check(cycle.daemon.kaizen("agent", "add", cycle.agent))
    #expect(try cycle.json("generations", "unit-converter")["items"]?.array?.count == 1)
    try cycle.check(cycle.daemon.kaizen("agent", "remove", "unit-converter"))
    #expect(try cycle.leftovers().isEmpty)
  }
}

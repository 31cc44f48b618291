import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// A daemon that looks at its agents each second, and an agent that clearly smells.
private func looking(
  autopilot: String, script: String = "echo 'y = 2' >> agent.py",
  analysis interval: Int = 1, patterns patternInterval: Int = 60
) throws -> Scene {
  let smell = #"{"opportunity":{"type":"code_smell","title":"it smells","strength":0.9}}"#
  let files = Scene.smelling(script).merging([
    "config.json": """
    {"analysis": {"interval_s": \(interval)}, "autopilot": {"mode": "\(autopilot)"},
     "patterns": {"interval_s": \(patternInterval)}}
    """,
    "plugins/smell/manifest.json": Scene.bundle(
      "smell",
      [
        "kind": "analyzer", "emits": ["code_smell"],
        "entry": ["command": ["echo", .string(smell)]],
      ]),
    // Comprehensive is what moves something of medium severity: the agent must be unwell.
  ]) { _, new in new }
  let scene = try Scene(files)
  try scene.add()
  return scene
}

extension Scene {
  /// Tells of operations of agent `a`, nearly all of which failed.
  fileprivate func fail(_ numbers: ClosedRange<Int>) throws {
    let lines = numbers.map { number in
      "{\"agent_id\":\"a\",\"operation_id\":\"op-\(number)\",\"type\":\"failure\","
        + "\"error_type\":\"Boom\"}"
    }
    let done = try daemon.kaizen(
      ["record", "--ndjson", "-"], input: lines.joined(separator: "\n") + "\n")
    try #require(done.status == 0, "\(done)")
  }
}

@Suite("The continuous loop, in a real daemon") struct LoopTests {
  @Test("proposing, it tries a change alone, and a person promotes it")
  func proposes() throws {
    let scene = try looking(autopilot: "propose")
    let before = try scene.files()
    try scene.fail(1...20)
    _ = try scene.event { $0["kind"] == "run.done" }
    #expect(try scene.files() == before, "nothing goes live without a person")
    let status = try scene.ask("status", "a")
    #expect(status["last_run"]?["origin"] == "propose")
    #expect(status["last_run"]?["verdict"] == "awaiting_approval")
    let id = try #require(status["approvals"]?.array?.first?.string)
    let request = try scene.ask("approvals", "show", id)
    #expect(request["rule"] == "autopilot proposes")
    #expect(request["requested_by"] == .null, "nobody asked for it")
    #expect(try scene.ask("approvals", "approve", id, "--wait")["verdict"] == "kept")
    #expect(try scene.files() != before)
  }

  @Test("on auto it promotes by itself what the policy lets through, and then leaves it alone")
  func auto() throws {
    let scene = try looking(autopilot: "observe")
    let before = try scene.files()
    #expect(try scene.ask("agent", "set", "a", "--autopilot", "auto")["autopilot"] == "auto")
    try scene.fail(1...20)
    _ = try scene.event { $0["kind"] == "run.done" }
    let after = try scene.files()
    #expect(after != before)
    #expect(try scene.ask("status", "a")["last_run"]?["verdict"] == "kept")
    // New data brings another look, and what was tried cools down.
    let last = try scene.ask("events")["items"]?.array?.last?["sequence"]?.integer ?? 0
    try scene.fail(21...30)
    _ = try scene.event { event in
      event["kind"] == "analysis.done" && (event["sequence"]?.integer ?? 0) > last
    }
    #expect(try scene.ask("history", "a")["count"] == 1)
    #expect(try scene.files() == after)
  }

  @Test("observing it reports and plans nothing; off it does not even look")
  func observes() throws {
    let scene = try looking(autopilot: "observe")
    try scene.fail(1...20)
    _ = try scene.event { $0["kind"] == "analysis.done" }
    #expect(try scene.ask("opportunities", "a")["count"] != 0)
    #expect(try scene.ask("history", "a")["count"] == 0)
    #expect(try scene.ask("agent", "show", "a")["autopilot"] == "observe")
    #expect(try scene.refusal("agent", "set", "a", "--autopilot", "far", status: 2).says("propose"))
  }

  @Test("a stop does not wait for what it began, and a freeze keeps it away")
  func stops() throws {
    let scene = try looking(autopilot: "auto")
    try scene.daemon.kaizen("agent", "remove", "a")
    try scene.add("a", test: ["sh", "-c", "grep -q y agent.py && sleep 60; true"], timeout: 70)
    _ = try scene.ask("freeze", "--for", "1h")
    try scene.fail(1...20)
    let before = try scene.files()
    _ = try scene.ask("unfreeze")
    _ = try scene.event { $0["kind"] == "trial.testing" }
    #expect(try scene.daemon.stop() == .exited(0))
    #expect(try scene.files() == before)
    #expect(!scene.daemon.log.contains("cut short"))
  }
}

/// A day lies between two looks of the loop: only a pattern that completes can wake it.
@Suite("A pattern that completes, in a real daemon") struct PatternWakesLoopTests {
  private func woken(_ autopilot: String) throws -> Scene {
    let scene = try looking(autopilot: autopilot, analysis: 86_400, patterns: 1)
    try scene.fail(1...20)
    let found = try scene.event { $0["kind"] == "pattern.found" }
    #expect(found["agent"] == "a")
    return scene
  }

  /// What the loop says of the agent, once it has looked.
  private func note(_ scene: Scene) throws -> String {
    // Each answer takes some milliseconds; the loop is awake already.
    for _ in 0..<1000 {
      if let note = try scene.ask("status", "a")["loop"]?.string { return note }
    }
    throw DaemonUnderTest.Failure("the loop did not look\n\(scene.daemon.log)")
  }

  @Test("has the loop change the agent by itself on auto")
  func auto() throws {
    let scene = try woken("auto")
    let run = try scene.event { $0["kind"] == "run.done" }
    #expect(run["agent"] == "a")
    let status = try scene.ask("status", "a")
    #expect(status["last_run"]?["origin"] == "auto" && status["last_run"]?["verdict"] == "kept")
    #expect(try scene.files()["agent.py"]?.hasSuffix("y = 2\n") == true)
    #expect(try note(scene).contains("began (auto)"))
    // Who let it through stands in the audit: the policy, and no person.
    let audit = try scene.ask("audit", "list")["items"]?.array ?? []
    let allowed = audit.first { $0["action"] == "trial.allowed" }
    #expect(allowed?["actor"] == "policy", "\(audit.map { $0.text() })")
  }

  @Test("has it try a change and ask a person where it proposes")
  func propose() throws {
    let scene = try woken("propose")
    let before = try scene.files()
    _ = try scene.event { $0["kind"] == "run.done" }
    let status = try scene.ask("status", "a")
    #expect(status["last_run"]?["origin"] == "propose")
    #expect(status["last_run"]?["verdict"] == "awaiting_approval")
    #expect(status["approvals"]?.array?.count == 1)
    #expect(try scene.files() == before)
  }

  @Test("has it look and plan nothing where it observes")
  func observe() throws {
    let scene = try woken("observe")
    let before = try scene.files()
    let done = try scene.event { $0["kind"] == "analysis.done" }
    #expect(done["agent"] == "a")
    #expect(try note(scene).hasPrefix("autopilot observes"))
    #expect(try scene.ask("opportunities", "a")["count"] != 0)
    #expect(try scene.ask("history", "a")["count"] == 0)
    #expect(try scene.ask("status", "a")["last_run"] == .null)
    #expect(try scene.files() == before)
  }

  @Test("does not even have it look where it is off")
  func off() throws {
    let scene = try woken("off")
    #expect(try note(scene) == "autopilot is off")
    let kinds = try scene.ask("events")["items"]?.array?.compactMap { $0["kind"]?.string } ?? []
    #expect(!kinds.contains("analysis.done") && !kinds.contains("run.done"), "\(kinds)")
    #expect(try scene.ask("opportunities", "a")["count"] == 0)
    #expect(try scene.ask("history", "a")["count"] == 0)
  }
}

import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("What people are told of a plan") struct HistoryTests {
  @Test("history explains a verdict by its figures, and numbers runs on over a restart")
  func explained() throws {
    let scene = try Scene(Scene.smelling("echo 'y = 2' >> agent.py"))
    // A runner whose cases are named as Python's are; one fails once the change is there.
    let test =
      "if grep -q y agent.py; then echo 'test_new (t.T) ... FAIL'; else echo 'test_new (t.T) ... ok'; fi; "
      + "echo 'test_old (t.T) ... ok'; ! grep -q y agent.py"
    try scene.add(test: ["sh", "-c", test])
    let first = try scene.optimize()
    #expect(first["verdict"] == "rolled_back")
    #expect(first["opportunities"] == 1)
    let item = try #require(
      try scene.ask("history", "a", "--explain")["items"]?.array?.first)
    #expect(item["run"] == first["id"])
    #expect(item["origin"] == "user")
    let why = try #require(item["explanation"])
    #expect(why["tests"]?["base"]?["passed"] == 2)
    #expect(why["tests"]?["stage"]?["passed"] == 1)
    #expect(why["regressed"]?.array?.count == 1)
    #expect(why["gate_passed"] == .null, "tests that fail leave the gate out")
    let lines = (why["lines"]?.array ?? []).compactMap(\.string)
    #expect(lines.contains { $0.hasPrefix("1 of 2 cases that passed on the base fail") })
    #expect(lines.last?.hasPrefix("so rolled_back, never live: ") == true)
    #expect(try scene.ask("history", "a")["items"]?.array?.first?["explanation"] == .null)
    let text = try scene.daemon.kaizen("history", "a", "--explain").stdout
    #expect(text.contains("1 files changed, +1 −0 lines; comprehensive allows 1000"))
    _ = try scene.ask("optimize", "a", "--dry-run")
    try scene.daemon.stop()
    try scene.daemon.start()
    let third = try scene.ask("optimize", "a", "--dry-run")
    #expect(third["id"] == "r-3", "a run without plans keeps its number too")
    #expect(try scene.ask("status", "a")["last_run"]?["id"] == "r-3")
  }

  @Test("what is kept shows scores, gate, and the health since; approvals show tests and diff")
  func kept() throws {
    let scene = try Scene(
      Scene.smelling("echo 'y = 2' >> agent.py").merging([
        "policy.json": #"{"policy": 1, "rules": [{"name": "all", "match": {}, "approvals": 1}]}"#
      ]) { $1 })
    try scene.add()
    let id = try #require(
      try scene.optimize()["plans"]?.array?.first?["approval"]?.string)
    let shown = try scene.daemon.kaizen("approvals", "show", id).stdout
    for part in ["tests before:", "tests after:", "+y = 2", "→", "digest "] {
      #expect(shown.contains(part), "\(part) is not in: \(shown)")
    }
    #expect(try scene.ask("approvals", "approve", id, "--wait")["verdict"] == "kept")
    let lines = (1...10).map {
      "{\"agent_id\":\"a\",\"operation_id\":\"n-\($0)\",\"type\":\"success\",\"generation\":2}\n"
    }
    try scene.daemon.kaizen(["record", "--ndjson", "-"], input: lines.joined())
    let why = try scene.ask("history", "a", "--explain")["items"]?.array?.first?["explanation"]
    #expect(why?["gate_passed"] == true)
    #expect(why?["operations_after"] == 10)
    #expect((why?["health_after"]?.number ?? 0) > 90)
    let diff = try scene.ask("diff", "a", "1", "2")
    #expect(diff["diff"]?.string?.contains("+y = 2") == true)
  }

  @Test(
    "a run that keeps a change tells the health before and after, the quality of the new files in")
  func health() throws {
    // Without the evaluation of a text, the file scores higher.
    let scene = try Scene(Scene.smelling(#"printf 'def a(x):\n    return int(x)\n' > agent.py"#))
    try scene.add()
    try scene.write(agent: "a", "", ["agent.py": "def a(x):\n    return eval(x)\n"])
    let lines = (1...20).map {
      "{\"agent_id\":\"a\",\"operation_id\":\"n-\($0)\",\"type\":\"success\"}\n"
    }
    try scene.daemon.kaizen(["record", "--ndjson", "-"], input: lines.joined())
    let run = try scene.optimize()
    #expect(run["verdict"] == "kept", "\(run.text())")
    let before = try #require(run["health_before"]?.number)
    let after = try #require(run["health_after"]?.number)
    #expect(after > before, "\(before) → \(after)")
    #expect(try scene.ask("health", "a")["score"]?.number == after)
  }

  @Test("what the gate refuses shows what was found on the lines that changed")
  func findings() throws {
    let scene = try Scene(
      Scene.smelling(
        #"printf 'try:\n    import json\nexcept:\n    pass\n' >> agent.py"#))
    try scene.add()
    let run = try scene.optimize()
    #expect(run["code"] == "quality_fell", "\(run.text())")
    let findings = run["trial"]?["findings"]?.array ?? []
    #expect(findings.contains { $0["file"] == "agent.py" && ($0["line"]?.integer ?? 0) > 1 })
    #expect(run["health_after"] == .null, "nothing changed")
    let rule = try #require(findings.first?["rule"]?.string)
    let why = try scene.ask("history", "a", "--explain")["items"]?.array?.first?["explanation"]
    #expect(why?["gate_reasons"]?.text().contains(rule) == true, "\(why?.text() ?? "")")
  }

  @Test("Ctrl-C only stops waiting: the run goes on")
  func detaches() throws {
    let scene = try Scene(Scene.smelling("echo 'y = 2' >> agent.py"))
    let gate = scene.daemon.directory.path + "/gate"
    try scene.daemon.directory.write("gate/closed", "")
    chmod(gate, 0o755)
    // On the clone the tests wait until the gate opens, which the sandbox shows them.
    try scene.add(
      test: [
        "sh", "-c",
        "grep -q y agent.py || exit 0; while [ -e \(gate)/closed ]; do sleep 0.02; done",
      ], more: [:], reading: [gate])
    let waiter = try scene.daemon.startKaizen([
      "optimize", "a", "--strategy", "comprehensive", "--wait",
    ])
    _ = try scene.event { $0["kind"] == "trial.testing" }
    try waiter.child.signal(SIGINT)
    let ended = try #require(try waiter.finish(timeout: .seconds(10)))
    #expect(ended.status == 130)
    #expect(ended.stderr.contains("the run goes on"))
    #expect(try scene.ask("status")["runs"] == 1)
    #expect(unlink(gate + "/closed") == 0)
    _ = try scene.event { $0["kind"] == "run.done" }
    #expect(try scene.ask("history", "a")["items"]?.array?.first?["verdict"] == "kept")
  }

  @Test("a component that somebody disabled stays so over reload and restart, until enabled")
  func disabled() throws {
    let scene = try Scene(Scene.smelling("echo 'y = 2' >> agent.py"))
    try scene.add()
    #expect(try scene.ask("plugins", "disable", "act")["state"] == "disabled")
    _ = try scene.ask("plugins", "reload")
    try scene.daemon.stop()
    try scene.daemon.start()
    let shown = try scene.ask("plugins", "show", "act")
    #expect(shown["state"] == "disabled")
    #expect(shown["problems"]?.array?.first?.string?.contains("plugins enable act") == true)
    #expect(try scene.optimize()["verdict"] == "nothing_to_do")
    #expect(try scene.ask("plugins", "enable", "act")["state"] == "ready")
    #expect(try scene.optimize()["verdict"] == "kept")
    #expect(try scene.refusal("plugins", "disable", "nobody").code == "E_UNKNOWN_COMPONENT")
    let actions = try scene.ask("audit", "list")["items"]?.array?.compactMap {
      $0["action"]?.string
    }
    #expect(actions?.filter { $0.hasPrefix("component.") }.count == 2)
  }
}

@Suite("Checking the configuration without a daemon") struct ConfigCheckTests {
  @Test("every problem of settings, environment and policy is told at once, with its origin")
  func problems() throws {
    let daemon = try DaemonUnderTest(environment: [
      "KAIZEN_LOG_LEVEL": "loud", "KAIZEN_LOG_FORMT": "json",
    ])
    try daemon.write(
      "config.json", #"{"analysis": {"days": 0, "intervall_s": 3}, "autopilot": {"mode": "far"}}"#)
    try daemon.write("policy.json", #"{"policy": 2, "rules": [{"name": "x"}]}"#)
    let done = try daemon.kaizen("config", "check", "--json")
    #expect(done.status == 1)
    let answer = try JSONDocument.parse(done.stdout)
    let items = answer["items"]?.array ?? []
    let places = Set(items.map { "\($0["key"]?.string ?? "")" })
    #expect(
      places.isSuperset(of: [
        "analysis.days", "analysis.intervall_s", "autopilot.mode", "log.level", "policy",
      ]), "\(places)")
    #expect(items.contains { $0["file"] == "KAIZEN_LOG_LEVEL" && $0["warning"] == false })
    let typo = items.first { $0["file"] == "KAIZEN_LOG_FORMT" }
    #expect(typo?["fix"]?.string?.contains("KAIZEN_LOG_FORMAT") == true)
    #expect(throws: (any Error).self, "the daemon says the same") { try daemon.start() }
    let named = try daemon.kaizen("config", "check", "--config", "/nowhere.json")
    #expect(named.status == 1)
    #expect(named.stdout.contains("/nowhere.json"))
  }

  @Test("a good one is said to be good, with what was set and by whom")
  func good() throws {
    let daemon = try DaemonUnderTest(environment: ["KAIZEN_LOG_LEVEL": "debug"])
    try daemon.write("config.json", #"{"analysis": {"days": 3}}"#)
    let answer = try JSONDocument.parse(try daemon.kaizen("config", "check", "--json").stdout)
    #expect(answer["ok"] == true && answer["count"] == 0)
    #expect(answer["settings"]?["analysis.days"]?["origin"]?.string == daemon.home + "/config.json")
    #expect(answer["settings"]?["log.level"]?["origin"] == "KAIZEN_LOG_LEVEL")
    #expect(try daemon.kaizen("config", "check").stdout.contains("2 set"))
  }
}

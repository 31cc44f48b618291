import JSONStream
import Model
import TestSupport
import Testing

/// An agent that smells, and an applier that cures it.
private func smelly(_ more: [String: String] = [:]) throws -> Scene {
  try Scene(
    Scene.smelling("echo 'y = 2' >> agent.py").merging(more) { _, new in new })
}

@Suite("Freezing what goes live") struct FreezeTests {
  @Test("nobody promotes anything while it lasts, over a restart, and rollbacks go on")
  func frozen() throws {
    let scene = try smelly()
    try scene.add()
    try scene.add("b")
    #expect(try scene.optimize()["verdict"] == "kept")
    let frozen = try scene.ask("freeze", "a", "--for", "2h", "--reason", "a release")
    #expect(frozen["agent"] == "a" && frozen["reason"] == "a release")
    _ = try scene.daemon.killHard()
    try scene.daemon.start()
    let refused = try scene.refusal("optimize", "a", "--wait")
    #expect(refused.code == "E_FROZEN")
    #expect(refused.says("a is frozen until", "a release", "kaizen unfreeze a"))
    #expect(try scene.optimize("b")["verdict"] == "kept", "another agent is not frozen")
    #expect(try scene.ask("optimize", "a", "--dry-run")["code"] == "dry_run")
    #expect(try scene.ask("agent", "show", "a")["state"]?.string?.hasPrefix("frozen") == true)
    #expect(try scene.ask("status", "a")["frozen"]?["reason"] == "a release")
    #expect(try scene.ask("status")["freezes"]?.array?.first?["agent"] == "a")
    #expect(try scene.daemon.kaizen("status").stdout.contains("frozen      a frozen until"))
    #expect(try scene.ask("rollback", "a")["to"] == 1)
    #expect(try scene.ask("unfreeze", "a")["count"] == 0)
    #expect(try scene.refusal("unfreeze", "a").code == "E_NOT_FROZEN")
    #expect(try scene.optimize()["code"] != "E_FROZEN")
    let actions = try scene.ask("audit", "list")["items"]?.array?.compactMap {
      $0["action"]?.string
    }
    #expect(actions?.filter { $0 == "agent.frozen" || $0 == "agent.unfrozen" }.count == 2)
    #expect(try scene.ask("audit", "verify")["intact"] == true)
  }

  @Test("a freeze of all is one of its own, and what is approved meanwhile comes after it")
  func approvedMeanwhile() throws {
    let scene = try smelly([
      "policy.json": #"{"policy": 1, "rules": [{"name": "all", "match": {}, "approvals": 1}]}"#
    ])
    try scene.add()
    let before = try scene.files()
    let waiting = try scene.optimize()
    let id = try #require(waiting["plans"]?.array?.first?["approval"]?.string)
    _ = try scene.ask("freeze", "--for", "1d")
    #expect(try scene.refusal("unfreeze", "a").says("all agents"))
    let approved = try scene.ask("approvals", "approve", id, "--wait")
    #expect(approved["approval"]?["state"] == "approved")
    #expect(try scene.files() == before, "the decision stands, and nothing goes live")
    #expect(try scene.ask("unfreeze")["count"] == 0)
    _ = try scene.event { event in
      event["kind"] == "run.done" && event["message"]?.string?.contains("kept") == true
    }
    #expect(try scene.files() != before)
  }

  @Test("a time without a unit, none at all and too long a one are refused by name")
  func times() throws {
    let scene = try Scene()
    for words in [["freeze", "--for", "2"], ["freeze"], ["freeze", "--for", "366d"]] {
      let done = try scene.daemon.kaizen(words)
      #expect(done.status == 2)
      #expect(done.stderr.contains("--for"))
    }
    #expect(try scene.refusal("freeze", "nobody", "--for", "1h").code == "E_UNKNOWN_AGENT")
  }
}

@Suite("Cancelling") struct CancelTests {
  @Test("a trial whose tests run is ended at once, with what runs for it, and leaves nothing")
  func running() throws {
    let scene = try smelly()
    // The tests pass at once on the base, and would take a minute on the clone.
    try scene.add(test: ["sh", "-c", "grep -q y agent.py && sleep 60; true"], timeout: 70)
    let before = try scene.files()
    let waiter = try scene.daemon.startKaizen([
      "optimize", "a", "--strategy", "comprehensive", "--wait", "--json",
    ])
    let trial = try #require(
      try scene.event { $0["kind"] == "trial.testing" }["details"]?["trial"]?.string)
    let done = try scene.ask("cancel", trial, "--reason", "enough")
    #expect(done["verdict"] == "failed")
    #expect(done["trial"]?.string == trial)
    #expect(done["reason"]?.string?.contains("user 0 cancelled it: enough") == true)
    let ended = try #require(try waiter.finish(timeout: .seconds(10)))
    #expect(try JSONDocument.parse(ended.stdout)["plans"]?.array?.first?["code"] == "E_CANCELLED")
    #expect(try scene.files() == before)
    let names = try ProcessSnapshot.descendants(of: try #require(scene.daemon.pid))
    #expect(names.allSatisfy { $0.name != "sleep" })
    #expect(try scene.refusal("cancel", trial).code == "E_OVER")
    #expect(try scene.refusal("cancel", "t-99").code == "E_UNKNOWN_TRIAL")
    #expect(try scene.refusal("cancel", "r-99").code == "E_UNKNOWN_RUN")
  }

  @Test(
    "a component is not waited for: asked to stop, it is killed after the grace",
    arguments: ["applier", "scorer"])
  func component(kind: String) throws {
    // Neither comes to an end by itself for a minute.
    let script = "test -e sleepy.txt && sleep 60; true"
    let slow: [String: JSONValue] =
      kind == "applier"
      ? [
        "kind": "applier", "handles": ["code_smell"], "risk": "low", "needs": ["write": ["*.py"]],
      ]
      : ["kind": "scorer", "dimensions": ["security"]]
    let more: [String: JSONValue] = [
      "deadline_ms": 60_000,
      "entry": [
        "command": ["sh", "-c", .string(kind == "applier" ? "sleep 60" : script)],
        "output": .string(kind == "applier" ? "none" : "jsonl"),
      ],
    ]
    let bundle = Scene.bundle("slow", slow.merging(more) { own, _ in own })
    var files = Scene.smelling("echo zzz > sleepy.txt; echo 'y = 2' >> agent.py")
    files["plugins/act/manifest.json"] = files["plugins/act/manifest.json"]?
      .replacing(#""*.py""#, with: #""*.py","*.txt""#)
    files[kind == "applier" ? "plugins/act/manifest.json" : "plugins/slow/manifest.json"] = bundle
    let scene = try Scene(files)
    try scene.add()
    let before = try scene.files()
    let waiter = try scene.daemon.startKaizen([
      "optimize", "a", "--strategy", "comprehensive", "--wait", "--json",
    ])
    let state = kind == "applier" ? "trial.applying" : "trial.scoring"
    let trial = try #require(
      try scene.event { $0["kind"] == .string(state) }["details"]?["trial"]?.string)
    let asked = ContinuousClock.now
    let done = try scene.ask("cancel", trial)
    #expect(ContinuousClock.now - asked < .seconds(5))
    #expect(done["reason"]?.string?.contains("user 0 cancelled it") == true, "\(done.text())")
    let ended = try #require(try waiter.finish(timeout: .seconds(10)))
    let plan = try JSONDocument.parse(ended.stdout)["plans"]?.array?.first
    #expect(plan?["code"] == "E_CANCELLED", "\(plan?.text() ?? "")")
    #expect(try scene.files() == before)
    // What was cut short is no failure of the component.
    let shown = try scene.ask("plugins", "show", "slow")
    #expect(shown["failures"] == 0 && shown["state"] == "ready", "\(shown.text())")
    let names = try ProcessSnapshot.descendants(of: try #require(scene.daemon.pid))
    #expect(names.allSatisfy { $0.name != "sleep" })
  }

  @Test("a trial that waits for a person is withdrawn, with its question")
  func waiting() throws {
    let scene = try smelly([
      "policy.json": #"{"policy": 1, "rules": [{"name": "all", "match": {}, "approvals": 1}]}"#
    ])
    try scene.add()
    let plan = try #require(try scene.optimize()["plans"]?.array?.first)
    let trial = try #require(plan["trial"]?["id"]?.string)
    let done = try scene.ask("cancel", trial)
    #expect(done["verdict"] == "expired")
    let id = try #require(plan["approval"]?.string)
    #expect(try scene.ask("approvals", "show", id)["state"] == "expired")
    #expect(try scene.refusal("approvals", "approve", id).code == "E_EXPIRED")
  }
}

import Glibc
import Linux
import Model
import TestSupport
import Testing

@Suite("Decisions that come wrong or late") struct DecisionTests {
  /// A policy that asks for one approval of everything, before it goes live.
  private static let policy =
    #"{"policy":1,"rules":[{"name":"all","match":{},"approvals":1,"by":"any"}]}"#

  /// A scene with one change that waits for a person, and the request's id.
  private func waiting(
    _ script: String = "echo y = 2 >> agent.py"
  ) throws -> (scene: Scene, request: String) {
    var files = Scene.smelling(script)
    files["policy.json"] = Self.policy
    let scene = try Scene(files)
    try scene.add()
    let run = try scene.optimize()
    #expect(run["verdict"]?.string == "awaiting_approval", "\(run.text())\n\(scene.daemon.log)")
    let request = try #require(run["plans"]?.array?.first?["approval"]?.string)
    return (scene, request)
  }

  @Test("a reason that is longer than a page is refused, and decides nothing")
  func reason() throws {
    let (scene, request) = try waiting()
    let long = String(repeating: "x", count: 4097)
    let error = try scene.refusal("approvals", "reject", request, "--reason", long)
    #expect(error.says("reason", "1 to 4096 bytes", "4097 bytes"), "\(error)")
    #expect(try scene.ask("approvals", "show", request)["state"]?.string == "pending")
    let frozen = try scene.refusal("freeze", "--for", "1h", "--reason", long)
    #expect(frozen.says("reason", "1 to 4096 bytes"), "\(frozen)")
  }

  @Test("a wrong digest approves nothing, and what was approved is not approved again")
  func digests() throws {
    let (scene, request) = try waiting()
    let before = try scene.files()
    var error = try scene.refusal("approvals", "approve", request, "--digest", "abc")
    #expect(
      error.code == "E_DIGEST" && error.says("\"abc\"", "64 hex", "approvals show \(request)"))
    let other = String(repeating: "0", count: 64)
    error = try scene.refusal("approvals", "approve", request, "--digest", other)
    #expect(error.code == "E_DIGEST" && error.says(request), "\(error)")
    #expect(try scene.files() == before)
    #expect(try scene.ask("approvals", "show", request)["state"]?.string == "pending")

    let run = try scene.ask("approvals", "approve", request, "--wait")
    #expect(run["verdict"]?.string == "kept", "\(run.text())\n\(scene.daemon.log)")
    for verb in ["approve", "reject"] {
      error = try scene.refusal("approvals", verb, request)
      #expect(error.code == "E_DECIDED" && error.says(request, "used"), "\(error)")
    }
    #expect(try scene.ask("audit", "verify")["intact"]?.bool == true)
  }

  @Test("what was rejected stays rejected, and its clone is gone")
  func rejected() throws {
    let (scene, request) = try waiting()
    let before = try scene.files()
    _ = try scene.ask("approvals", "reject", request, "--reason", "not today")
    for verb in ["approve", "reject"] {
      let error = try scene.refusal("approvals", verb, request)
      #expect(error.code == "E_DECIDED" && error.says(request, "rejected"), "\(verb): \(error)")
    }
    let last = try scene.ask("history", "a")["items"]?.array?.first
    #expect(last?["verdict"]?.string == "refused", "\(last?.text() ?? "")")
    #expect(last?["reason"]?.string?.contains("not today") == true)
    #expect(try scene.files() == before)
  }

  @Test("edits made while a change waited are kept: it is tried again on what is there now")
  func baseMoved() throws {
    let (scene, request) = try waiting()
    try scene.daemon.directory.write("fleet/a/notes.txt", "edited meanwhile\n")
    let run = try scene.ask("approvals", "approve", request, "--wait")
    #expect(run["verdict"]?.string == "kept", "\(run.text())\n\(scene.daemon.log)")
    let files = try scene.files()
    #expect(files["notes.txt"]?.hasSuffix("edited meanwhile\n") == true)
    #expect(files["agent.py"]?.hasSuffix("x = 1\ny = 2\n") == true)
    let history = try scene.ask("history", "a")["items"]?.array ?? []
    #expect(history.contains { $0["code"]?.string == "E_BASE_MOVED" }, "\(history)")
  }

  @Test("edits that make it another change need another approval")
  func otherChange() throws {
    let (scene, request) = try waiting("sed -i 's/x = .*/x = 9/' agent.py")
    try scene.daemon.directory.write("fleet/a/agent.py", "x = 1\nz = 3\n")
    let before = try scene.files()
    let run = try scene.ask("approvals", "approve", request, "--wait")
    #expect(run["verdict"]?.string == "awaiting_approval", "\(run.text())\n\(scene.daemon.log)")
    #expect(try scene.files() == before)
    let pending = try scene.ask("approvals", "list", "--state", "pending")["items"]?.array ?? []
    #expect(pending.count == 1 && pending.first?["id"]?.string != request, "\(pending)")
  }

  @Test("an agent with a change that waits can be removed, and the request is over")
  func removed() throws {
    let (scene, request) = try waiting()
    _ = try scene.ask("agent", "remove", "a")
    let finished = try scene.daemon.kaizen("approvals", "approve", request)
    #expect(finished.status == 1, "\(finished)")
    try scene.expectAlive()
  }

  @Test("a rollback over edits keeps them as a generation of their own")
  func rollbackKeepsEdits() throws {
    let scene = try Scene(Scene.smelling("echo y = 2 >> agent.py"))
    try scene.add()
    #expect(try scene.optimize()["verdict"]?.string == "kept")
    try scene.daemon.directory.write("fleet/a/notes.txt", "my own words\n")
    let back = try scene.ask("rollback", "a")
    let edits = try #require(back["stored_edits"]?.integer, "\(back.text())")
    #expect(back["message"]?.string?.contains("generation \(edits)") == true, "\(back.text())")
    #expect(try scene.files()["agent.py"]?.hasSuffix("x = 1\n") == true)
    #expect(try scene.files()["notes.txt"]?.hasSuffix("hello\n") == true)
    _ = try scene.ask("rollback", "a", "--to", "\(edits)")
    #expect(try scene.files()["notes.txt"]?.hasSuffix("my own words\n") == true)

    let error = try scene.refusal("rollback", "a", "--to", "99")
    #expect(error.says("99", "kaizen generations"), "\(error)")
  }

  @Test("a rollback with nothing before it is refused")
  func nothingBefore() throws {
    let scene = try Scene()
    try scene.add()
    let error = try scene.refusal("rollback", "a")
    #expect(error.code == "E_GENERATION_UNKNOWN")
    #expect(error.says("a has no generation before 1", "kaizen generations a"), "\(error)")
  }

  @Test("a daemon that is stopped during a run ends with 0, and the agent is old or new")
  func stopped() throws {
    let scene = try Scene(Scene.smelling("echo y = 2 >> agent.py"))
    try scene.add(test: ["sh", "-c", "sleep 1; true"])
    let before = try scene.files()
    let waiting = try scene.daemon.startKaizen([
      "optimize", "a", "--strategy", "comprehensive", "--wait",
    ])
    try follow(scene, "testing the change")
    #expect(try scene.daemon.stop() == .exited(0), "\(scene.daemon.log)")
    #expect(try waiting.finish(timeout: .seconds(30)) != nil)
    let after = try scene.files()
    #expect(after == before || after["agent.py"]?.hasSuffix("y = 2\n") == true)
    try scene.daemon.start()
    let history = try scene.ask("history", "a")["items"]?.array ?? []
    #expect(history.count == 1 && history.first?["verdict"]?.string != nil, "\(history)")
    #expect(try scene.optimize()["state"]?.string == "done")
  }

  /// Waits until the daemon's log says `words`.
  private func follow(_ scene: Scene, _ words: String) throws {
    let end = ContinuousClock.now + .seconds(20)
    while !scene.daemon.log.contains(words) {
      if ContinuousClock.now > end {
        throw KaizenError("E_TEST", "no \"\(words)\" in: \(scene.daemon.log)")
      }
      usleep(2000)
    }
  }
}

import Glibc
import Linux
import Model
import TestSupport
import Testing

@Suite("An agent's descriptor and folder after it was added") struct AgentLifeTests {
  private func descriptor(_ test: String, _ more: String = "") -> String {
    #"{"id":"a","autopilot":"off","test":{"command":["sh","-c","\#(test)"],"timeout_s":5}\#(more)}"#
  }

  @Test("an edit of agent.json is told, and holds once the agent is added again")
  func edited() throws {
    let scene = try Scene(Scene.smelling("echo y = 2 >> agent.py"))
    let folder = try scene.write(agent: "a", descriptor("echo ok 1 - one"))
    #expect(try scene.ask("agent", "add", folder)["was_known"] == false)
    _ = try scene.ask("agent", "add", folder)  // as often as one likes
    _ = try scene.ask("record", "a", "success", "--operation", "op-1")

    try scene.write(agent: "a", descriptor("echo not ok 1 - one; exit 1"))
    let shown = try scene.ask("agent", "show", "a")
    #expect(shown["warnings"]?.array?.first?.string?.contains("agent add \(folder)") == true)
    let ran = try scene.ask("optimize", "a", "--wait", "--strategy", "aggressive")
    #expect(ran["progress"]?.text().contains("agent.json was edited since") == true)
    #expect(ran["verdict"] == "kept", "\(ran.text())")

    let again = try scene.daemon.kaizen("agent", "add", folder)
    #expect(again.stdout.contains("read agent.json anew of a"), "\(again)")
    #expect(again.stdout.contains("the tests fail as a whole"), "\(again)")
    #expect(try scene.ask("agent", "show", "a")["warnings"]?.array?.isEmpty == true)
    let after = try scene.optimize("a")
    #expect(after["verdict"] == "inconclusive", "\(after.text())")
    #expect(try scene.ask("agent", "show", "a")["operations"] == 1)
    #expect(try scene.ask("generations", "a")["count"]?.integer ?? 0 > 1)
    #expect(try scene.ask("audit", "list")["items"]?.text().contains("agent.updated") == true)
  }

  @Test("what it cannot change is refused by name, and what cannot be read is told")
  func refused() throws {
    let scene = try Scene()
    let folder = try scene.write(agent: "a", descriptor("true"))
    _ = try scene.ask("agent", "add", folder)
    try scene.write(agent: "a", descriptor("true", #","state":["logs"],"ignore":["*.tmp"]"#))
    var error = try scene.refusal("agent", "add", folder)
    #expect(
      error.code == "E_DESCRIPTOR" && error.says("state, ignore", "agent remove a"), "\(error)")
    error = try scene.refusal("agent", "add", folder, "--attach", "managed")
    #expect(error.code == "E_AGENT_EXISTS" && error.says("mode directory"), "\(error)")
    try scene.write(agent: "a", "{")
    let shown = try scene.ask("agent", "show", "a")
    #expect(shown["warnings"]?.text().contains("not JSON") == true, "\(shown.text())")
  }

  @Test("a managed agent's descriptor is read through its link")
  func managed() throws {
    let scene = try Scene()
    let folder = try scene.write(agent: "a", descriptor("true"))
    _ = try scene.ask("agent", "add", folder, "--attach", "managed")
    try scene.write(agent: "a", descriptor("true", #","description":"does more""#))
    let again = try scene.ask("agent", "add", folder)
    #expect(again["was_known"] == true && again["agent"]?["attach"] == "managed")
    #expect(try scene.ask("agent", "show", "a")["description"] == "does more")
  }

  @Test("an agent whose folder was moved can be removed, and added where it is now")
  func moved() throws {
    let scene = try Scene()
    let folder = try scene.write(agent: "a", descriptor("true", #","state":["logs"]"#))
    try scene.daemon.directory.write("fleet/a/logs/one.log", "one\n")
    _ = try scene.ask("agent", "add", folder)
    let moved = scene.folder("moved")
    #expect(rename(folder, moved) == 0)
    let error = try scene.refusal("rollback", "a")
    #expect(error.code == "E_ROOT_MISSING" && error.says(folder, "put it back"), "\(error)")
    let removed = try scene.ask("agent", "remove", "a")
    #expect(removed["message"]?.string?.contains("agents/a/state") == true, "\(removed.text())")
    _ = try scene.ask("agent", "add", moved)
    _ = try scene.ask("agent", "remove", "a")
    #expect(try Files.read(moved + "/logs/one.log", limit: 10) == Array("one\n".utf8))
    var status = stat()
    #expect(lstat(moved + "/logs", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR)
  }

  @Test("an addition that a crash cut short leaves the folder as it was")
  func killed() throws {
    let scene = try Scene()
    let folder = try scene.write(
      agent: "slow",
      #"{"id":"slow","state":["logs"],"test":{"command":["sleep","300"],"timeout_s":300}}"#)
    try scene.daemon.directory.write("fleet/slow/logs/one.log", "one\n")
    let before = try scene.files(of: "slow")
    let adding = try scene.daemon.startKaizen(["agent", "add", folder])
    let marker = scene.daemon.home + "/agents/slow/stages/2"
    while !Files.exists(marker) { usleep(Self.pollMicroseconds) }
    try scene.daemon.killHard()
    _ = try adding.finish(timeout: .seconds(10))
    #expect(try scene.files(of: "slow") != before)
    try scene.daemon.start()
    #expect(try scene.files(of: "slow") == before)
    #expect(try Files.names(in: scene.daemon.home + "/agents").isEmpty)
    #expect(try scene.ask("agent", "list")["count"] == 0)
  }

  @Test("what was found is listed from the gravest on, however few are asked for")
  func order() throws {
    let lines = [("low", 0.9), ("critical", 0.2), ("medium", 0.8), ("critical", 0.7)].map {
      #"{"opportunity":{"type":"training_needed","severity":"\#($0)","title":"\#($0) \#($1)","strength":\#($1)}}"#
    }
    let scene = try Scene([
      "plugins/many/manifest.json": Scene.bundle(
        "many",
        [
          "kind": "analyzer", "emits": ["training_needed"],
          "entry": ["command": .array((["printf", #"%s\n"#] + lines).map { .string($0) })],
        ])
    ])
    try scene.add("a", more: ["autopilot": "off"])
    _ = try scene.ask("analyze", "a")
    let items = try scene.ask("opportunities", "a")["items"]?.array ?? []
    #expect(
      items.compactMap { $0["title"]?.string }
        == ["critical 0.7", "critical 0.2", "medium 0.8", "low 0.9"])
    #expect(
      try scene.ask("opportunities", "a", "--limit", "1")["items"]?.array?.first?["title"]
        == "critical 0.7")
  }

  private static let pollMicroseconds: UInt32 = 5000
}

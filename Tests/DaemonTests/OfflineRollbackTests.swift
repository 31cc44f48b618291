import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("Rolling back with no daemon") struct OfflineRollbackTests {
  /// The flip agent after one trial that was kept.
  private struct Scene {
    let daemon: DaemonUnderTest
    let agent: FlipAgent

    init(mode: String) throws {
      daemon = try DaemonUnderTest()
      agent = try FlipAgent(beside: daemon)
      try daemon.start()
      let added = try daemon.kaizen("agent", "add", agent.root, "--attach", mode)
      #expect(added.status == 0, "\(added)")
      // Some versions fail their tests on purpose: tried until one is kept.
      for _ in 0..<10 where try agent.version().get() == FlipAgent.firstVersion {
        _ = try daemon.kaizen("optimize", FlipAgent.id, "--strategy", "comprehensive", "--wait")
      }
      #expect(try agent.version().get() != FlipAgent.firstVersion)
    }

    func json(_ words: String...) throws -> JSONValue {
      let done = try daemon.kaizen(words + ["--json"])
      if done.status != 0 { throw DaemonUnderTest.Failure("\(done)\n\(daemon.log)") }
      return try JSONDocument.parse(done.stdout)
    }
  }

  @Test(
    "the command rolls back itself, and the daemon notes it in the audit when it starts",
    arguments: ["directory", "managed"])
  func rollsBack(mode: String) throws {
    let scene = try Scene(mode: mode)
    let live = try #require(try scene.json("agent", "show", FlipAgent.id)["generation"]?.integer)
    try scene.daemon.killHard()
    let done = try scene.json("rollback", FlipAgent.id, "--to", "1")
    #expect(done["from"]?.integer == live && done["to"] == 1, "\(done.text())")
    #expect(done["message"]?.string?.contains("no daemon lives") == true)
    #expect(try scene.agent.version().get() == FlipAgent.firstVersion)

    try scene.daemon.start()
    #expect(try scene.json("agent", "show", FlipAgent.id)["generation"] == 1)
    #expect(try scene.json("audit", "verify")["intact"] == true)
    #expect(!Files.exists(scene.daemon.home + "/agents/\(FlipAgent.id)/offline.json"))
    let noted = try scene.json("audit", "list")["items"]?.array?.filter {
      $0["action"] == "generation.rolled_back"
    }
    #expect(noted?.count == 1, "\(noted?.map { $0.text() } ?? [])")
    #expect(noted?.first?["details"]?.string?.contains(#""without_daemon":true"#) == true)
    // The daemon goes on from there.
    #expect(try scene.json("rollback", FlipAgent.id, "--to", "\(live)")["to"]?.integer == live)
    #expect(try scene.agent.version().get() != FlipAgent.firstVersion)
    #expect(try scene.daemon.stop() == .exited(0))
  }

  @Test("a journal that cannot be read is named, and the agent is well without it")
  func badJournal() throws {
    let scene = try Scene(mode: "directory")
    try scene.daemon.killHard()
    _ = try scene.json("rollback", FlipAgent.id, "--to", "1")
    let journal = scene.daemon.home + "/agents/\(FlipAgent.id)/offline.json"
    try Files.replace(journal, with: "{torn".utf8)
    try scene.daemon.start()
    let problems = try scene.json("status")["problems"]?.text() ?? ""
    #expect(problems.contains("offline.json") && problems.contains("remove it"), "\(problems)")
    #expect(try scene.agent.version().get() == FlipAgent.firstVersion)
    #expect(try scene.json("agent", "show", FlipAgent.id)["generation"] == 1)
    let done = try scene.daemon.kaizen(
      "optimize", FlipAgent.id, "--strategy", "comprehensive", "--wait")
    #expect(done.status == 0, "\(done)")
    #expect(Files.exists(journal), "it is a person's to look at")
  }

  @Test("it refuses while a daemon holds the home, and for an agent nobody knows")
  func refused() throws {
    let scene = try Scene(mode: "directory")
    let version = try scene.agent.version().get()
    try scene.daemon.killHard()
    let lock = try FileDescriptor.open(scene.daemon.home + "/run/kaizend.lock", O_RDWR | O_CREAT)
    #expect(try lock.tryLock())
    let held = try scene.daemon.kaizen("rollback", FlipAgent.id)
    #expect(held.status == 3 && held.stderr.contains("a daemon holds"), "\(held)")
    _ = consume lock
    let unknown = try scene.daemon.kaizen("rollback", "nobody")
    #expect(unknown.status == 1 && unknown.stderr.contains("no agent \"nobody\""), "\(unknown)")
    #expect(try scene.agent.version().get() == version)
  }
}

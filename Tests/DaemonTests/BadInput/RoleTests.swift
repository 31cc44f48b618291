import Glibc
import Linux
import Model
import TestSupport
import Testing

@Suite("Another user at the socket", .enabled(if: geteuid() == 0)) struct RoleTests {
  /// A user that owns nothing here.
  private static let stranger: UInt32 = 1234

  /// Runs `kaizen` as another user, who is let through to the socket.
  private func kaizen(
    _ scene: Scene, _ words: [String], as user: UInt32 = stranger, opens: Bool = true
  ) throws -> FinishedProgram {
    for path in [scene.daemon.home, scene.daemon.home + "/run"] { chmod(path, 0o755) }
    if opens { chmod(scene.daemon.socket, 0o666) }
    // The build may lie where strangers may not look.
    let copy = scene.daemon.directory.path + "/kaizen"
    if !Files.exists(copy) {
      let program = try Files.read(try BuildProducts.path("kaizen"), limit: 1 << 28)
      try Files.replace(copy, with: program, mode: 0o755)
    }
    let program = try StartedProgram(
      [
        "/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups", copy,
      ] + words, environment: ["KAIZEN_HOME": scene.daemon.home, "PATH": "/usr/bin:/bin"],
      in: scene.daemon.directory)
    return try #require(try program.finish(timeout: .seconds(30)))
  }

  @Test("the socket is for owner and group; whoever else is told that it is")
  func noPermission() throws {
    let scene = try Scene()
    var status = stat()
    #expect(stat(scene.daemon.socket, &status) == 0 && status.st_mode & 0o777 == 0o660)
    let finished = try kaizen(scene, ["status"], opens: false)
    #expect(finished.status == 3 && finished.stderr.contains("no permission"), "\(finished)")
  }

  @Test("a stranger may read, and is refused the rest with role, route and fix")
  func stranger() throws {
    let scene = try Scene(Scene.smelling("echo y = 2 >> agent.py"))
    try scene.add()
    for words in [["status"], ["health", "a"], ["agent", "list"], ["generations", "a"]] {
      let read = try kaizen(scene, words)
      #expect(read.status == 0, "\(words): \(read)")
    }
    let refused = try kaizen(scene, ["optimize", "a", "--json"])
    #expect(refused.status == 1)
    let error = try Scene.error(in: refused.stdout)
    #expect(error.code == "E_FORBIDDEN")
    #expect(
      error.says(
        "user 1234 has the role read", "/v1/agents/{id}/optimize needs operate", "roles.operate"))
    for words in [
      ["rollback", "a"], ["analyze", "a"], ["record", "a", "success"], ["agent", "remove", "a"],
    ] {
      let other = try kaizen(scene, words)
      #expect(other.status == 1 && other.stderr.contains("user 1234"), "\(words): \(other)")
    }
    #expect(try scene.ask("stats")["records"]?.integer == 0)
  }

  @Test("the config gives a user a role, and no more than that role")
  func granted() throws {
    var files = Scene.smelling("echo y = 2 >> agent.py")
    files["config.json"] = #"{"roles": {"feedback": [1234], "operate": [1235]}}"#
    let scene = try Scene(files)
    try scene.add()
    #expect(try kaizen(scene, ["record", "a", "success"]).status == 0)
    #expect(try kaizen(scene, ["optimize", "a"]).status == 1)
    let run = try kaizen(
      scene, ["optimize", "a", "--strategy", "comprehensive", "--require", "kept"], as: 1235)
    #expect(run.status == 0, "\(run)")
    #expect(try kaizen(scene, ["agent", "remove", "a"], as: 1235).stderr.contains("needs admin"))
  }
}

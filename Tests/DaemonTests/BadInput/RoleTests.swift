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

@Suite("The socket's group", .enabled(if: geteuid() == 0)) struct SocketGroupTests {
  /// A group that only the config names.
  private static let group: UInt32 = 4321

  private func status(
    _ daemon: DaemonUnderTest, groups: String, words: [String] = ["status"]
  ) throws -> FinishedProgram {
    let copy = daemon.directory.path + "/kaizen"
    if !Files.exists(copy) {
      let program = try Files.read(try BuildProducts.path("kaizen"), limit: 1 << 28)
      try Files.replace(copy, with: program, mode: 0o755)
    }
    let program = try StartedProgram(
      ["/usr/bin/setpriv", "--reuid", "1234", "--regid", "1234", groups, copy] + words,
      environment: ["KAIZEN_HOME": daemon.home, "PATH": "/usr/bin:/bin"], in: daemon.directory)
    return try #require(try program.finish(timeout: .seconds(30)))
  }

  private func mode(_ path: String) -> (mode: mode_t, group: gid_t) {
    var status = stat()
    lstat(path, &status)
    return (status.st_mode & 0o7777, status.st_gid)
  }

  @Test("reaches it through folders that show it nothing; nobody else does, and is told")
  func group() throws {
    let daemon = try DaemonUnderTest()
    try daemon.write("config.json", #"{"socket": {"gid": 4321}, "roles": {"feedback": [1234]}}"#)
    try daemon.start()
    #expect(mode(daemon.socket) == (0o660, Self.group))
    #expect(mode(daemon.home + "/run") == (0o710, Self.group))
    #expect(mode(daemon.home) == (0o710, Self.group))
    #expect(mode(daemon.home + "/state").mode == 0o700)
    let member = try status(daemon, groups: "--groups=4321")
    #expect(member.status == 0, "\(member)")
    let record = try status(
      daemon, groups: "--groups=4321", words: ["record", "a", "success", "--json"])
    #expect(record.status == 0, "\(record)")
    let stranger = try status(daemon, groups: "--clear-groups")
    #expect(stranger.status == 3)
    #expect(stranger.stderr.contains("no permission to connect"), "\(stranger)")
    #expect(stranger.stderr.contains("member of the socket's group"), "\(stranger)")
    // A second start finds it as it is.
    #expect(try daemon.stop() == .exited(0))
    try daemon.start()
    #expect(try status(daemon, groups: "--groups=4321").status == 0)
  }

  @Test("is nobody by default, and who is named in vain is told in the log")
  func nobody() throws {
    let daemon = try DaemonUnderTest()
    try daemon.write("config.json", #"{"roles": {"operate": [1234]}}"#)
    try daemon.start()
    #expect(mode(daemon.home + "/run").mode == 0o700)
    #expect(daemon.log.contains("cannot reach the socket"), "\(daemon.log)")
    #expect(try status(daemon, groups: "--groups=4321").status == 3)
  }

  @Test("that the daemon's user is no member of is refused at the start")
  func foreignGroup() throws {
    let daemon = try DaemonUnderTest()
    try daemon.write("config.json", #"{"socket": {"gid": 4321}}"#)
    for path in [daemon.home, daemon.home + "/config.json"] { chown(path, 1234, 1234) }
    let copy = daemon.directory.path + "/kaizend"
    let bytes = try Files.read(try BuildProducts.path("kaizend"), limit: 1 << 29)
    try Files.replace(copy, with: bytes, mode: 0o755)
    let program = try StartedProgram(
      [
        "/usr/bin/setpriv", "--reuid", "1234", "--regid", "1234", "--clear-groups",
        "--inh-caps=-all", copy,
      ], environment: ["KAIZEN_HOME": daemon.home, "PATH": "/usr/bin:/bin"], in: daemon.directory)
    let done = try #require(try program.finish(timeout: .seconds(30)))
    #expect(done.status == 1 && done.stderr.contains("socket.gid"), "\(done)")
  }
}

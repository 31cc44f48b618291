import Glibc
import Linux
import Model
import TestSupport
import Testing

@Suite("A daemon that cannot start") struct StartRefusedTests {
  /// Starts `kaizend` on the scene's home, expects it to end with 1, and gives what it said.
  private func refusal(
    _ scene: Scene, home: String? = nil, _ more: [String] = [],
    _ environment: [String: String] = [:]
  ) throws -> String {
    let program = try StartedProgram(
      [try BuildProducts.path("kaizend"), "--home", home ?? scene.daemon.home] + more,
      environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
      in: scene.daemon.directory)
    guard let finished = try program.finish(timeout: .seconds(20)) else {
      _ = try program.child.killAndWait()
      throw KaizenError("E_TEST", "kaizend runs where it should be refused")
    }
    #expect(finished.status == 1, "\(finished)")
    return finished.stderr
  }

  @Test("a second daemon on one home is refused with the first one's process, which serves on")
  func alreadyRunning() throws {
    let scene = try Scene()
    let pid = try #require(scene.daemon.pid)
    let said = try refusal(scene)
    #expect(said.contains("E_ALREADY_RUNNING"), "\(said)")
    #expect(said.contains(scene.daemon.home) && said.contains("process \(pid)"), "\(said)")
    try scene.expectAlive()
  }

  @Test(
    "every wrong setting is told at once, with its file or variable, and unknown keys with them")
  func badConfiguration() throws {
    let scene = try Scene(
      [
        "config.json": #"""
        {"frob": 1, "analysis": {"days": "seven", "min_data_points": 0},
         "trial.files_max": 1000000, "roles": {"operate": "me"},
         "tools": {"catalogue": {"rg": 14}}}
        """#
      ], starts: false)
    let said = try refusal(scene, [], ["KAIZEN_LOG_FORMAT": "xml"])
    let file = scene.daemon.home + "/config.json"
    for words in [
      "\(file): analysis.days: expected an integer from 1 to 365, found the string \"seven\"",
      "\(file): analysis.min_data_points: expected an integer from 1 to 100000, found the number 0",
      "\(file): trial.files_max: expected an integer from 1 to 100000", "\(file): roles.operate:",
      "\(file): tools.catalogue: expected an object of at most 256 tools and their versions",
      "KAIZEN_LOG_FORMAT: log.format: expected one of \"text\", \"json\"", "\(file): frob:",
    ] {
      #expect(said.contains(words), "\(words) is not in: \(said)")
    }
  }

  @Test("unknown keys alone are warnings, in the log and in the status")
  func unknownKeys() throws {
    let scene = try Scene(["config.json": #"{"analysis": {"dayz": 3}}"#])
    #expect(scene.daemon.log.contains("config.json: analysis.dayz"), "\(scene.daemon.log)")
    #expect(try scene.ask("status")["problems"]?.text().contains("analysis.dayz") == true)
  }

  @Test("a config or a policy that is no JSON, or is not there, is named")
  func brokenFiles() throws {
    let scene = try Scene(["config.json": "{\n \"a\" 1}"], starts: false)
    var said = try refusal(scene)
    #expect(said.contains("config.json: not JSON: line 2, column 6"), "\(said)")
    #expect(said.contains("correct the file"), "\(said)")
    said = try refusal(scene, ["--config", "/no/such.json"])
    #expect(said.contains("E_CONFIG") && said.contains("\"/no/such.json\""), "\(said)")
    try scene.daemon.write("config.json", "{}")
    try scene.daemon.write("policy.json", "{")
    said = try refusal(scene)
    #expect(said.contains("E_POLICY") && said.contains("policy.json"), "\(said)")
  }

  @Test("settings, rules or a home that everyone can write are no orders to go by")
  func writableByAll() throws {
    let scene = try Scene(
      ["config.json": "{}", "policy.json": #"{"policy": 1, "rules": []}"#],
      starts: false)
    let home = scene.daemon.home
    for (path, mode) in [(home, 0o755 as mode_t)]
      + ["config.json", "policy.json"].map({ ("\(home)/\($0)", 0o644) })
    {
      chmod(path, mode | 0o002)
      let said = try refusal(scene)
      #expect(said.contains("E_UNSAFE"), "\(said)")
      #expect(said.contains("\(path): expected no write permission"), "\(said)")
      #expect(said.contains("chmod o-w \(path)"), "\(said)")
      let check = try scene.daemon.kaizen("config", "check")
      #expect(check.status == 1 && check.stdout.contains("chmod o-w \(path)"), "\(check)")
      chmod(path, mode)
    }
    let check = try scene.daemon.kaizen("config", "check")
    #expect(check.status == 0, "\(check)")
  }

  @Test("a policy that is no file is named, with what it should be")
  func notAFile() throws {
    let scene = try Scene(starts: false)
    try Files.makeDirectories(scene.daemon.home + "/policy.json")
    let said = try refusal(scene)
    #expect(said.contains("E_POLICY") && said.contains("it must be a regular file"), "\(said)")
  }

  @Test("a policy is understood as a whole or not at all")
  func badPolicy() throws {
    let scene = try Scene(
      [
        "policy.json": #"""
        {"policy": 2, "rules": [
          {"match": {"severity": "awful", "colour": 1}, "approvals": "one", "by": [1.5]}]}
        """#
      ], starts: false)
    let said = try refusal(scene)
    for words in [
      "policy: expected 1, found the number 2", "rules[0].name: expected a string, found nothing",
      "rules[0].match.severity: expected one of \"low\"", "rules[0].match.colour:",
      "rules[0].approvals: expected an integer from 0 to 16", "rules[0].by: expected \"any\"",
    ] {
      #expect(said.contains(words), "\(words) is not in: \(said)")
    }
  }

  @Test(
    "a database of a newer schema is refused untouched",
    arguments: ["optimization_engine.db", "feedback_loop.db"])
  func newerSchema(name: String) throws {
    let scene = try Scene()
    try scene.daemon.stop()
    let folder = scene.daemon.home + "/state"
    // user_version is a big-endian integer at byte 60: https://sqlite.org/fileformat.html
    try Self.write([0, 0, 0x27, 0x0F], at: 60, of: folder + "/" + name)
    let before = try Scene.digests(in: folder)
    let said = try refusal(scene)
    #expect(said.contains("E_SCHEMA_NEWER"), "\(said)")
    #expect(said.contains("\(folder)/\(name): its schema is version 9999"), "\(said)")
    #expect(try Scene.digests(in: folder) == before)
  }

  @Test("a database that is none is left untouched, and told in the status", arguments: [5000, 0])
  func foreignDatabase(length: Int) throws {
    let scene = try Scene(starts: false)
    let file = try scene.daemon.write(
      "state/feedback_loop.db", String(repeating: "?", count: length))
    try scene.daemon.start()
    let said = try scene.daemon.kaizen("status").stdout
    #expect(said.contains(length > 0 ? "not an SQLite database" : "the file is empty"), "\(said)")
    #expect(said.contains(file), "\(said)")
    try scene.daemon.stop()
    #expect(try Files.read(file, limit: 1 << 20).count == length)
  }

  private static func write(_ bytes: [UInt8], at offset: Int, of path: String) throws {
    let file = try FileDescriptor.open(path, O_WRONLY)
    let raw = file.raw
    try retrying("pwrite", path) { pwrite(raw, bytes, bytes.count, off_t(offset)) }
  }

  @Test("a home that is read-only, full or no folder is named, with the fix")
  func badHome() throws {
    let scene = try Scene(starts: false)
    let file = try scene.daemon.directory.write("plain", "")
    for path in [file, "/proc/none"] {
      let said = try refusal(scene, home: path)
      #expect(said.contains("E_HOME") && said.contains(path) && said.contains("--home"), "\(said)")
    }
    let long = scene.daemon.directory.path + "/" + String(repeating: "x", count: 120)
    let said = try refusal(scene, home: long)
    #expect(said.contains("E_SOCKET_PATH") && said.contains("at most 107"), "\(said)")
  }

  @Test("a home on a read-only disk is refused by name", .enabled(if: SmallDisk.isPossible))
  func readOnlyHome() throws {
    let scene = try Scene(starts: false)
    let disk = try SmallDisk(kibibytes: 4096)
    try disk.setReadOnly(true)
    let said = try refusal(scene, home: disk.path)
    #expect(said.contains("E_HOME") && said.contains(disk.path), "\(said)")
    #expect(said.contains("Read-only file system"), "\(said)")
  }

  @Test("a home on a full disk is refused by name", .enabled(if: SmallDisk.isPossible))
  func fullHome() throws {
    let scene = try Scene(starts: false)
    let disk = try SmallDisk(kibibytes: 64)
    let said = try refusal(scene, home: disk.path)
    #expect(said.contains("E_DISK_FULL") && said.contains(disk.path + "/state"), "\(said)")
    #expect(said.contains("free space"), "\(said)")
  }
}

extension Scene {
  /// The bytes of each file in a folder, to tell whether any has changed.
  static func digests(in folder: String) throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for name in try Files.names(in: folder) where !Files.isDirectory(folder + "/" + name) {
      found[name] = try Files.read(folder + "/" + name, limit: 1 << 24)
    }
    return found
  }
}

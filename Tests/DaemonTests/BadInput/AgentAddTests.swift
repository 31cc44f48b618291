import Control
import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Commands

@Suite("Adding an agent that is not right") struct AgentAddTests {
  @Test("a path that is missing or no folder is refused by name")
  func paths() throws {
    let scene = try Scene()
    var error = try scene.refusal("agent", "add", "/no/such/folder")
    #expect(error.says("/no/such/folder", "folder"), "\(error)")
    let file = try scene.daemon.directory.write("plain.txt", "")
    error = try scene.refusal("agent", "add", file)
    #expect(error.code == "E_PATH_MISSING" && error.says(file), "\(error)")

    // The command makes a path absolute; other clients are told to.
    let client = ControlClient(socketPath: scene.daemon.socket)
    let refused = #expect(throws: KaizenError.self) {
      try client.ask(.addAgent, bytes: Array(#"{"path":"here/x"}"#.utf8))
    }
    #expect(refused?.code == "E_PATH_RELATIVE")
    #expect(refused?.says("\"here/x\"", "whole path") == true)
  }

  @Test("every wrong type in agent.json is named at once: file, key, expected, found, fix")
  func wrongTypes() throws {
    let scene = try Scene()
    let folder = try scene.write(
      agent: "w", #"{"id":5,"paths":"x","sla_ms":"fast","test":{"command":"python3"}}"#)
    let error = try scene.refusal("agent", "add", folder)
    #expect(error.code == "E_DESCRIPTOR")
    for (key, expected, found) in [
      ("id", "a string", "the number 5"), ("paths", "a list of strings", "the string \"x\""),
      ("sla_ms", "a number", "the string \"fast\""),
      ("test.command", "a list of strings", "the string \"python3\""),
    ] {
      #expect(error.message.contains("\(folder)/agent.json: \(key): expected \(expected)"))
      #expect(error.message.contains("found \(found); correct"), "\(error)")
    }
    #expect(try scene.ask("agent", "list")["count"]?.integer == 0)
  }

  @Test("an agent.json that is no JSON is refused with line and column")
  func brokenJSON() throws {
    let scene = try Scene()
    let folder = try scene.write(agent: "b", "{\"id\": \"b\",\n  oops }")
    let error = try scene.refusal("agent", "add", folder)
    #expect(error.code == "E_DESCRIPTOR")
    #expect(error.says("\(folder)/agent.json", "line 2, column 3", "correct the file"), "\(error)")
  }

  @Test("unknown keys and a missing test command are warnings")
  func warnings() throws {
    let scene = try Scene()
    let folder = try scene.write(agent: "u", #"{"id":"u","tset":{"command":["true"]}}"#)
    let added = try scene.ask("agent", "add", folder)
    let warnings = (added["warnings"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
    #expect(warnings.contains("agent.json: tset"), "\(warnings)")
    #expect(warnings.contains("no test command"), "\(warnings)")
  }

  @Test("another folder under an agent's id is refused, and so is a folder within another agent's")
  func twice() throws {
    let scene = try Scene()
    try scene.add("a")
    let other = try scene.write(agent: "b", "{}")
    var error = try scene.refusal("agent", "add", other, "--id", "a")
    #expect(error.code == "E_AGENT_EXISTS" && error.says("--id", scene.folder("a")), "\(error)")
    error = try scene.refusal("agent", "add", scene.folder("a") + "/tests", "--id", "inner")
    #expect(error.code == "E_PATH_TAKEN" && error.says(scene.folder("a")), "\(error)")
  }

  /// A base that proves nothing: its test command, and what is said of it.
  struct Base: CustomTestStringConvertible, Sendable {
    var name: String
    var command: [String]
    var code: String
    var says: [String]
    var testDescription: String { name }
  }

  static let bases = [
    Base(
      name: "tests that fail", command: ["sh", "-c", "echo broken >&2; exit 3"],
      code: "base_tests_fail", says: ["exit 3", "pass in", "test.needs"]),
    Base(
      name: "tests that hang", command: ["sleep", "100"], code: "base_tests_fail",
      says: ["timed out", "`sleep 100`", "test.timeout_s"]),
    Base(
      name: "tests that ignore SIGTERM",
      command: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"], code: "base_tests_fail",
      says: ["timed out", "test.timeout_s"]),
    Base(
      name: "tests that flood", command: ["sh", "-c", "yes flood"], code: "base_tests_fail",
      says: ["timed out", "test.timeout_s"]),
    Base(
      name: "a missing program", command: ["no-such-python", "t.py"],
      code: "E_INTERPRETER_MISSING", says: ["\"no-such-python\"", "/usr/bin", "needs.path"]),
    Base(
      name: "a missing interpreter", command: ["./run.sh"], code: "E_INTERPRETER_MISSING",
      says: ["/opt/none/bash", "run.sh", "install the program"]),
    Base(
      name: "a file that cannot be executed", command: ["./agent.py"],
      code: "E_INTERPRETER_MISSING", says: ["agent.py", "no executable file", "chmod +x"]),
  ]

  @Test("a base that proves nothing is added with a warning, and its trials are inconclusive")
  func bases() throws {
    let scene = try Scene(Scene.smelling("echo y = 2 >> agent.py"))
    for (index, base) in Self.bases.enumerated() {
      let id = "a\(index)"
      let descriptor: JSONValue = [
        "id": .string(id),
        "test": ["command": .array(base.command.map { .string($0) }), "timeout_s": 1],
      ]
      let folder = try scene.write(agent: id, descriptor.text(), ["run.sh": "#!/opt/none/bash\n"])
      chmod(folder + "/run.sh", 0o755)
      let before = try scene.files(of: id)

      let added = try scene.daemon.kaizen("agent", "add", folder)
      #expect(added.status == 0, "\(base.name): \(added)")
      #expect(added.stdout.utf8.count < 8192, "\(base.name) floods the terminal")
      for words in base.says { #expect(added.stdout.contains(words), "\(base.name): \(added)") }

      let run = try scene.optimize(id)
      #expect(run["verdict"]?.string == "inconclusive", "\(base.name): \(run.text())")
      #expect(run["was_live"]?.bool == false)
      let reason = run["reason"]?.string ?? ""
      for words in base.says { #expect(reason.contains(words), "\(base.name): \(reason)") }
      #expect(run["code"]?.string == base.code, "\(base.name): \(run.text())")
      #expect(try scene.files(of: id) == before, "\(base.name)")
    }
    try scene.expectAlive()
  }

  @Test("what a test command leaves running is gone when it ends")
  func daemonizes() throws {
    let scene = try Scene()
    let mark = "86\(getpid())"
    try scene.add(
      "d", test: ["sh", "-c", "setsid sleep \(mark) >/dev/null 2>&1 & echo 'ok 1 - starts'"])
    #expect(try Self.commandLines().allSatisfy { !$0.contains(mark) })
  }

  private static func commandLines() throws -> [String] {
    try Files.names(in: "/proc").filter { Int($0) != nil }.map { pid in
      // A process that has gone meanwhile has no command line.
      let bytes = (try? Files.read("/proc/\(pid)/cmdline", limit: 1 << 20)) ?? []
      return String(decoding: bytes.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }.filter { $0.hasPrefix("sleep") }
  }

  @Test(
    "a stopping daemon ends the tests of an addition, which leaves nothing", .timeLimit(.minutes(1))
  )
  func stopped() throws {
    let scene = try Scene()
    let folder = try scene.write(
      agent: "slow", #"{"id":"slow","test":{"command":["sleep","300"],"timeout_s":300}}"#)
    let adding = try scene.daemon.startKaizen(["agent", "add", folder])
    // The marker of the clone on which the tests run.
    let marker = scene.daemon.home + "/agents/slow/stages/2"
    while !Files.exists(marker) { usleep(Self.pollMicroseconds) }
    #expect(try scene.daemon.stop() == .exited(0))
    let ended = try #require(try adding.finish(timeout: .seconds(10)))
    #expect(ended.status != 0, "\(ended)")
    #expect(!Files.exists(scene.daemon.home + "/agents/slow/attachment.json"))
    try scene.daemon.start()
    #expect(try scene.ask("agent", "list")["count"]?.integer == 0)
  }

  @Test("files are attached to an agent known from its feedback, and to no other")
  func attachLater() throws {
    let scene = try Scene()
    let folder = try scene.write(agent: "late", #"{"description":"came first as feedback"}"#)
    var error = try scene.refusal("agent", "attach", "late", folder)
    #expect(error.code == "E_UNKNOWN_AGENT", "\(error)")
    _ = try scene.ask("record", "late", "success", "--operation", "op-1")
    let added = try scene.ask("agent", "attach", "late", folder, "--attach", "managed")
    #expect(added["agent"]?["attach"] == "managed" && added["agent"]?["operations"] == 1)
    error = try scene.refusal("agent", "attach", "late", folder)
    #expect(error.code == "E_AGENT_EXISTS", "\(error)")
    for mode in ["files", "git"] {
      error = try scene.refusal("agent", "add", folder, "--id", "other", "--attach", mode)
      #expect(error.code == "E_ATTACH_MODE" && error.says("\"\(mode)\"", "--attach directory"))
    }
  }

  private static let pollMicroseconds: UInt32 = 5000
}

import Control
import Glibc
import HTTP
import Linux
import Model
import Synchronization
import TestSupport
import Testing

@Suite("kaizen without a daemon") struct NoDaemonTests {
  @Test("helps, for everything, a group and a command")
  func help() throws {
    let directory = try TemporaryDirectory()
    for words in [["--help"], ["agent"], ["optimize", "--help"], ["exec", "--help"], []] {
      let result = try Kaizen.run(words, in: directory)
      #expect(result.status == .exited(0), "\(words)")
      #expect(result.output.hasPrefix("usage: kaizen"))
      #expect(result.errors.isEmpty)
    }
  }

  @Test("an answer that cannot be written is a failure, unless its reader has gone")
  func unwritten() throws {
    let directory = try TemporaryDirectory()
    func run(_ script: String) throws -> (status: ChildExit.Status?, errors: String) {
      let errors = directory.path + "/errors"
      let file = try FileDescriptor.open(errors, O_RDWR | O_CREAT | O_TRUNC)
      let child = try ChildProcess(
        ChildCommand(
          words: ["bash", "-c", script, try Kaizen.path()], environment: Kaizen.environment([:]),
          descriptors: [2: file.raw]))
      let status = try child.wait(timeout: .seconds(10))?.status
      return (status, String(decoding: try Files.read(errors, limit: 4096), as: UTF8.self))
    }
    let full = try run("\"$0\" --help >/dev/full")
    #expect(full.status == .exited(1))
    #expect(full.errors.contains("No space left on device"), "\(full.errors)")
    let gone = try run("set -o pipefail; \"$0\" --help | true")
    #expect(gone.status == .exited(0) && gone.errors.isEmpty, "\(gone.errors)")
  }

  @Test("says where the socket should be, how to start the daemon, and exits with 3")
  func unreachable() throws {
    let directory = try TemporaryDirectory()
    let home = directory.path + "/home"
    for words in [["status"], ["record", "a", "success"], ["optimize", "a", "--wait"]] {
      let result = try Kaizen.run(words, in: directory, environment: ["KAIZEN_HOME": home])
      #expect(result.status == .exited(3))
      #expect(result.errors.contains(home + "/run/kaizen.sock"))
      #expect(result.errors.contains("start it with: kaizend --home \(home)"))
    }
  }

  @Test("tells programs so in JSON")
  func unreachableJSON() throws {
    let directory = try TemporaryDirectory()
    let result = try Kaizen.run(
      ["status", "--json", "--home", directory.path], in: directory)
    #expect(result.status == .exited(3))
    #expect(result.json?["error"]?["code"] == "E_UNREACHABLE")
  }

  @Test("finds nobody behind a socket that was left over")
  func stale() throws {
    let directory = try TemporaryDirectory()
    let socket = HomeLayout(root: directory.path).socket
    try Files.makeDirectories(Files.parent(of: socket))
    do { _ = try UnixSocket.listen(socket, mode: 0o600) }
    let result = try Kaizen.run(["status", "--home", directory.path], in: directory)
    #expect(result.status == .exited(3))
  }

  @Test("refuses a socket path over 107 bytes by name")
  func longSocket() throws {
    let directory = try TemporaryDirectory()
    let home = directory.path + "/" + String(repeating: "x", count: 100)
    let result = try Kaizen.run(["status", "--home", home], in: directory)
    #expect(result.status == .exited(1))
    #expect(result.errors.contains(home + "/run/kaizen.sock"))
  }

  @Test("exits with 2 on what it does not understand")
  func usage() throws {
    let directory = try TemporaryDirectory()
    for words in [["nonsense"], ["health", "--dayz", "3"], ["agent", "add"], ["record", "a"]] {
      let result = try Kaizen.run(words, in: directory)
      #expect(result.status == .exited(2), "\(words)")
      #expect(result.output.isEmpty)
    }
  }

  @Test("has a doctor that sees what it can and says what fails")
  func doctor() throws {
    let directory = try TemporaryDirectory()
    let result = try Kaizen.run(
      ["doctor", "--json", "--home", directory.path], in: directory)
    #expect(result.status == .exited(1))
    #expect(result.json?["ok"] == false)
    let names = result.json?["items"]?.array?.compactMap { $0["name"]?.string } ?? []
    #expect(names.contains("socket path") && names.contains("daemon"))
  }
}

@Suite("kaizen with a daemon") struct WithDaemonTests {
  @Test("shows an answer as a table, and as it came with --json")
  func answers() throws {
    let home = try ScriptedHome { _, _ throws(KaizenError) in
      let agent = AgentInfo(id: "unit-converter", health: 91.25, operations: 30)
      var members = ListAnswer([agent]).json.object ?? [:]
      members["later"] = true
      return .object(members)
    }
    let table = try home.run("agent", "list")
    #expect(table.status == .exited(0))
    #expect(table.output.contains("unit-converter"))
    #expect(table.output.contains("91.3"))
    let json = try home.run("agent", "list", "--json")
    #expect(json.json?["count"] == 1)
    #expect(json.json?["items"]?.array?.first?["health"] == 91.25)
    #expect(json.json?["later"] == true)
  }

  @Test("shows a refusal with its hint, and exits with 1")
  func refusal() throws {
    let home = try ScriptedHome { _, _ throws(KaizenError) in
      throw KaizenError("E_UNKNOWN_AGENT", "no agent \"x\"", hint: "kaizen agent list")
    }
    let result = try home.run("health", "x")
    #expect(result.status == .exited(1))
    #expect(result.errors == "kaizen: no agent \"x\"\n  kaizen agent list\n")
    #expect(try home.run("health", "x", "--json").json?["error"]?["code"] == "E_UNKNOWN_AGENT")
  }

  @Test("asks for an agent's folder by its whole path")
  func paths() throws {
    let home = try ScriptedHome { _, _ throws(KaizenError) in
      AgentAddAnswer(agent: AgentInfo(id: "a"), level: "A").json
    }
    try home.directory.write("agents/a/agent.json", "{}")
    let folder = home.directory.path + "/agents"
    let result = try Kaizen.run(
      ["agent", "add", "./a", "--home", home.home], in: home.directory, workingDirectory: folder)
    #expect(result.status == .exited(0))
    #expect(home.daemon.bodies("/v1/agents").first?["path"]?.string == folder + "/a")
    let missing = try home.run("agent", "add", "/nonexistent/agent")
    #expect(missing.status == .exited(1))
    #expect(missing.errors.contains("/nonexistent/agent"))
  }

  @Test("records one piece of feedback from flags")
  func record() throws {
    let home = try ScriptedHome { _, _ throws(KaizenError) in
      FeedbackAnswer(stored: 1, duplicate: 0).json
    }
    let result = try home.run(
      "record", "a", "failure", "--error-type", "Timeout", "--duration-ms", "12.5", "--details",
      "{\"k\":[1]}", "--operation", "op1")
    #expect(result.status == .exited(0))
    let expected: JSONValue = [
      "agent_id": "a", "type": "failure", "operation_id": "op1", "error_type": "Timeout",
      "duration_ms": 12.5, "details": ["k": [1]],
    ]
    #expect(home.daemon.bodies("/v1/feedback") == [expected])
    #expect(try home.run("record", "a", "splendid").status == .exited(2))
    for type in ["user_rating", "quality_score", "coverage"] {
      let empty = try home.run("record", "a", type)
      #expect(empty.status == .exited(2) && empty.errors.contains("is missing"), "\(type)")
    }
    #expect(try home.run("record", "a", "success", "--details", "[1]").status == .exited(2))
    let broken = try home.run("record", "a", "success", "--details", "{oops")
    #expect(broken.status == .exited(2) && broken.errors.contains("--details"), "\(broken.errors)")
  }

  @Test("records a file of any size in bounded requests, and counts its lines right")
  func bulk() throws {
    let home = try ScriptedHome { _, request throws(KaizenError) in
      let lines = request.body.split(separator: UInt8(ascii: "\n")).count
      return FeedbackAnswer(
        stored: lines - 1, duplicate: 0, rejected: [RejectedRecord(line: 1, error: "bad")],
        rejectedCount: 1
      ).json
    }
    let line = "{\"x\":\"\(String(repeating: "y", count: 1000))\"}\n"
    let input = String(repeating: line, count: 10_000)
    let result = try home.run("record", "--ndjson", "-", "--json", input: input)
    #expect(result.status == .exited(1))
    let requests = home.daemon.asked.withLock { $0.map(\.body.count) }
    #expect(requests.reduce(0, +) == input.utf8.count)
    #expect(requests.count > 1 && requests.allSatisfy { $0 <= 5 << 20 })
    #expect(result.json?["stored"]?.integer == Int64(10_000 - requests.count))
    let second = result.json?["rejected"]?.array?.dropFirst().first?["line"]?.integer
    #expect(second == Int64(requests[0] / line.utf8.count + 1))
  }

  @Test("follows a run to its verdict, and says nothing of its progress where nobody watches")
  func wait() throws {
    let polls = Condition(0)
    let home = try ScriptedHome { id, request throws(KaizenError) in
      let started = Instant(seconds: 1_795_000_000)
      if id == .optimize {
        return RunInfo(id: "r1", agent: "a", state: .running, startedAt: started).json
      }
      let count = polls.update { polls -> Int in
        polls += 1
        return polls
      }
      return RunInfo(
        id: "r1", agent: "a", state: count < 3 ? .running : .done, startedAt: started,
        progress: (1...count).map { "step \($0)" }, verdict: count < 3 ? nil : .rolledBack,
        reason: "a test failed"
      ).json
    }
    let result = try home.run("optimize", "a", "--wait", "--json", "--strategy", "minimal")
    #expect(result.status == .exited(0))
    #expect(result.json?["verdict"] == "rolled_back")
    #expect(result.json?["was_live"] == false)
    #expect(result.errors.isEmpty)
    #expect(home.daemon.bodies("/v1/agents/a/optimize").first?["strategy"] == "minimal")
    let required = try home.run("optimize", "a", "--require", "kept")
    #expect(required.status == .exited(4))
    #expect(required.errors.contains("rolled_back"))
    #expect(try home.run("optimize", "a", "--require", "rolled_back").status == .exited(0))
    #expect(try home.run("optimize", "a").status == .exited(0))
  }
}

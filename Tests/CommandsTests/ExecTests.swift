import Control
import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("kaizen exec") struct ExecTests {
  private let directory: TemporaryDirectory
  private let home: String

  init() throws {
    directory = try TemporaryDirectory()
    home = directory.path + "/home"
  }

  private func exec(_ words: String..., input: String? = nil) throws -> Kaizen.Result {
    try Kaizen.run(["exec", "--home", home, "a", "--"] + words, in: directory, input: input)
  }

  private func spooled() throws -> [JSONValue] {
    let bytes = try Files.read(home + "/state/spool/exec.ndjson", limit: 1 << 20)
    return try bytes.split(separator: 10).map { try JSONDocument.parse(Array($0)) }
  }

  @Test("ends with the command's own status", arguments: [0, 1, 2, 3, 42, 125, 255] as [Int32])
  func status(code: Int32) throws {
    #expect(try exec("sh", "-c", "exit \(code)").status == .exited(code))
  }

  @Test("dies of what the command died of", arguments: [SIGTERM, SIGKILL, SIGSEGV, SIGPIPE])
  func signals(number: Int32) throws {
    #expect(try exec("sh", "-c", "kill -\(number) $$").status == .signaled(number))
    let record = try #require(try spooled().first)
    #expect(record["error_type"]?.string == "signal_\(number)")
  }

  @Test("passes on stdin, stdout, stderr, words and working directory byte by byte")
  func streams() throws {
    let input = String(repeating: "0123456789abcdef\n", count: 20_000)
    #expect(try exec("cat", input: input).output == input)
    let odd = try exec(
      "sh", "-c", "printf '%s|' \"$@\"; printf 'e\\001x' >&2", "sh", "a b", "", "*")
    #expect(odd.output == "a b||*|")
    #expect(odd.errors == "e\u{1}x")
    let folder = try Kaizen.run(
      ["exec", "--home", home, "a", "--", "pwd"], in: directory, workingDirectory: "/usr/bin")
    #expect(folder.output == "/usr/bin\n")
  }

  @Test("hands on words and variables that are no UTF-8")
  func bytes() throws {
    let script =
      #"V=$(printf 'v\377') "$0" exec --home "$1" a -- sh -c 'printf "%s|$V" "$1"' sh "$(printf 'w\376')""#
    let output = directory.path + "/bytes"
    let file = try FileDescriptor.open(output, O_RDWR | O_CREAT)
    let process = try ChildProcess(
      ChildCommand(
        words: ["sh", "-c", "export V; " + script, try Kaizen.path(), home],
        environment: Kaizen.environment([:]), descriptors: [1: file.raw, 2: 2]))
    #expect(try process.wait(timeout: .seconds(10))?.status == .exited(0))
    #expect(try Files.read(output, limit: 100) == [0x77, 0xFE, 0x7C, 0x76, 0xFF])
  }

  @Test("a working directory is the caller's own, unless it became a stored generation")
  func directories() throws {
    func place(from folder: String, shell: String) throws -> Kaizen.Result {
      try Kaizen.run(
        ["exec", "--home", home, "a", "--", "/bin/pwd"], in: directory,
        environment: ["PWD": shell], workingDirectory: folder)
    }
    // A program that changed its directory without telling PWD.
    #expect(try place(from: "/usr/bin", shell: "/usr/lib").output == "/usr/bin\n")
    let live = directory.path + "/live"
    let stored = directory.path + "/agents/a/generations/000001/tree"
    for folder in [live, stored] { try Files.makeDirectories(folder) }
    let switched = try place(from: stored, shell: live)
    #expect(switched.output == live + "\n")
    #expect(switched.errors.contains("was switched meanwhile"))
    #expect(try place(from: stored, shell: stored).output == stored + "\n")
  }

  @Test("hands on open descriptors, ignored signals and the environment")
  func inherited() throws {
    let script = "exec 9</etc/passwd; trap '' HUP; exec \"$@\""
    let check = "head -c 4 <&9; grep SigIgn /proc/self/status; echo $KAIZEN_AGENT $MORE"
    let child = try Kaizen.path()
    let output = directory.path + "/out"
    let file = try FileDescriptor.open(output, O_RDWR | O_CREAT)
    let process = try ChildProcess(
      ChildCommand(
        words: [
          "bash", "-c", script, "bash", child, "exec", "--home", home, "agent-7", "--", "bash",
          "-c", check,
        ], environment: Kaizen.environment(["MORE": "yes"]), descriptors: [1: file.raw, 2: 2]))
    #expect(try process.wait(timeout: .seconds(10))?.status == .exited(0))
    let text = String(decoding: try Files.read(output, limit: 1000), as: UTF8.self)
    #expect(text.hasPrefix("root"))
    // SIGHUP is bit 0, and stays ignored; SIGPIPE, bit 12, is ignored by kaizen only.
    let mask = try #require(
      text.split(separator: "\n").first { $0.contains("SigIgn") }?.split(separator: "\t").last)
    let ignored = try #require(UInt64(mask, radix: 16))
    #expect(ignored & 1 == 1)
    #expect(ignored & 1 << 12 == 0)
    #expect(text.hasSuffix("agent-7 yes\n"))
  }

  @Test("passes on a signal that is sent to it", arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1])
  func forwards(number: Int32) throws {
    let ready = try DescriptorPair.pipe()
    let child = try ChildProcess(
      ChildCommand(
        words: [
          try Kaizen.path(), "exec", "--home", home, "a", "--", "bash", "-c",
          "trap 'exit 9' \(number); echo ready; while :; do sleep 0.01; done",
        ], environment: Kaizen.environment([:]), descriptors: [1: ready.second.raw, 2: 2]))
    var byte: UInt8 = 0
    #expect(read(ready.first.raw, &byte, 1) == 1)
    try child.signal(number)
    #expect(try child.wait(timeout: .seconds(10))?.status == .exited(9))
  }

  @Test("is 127 for a command that is not found, 126 for one that cannot run, 125 for itself")
  func ownFailures() throws {
    #expect(try exec("no-such-command-here").status == .exited(127))
    #expect(try exec("/etc/passwd").status == .exited(126))
    #expect(try Kaizen.run(["exec", "--home", home], in: directory).status == .exited(125))
    #expect(try Kaizen.run(["exec", "--nope", "a", "ls"], in: directory).status == .exited(125))
    #expect(
      try Kaizen.run(["exec", "--home", home, "b d", "ls"], in: directory).status == .exited(125))
    #expect(try spooled().first?["error_type"] == "command_not_found")
  }

  @Test("spools the record where the daemon is down, silently")
  func spool() throws {
    let result = try exec("sh", "-c", "echo 'ValueError: bad unit' >&2; exit 3")
    #expect(result.errors == "ValueError: bad unit\n")
    #expect(try exec("true").status == .exited(0))
    let records = try spooled()
    #expect(records.map { $0["type"] } == ["failure", "success"])
    #expect(records[0]["error_type"] == "ValueError")
    #expect(records[0]["details"]?["stderr"] == "ValueError: bad unit")
    #expect(records[0]["details"]?["exit_status"] == 3)
    #expect(records[0]["agent_id"] == "a")
    #expect((records[0]["duration_ms"]?.number ?? 0) > 0)
    #expect((records[0]["memory_mb"]?.number ?? 0) > 0)
    #expect(records[0]["operation_id"] != records[1]["operation_id"])
    #expect(records[1]["error_type"] == nil)
  }

  @Test("runs the command and says so where nothing takes the record")
  func lost() throws {
    try directory.write("blocked", "a file where the home should be")
    home.withCString { _ = symlink(directory.path + "/blocked", $0) }
    let result = try exec("sh", "-c", "exit 5")
    #expect(result.status == .exited(5))
    #expect(result.errors.contains("the record is lost"))
  }
}

@Suite("kaizen exec with a daemon") struct ExecRecordTests {
  @Test("notes start and end, and tells the command which generation it is")
  func generation() throws {
    let home = try ScriptedHome { id, _ throws(KaizenError) in
      id == .startOperation
        ? OperationStarted(agent: "a", operation: "x", generation: 7).json
        : FeedbackAnswer(stored: 1, duplicate: 0).json
    }
    let result = try home.run(
      "exec", "a", "--", "sh", "-c", "echo $KAIZEN_AGENT $KAIZEN_GENERATION $KAIZEN_OPERATION_ID")
    #expect(result.status == .exited(0))
    let start = try OperationStart(json: try #require(home.daemon.bodies("/v1/operations").first))
    let end = try #require(home.daemon.bodies("/v1/feedback").first)
    #expect(result.output == "a 7 \(start.operation)\n")
    #expect(end["operation_id"]?.string == start.operation)
    #expect(end["generation"] == 7)
    #expect(end["type"] == "success")
    #expect(!Files.exists(home.home + "/state/spool/exec.ndjson"))
  }

  @Test("never waits for a daemon that does not answer", .timeLimit(.minutes(1)))
  func silent() throws {
    let directory = try TemporaryDirectory()
    let socket = HomeLayout(root: directory.path).socket
    try Files.makeDirectories(Files.parent(of: socket))
    let listener = try UnixSocket.listen(socket, mode: 0o600)
    let began = Clock.monotonic()
    let result = try Kaizen.run(
      ["exec", "--home", directory.path, "a", "--", "echo", "done"], in: directory)
    #expect(result.output == "done\n")
    #expect(Clock.monotonic() - began < .seconds(10))
    #expect(Files.exists(directory.path + "/state/spool/exec.ndjson"))
    _ = listener.raw
  }
}

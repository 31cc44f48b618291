import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// Runs `kaizen exec` within a shell line, so that stderr goes where the shell sends it.
private func shell(
  _ line: String, _ directory: TemporaryDirectory
) throws -> (output: String, record: JSONValue?) {
  let output = directory.path + "/shell.out"
  let file = try FileDescriptor.open(output, O_RDWR | O_CREAT | O_TRUNC)
  let input = try FileDescriptor.open("/dev/null", O_RDONLY)
  let home = directory.path + "/home"
  let child = try ChildProcess(
    ChildCommand(
      words: ["bash", "-c", line],
      environment: Kaizen.environment([
        "K": "\(try Kaizen.path()) exec --home \(home) a --", "D": directory.path,
      ]), descriptors: [0: input.raw, 1: file.raw, 2: file.raw]))
  guard try child.wait(timeout: .seconds(20)) != nil else {
    throw SystemError("wait", line, code: ETIMEDOUT)
  }
  let spool = home + "/state/spool/exec.ndjson"
  let record =
    Files.exists(spool)
    ? try Files.read(spool, limit: 1 << 20).split(separator: 10).last.map {
      try JSONDocument.parse(Array($0))
    } : nil
  return (String(decoding: try Files.read(output, limit: 1 << 24), as: UTF8.self), record)
}

@Suite("Seeing a command's stderr") struct ErrorTapTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(
    "works through a pipe, a file, an appended file and /dev/null, and changes nothing",
    arguments: [
      "$K sh -c 'echo KeyError: x >&2; exit 1' 2> >(cat > $D/e; echo >> $D/done)",
      "$K sh -c 'echo KeyError: x >&2; exit 1' 2> $D/e",
      "echo before > $D/e; $K sh -c 'echo KeyError: x >&2; exit 1' 2>> $D/e",
      "$K sh -c 'echo KeyError: x >&2; exit 1' 2> /dev/null",
    ])
  func ways(line: String) throws {
    #expect(try shell(line, directory).record?["error_type"] == "KeyError")
  }

  @Test("sees only what this command wrote into a file that has more")
  func ownPart() throws {
    let record = try shell(
      "echo OldError: y > $D/e; $K sh -c 'exit 1' 2>> $D/e", directory
    ).record
    #expect(record?["error_type"] == "exit_1")
    #expect(record?["details"]?["stderr"] == nil)
  }

  @Test("keeps the order of stdout and stderr in one pipe")
  func order() throws {
    let line = "$K bash -c 'for i in {1..500}; do echo o$i; echo e$i >&2; done; exit 1' 2>&1 | cat"
    let (output, record) = try shell(line, directory)
    #expect(output == (1...500).map { "o\($0)\ne\($0)\n" }.joined())
    #expect(record?["details"]?["stderr"]?.string?.hasSuffix("e500") == true)
  }

  @Test("passes on a flood whole, and keeps its end only")
  func flood() throws {
    let line = "$K bash -c 'head -c 3000000 /dev/zero | tr \"\\0\" x >&2; exit 1' 2> >(wc -c)"
    let (output, record) = try shell(line + "; wait $!", directory)
    #expect(output == "3000000\n")
    #expect((record?.text().utf8.count ?? 0) < 10_000)
  }

  @Test("does not wait for what the command left running, and does not cut it off either")
  func leftBehind() throws {
    let fifo = directory.path + "/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    let line =
      "$K bash -c '(read x < $D/fifo; echo late $x >&2) & exit 4' 2> >(cat > $D/e; echo > $D/end) ;"
      + "echo status $?; echo word > $D/fifo; until [ -e $D/end ]; do sleep 0.01; done; cat $D/e"
    #expect(try shell(line, directory).output == "status 4\nlate word\n")
  }

  @Test("lets the command notice that nobody reads its stderr any more")
  func brokenPipe() throws {
    let line =
      "{ $K bash -c 'while echo x >&2; do :; done'; echo status $? >&3; } 2>&1 3>$D/s | true"
    _ = try shell(line + "; cat $D/s", directory)
    let status = try Files.read(directory.path + "/s", limit: 100)
    #expect(["status 141\n", "status 1\n"].contains(String(decoding: status, as: UTF8.self)))
  }

  @Test("leaves a terminal to the command")
  func terminal() throws {
    let line = "script -qec \"$K sh -c 'test -t 2 && test -t 1 && echo tty'\" /dev/null"
    #expect(try shell(line, directory).output.contains("tty"))
  }
}

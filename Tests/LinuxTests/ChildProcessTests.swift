import Glibc
import Linux
import TestSupport
import Testing

@Suite("Child processes") struct ChildProcessTests {
  /// Runs a shell script and returns how it ended and what it wrote.
  func shell(
    _ script: String, environment: [String: String]? = nil, directory: String? = nil
  ) throws -> (ChildExit.Status, String) {
    let pipe = try DescriptorPair.pipe()
    let child = try ChildProcess(
      ChildCommand(
        words: ["/bin/sh", "-c", script], environment: environment,
        descriptors: [1: pipe.second.raw], workingDirectory: directory))
    let reading = pipe.first
    _ = consume pipe.second
    let text = String(decoding: try reading.readAll(limit: 65_536), as: UTF8.self)
    let exit = try #require(try child.wait(timeout: .seconds(10)))
    return (exit.status, text)
  }

  @Test("exit status and signal are told apart")
  func status() throws {
    #expect(try shell("exit 7").0 == .exited(7))
    #expect(try shell("kill -TERM $$").0 == .signaled(SIGTERM))
  }

  @Test("the child gets the given environment and nothing else")
  func environment() throws {
    #expect(try shell("env", environment: ["A": "1", "PWD": "/"]).1.contains("A=1\n"))
    #expect(try !shell("env", environment: [:]).1.contains("HOME="))
    setenv("KAIZEN_TEST_HANDED_ON", "yes", 1)
    #expect(try shell("echo $KAIZEN_TEST_HANDED_ON").1 == "yes\n")
  }

  @Test("with a session go all its processes, also those in process groups of their own")
  func session() throws {
    let pipe = try DescriptorPair.pipe()
    let child = try ChildProcess(
      ChildCommand(
        words: ["/bin/bash", "-c", "set -m; sleep 1000 & sleep 1000 & echo up; wait"],
        descriptors: [1: pipe.second.raw], newSession: true))
    let reading = pipe.first
    _ = consume pipe.second
    var line = [UInt8](repeating: 0, count: 3)
    #expect(read(reading.raw, &line, line.count) == 3 && line == Array("up\n".utf8))
    #expect(try child.killSession().status == .signaled(SIGKILL))
    // The end comes only once nobody has the pipe open any more.
    var interest = [Poll.Interest(reading.raw, .read)]
    #expect(try Poll.wait(&interest, timeout: .seconds(10)) == 1)
    #expect(read(reading.raw, &line, line.count) == 0)
  }

  @Test("the child starts in the given directory")
  func directory() throws {
    let directory = try TemporaryDirectory()
    #expect(try shell("pwd", directory: directory.path).1 == directory.path + "\n")
  }

  @Test("only the descriptors given are open, under the numbers given")
  func descriptors() throws {
    let leaked = open("/dev/null", O_RDONLY)  // on purpose without O_CLOEXEC
    defer { close(leaked) }
    let pipe = try DescriptorPair.pipe()
    let file = try MemoryFile.sealed(name: "input", "hello".utf8)
    let child = try ChildProcess(
      ChildCommand(
        words: ["/bin/sh", "-c", "ls /proc/$$/fd; cat <&5"],
        descriptors: [1: pipe.second.raw, 2: pipe.second.raw, 5: file.raw]))
    let reading = pipe.first
    _ = consume pipe.second
    let text = String(decoding: try reading.readAll(limit: 65_536), as: UTF8.self)
    #expect(text == "1\n2\n5\nhello")
    #expect(try child.wait()?.status == .exited(0))
  }

  @Test("a target number that is another source's number is no trouble")
  func crossedDescriptors() throws {
    let pipe = try DescriptorPair.pipe()
    let one = try MemoryFile.sealed(name: "one", "one".utf8)
    let two = try MemoryFile.sealed(name: "two", "two".utf8)
    let script = "cat <&\(two.raw); cat <&\(one.raw)"
    let child = try ChildProcess(
      ChildCommand(
        words: ["/bin/bash", "-c", script],
        descriptors: [1: pipe.second.raw, one.raw: two.raw, two.raw: one.raw]))
    let reading = pipe.first
    _ = consume pipe.second
    let text = try reading.readAll(limit: 100)
    #expect(text == Array("onetwo".utf8))
    #expect(try child.wait()?.status == .exited(0))
  }

  @Test("a program that is not there fails at the start, by name")
  func missing() throws {
    let error = #expect(throws: SystemError.self) {
      try ChildProcess(ChildCommand(words: ["/no/such/program"]))
    }
    #expect(error?.code == ENOENT)
    #expect(error?.subject == "/no/such/program")
  }

  @Test("waiting ends at the timeout, and killing ends the child")
  func timeout() throws {
    let child = try ChildProcess(ChildCommand(words: ["sleep", "60"]))
    #expect(try child.wait(timeout: .milliseconds(5)) == nil)
    #expect(try child.killAndWait().status == .signaled(SIGKILL))
    #expect(try child.wait()?.status == .signaled(SIGKILL))
    try child.signal(SIGTERM)  // long gone: nothing happens
  }

  @Test("a child nobody waits for goes with its owner")
  func dropped() throws {
    var child: ChildProcess? = try ChildProcess(ChildCommand(words: ["sleep", "60"]))
    let pid = try #require(child?.pid)
    #expect(kill(pid, 0) == 0)
    child = nil
    #expect(kill(pid, 0) == -1)
  }

  @Test("the memory a child used is reported")
  func memory() throws {
    let child = try ChildProcess(
      ChildCommand(words: ["/bin/sh", "-c", "x=$(head -c 30000000 /dev/zero | tr '\\0' x)"]))
    let exit = try #require(try child.wait(timeout: .seconds(20)))
    #expect(exit.peakMemoryBytes > 25_000_000)
  }

  @Test("no signal is blocked or ignored in the child")
  func signals() throws {
    signal(SIGPIPE, SIG_IGN)
    // A shell blocks signals while it starts a command: look from the command's own side.
    let (_, text) = try shell("exec awk '/SigBlk|SigIgn/ { print $2 }' /proc/self/status")
    let masks = text.split(separator: "\n").compactMap { UInt64($0, radix: 16) }
    // glibc's posix_spawn leaves its own two, 32 and 33, ignored: nptl/internaltypes.h.
    #expect(masks.map { $0 & ~0x1_8000_0000 } == [0, 0])
  }
}

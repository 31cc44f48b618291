import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("What a confined command leaves to know") struct OutcomeTests {
  @Test("output, exit status and use come back", arguments: Daemon.possible)
  func outcome(daemon: Daemon) throws {
    let outcome = try SandboxFixture(daemon).shell("echo out; echo err >&2; exit 7")
    #expect(outcome.status == .exited(7))
    #expect(outcome.stdout.text == "out\n")
    #expect(outcome.stderr.text == "err\n")
    #expect(outcome.level == .full)
    #expect(outcome.end.peakMemoryBytes > 0)
    #expect(outcome.duration > .zero && outcome.duration < .seconds(20))
    #expect(!outcome.succeeded && !outcome.timedOut && !outcome.end.outOfMemory)
  }

  @Test("a signal is told from an exit status", arguments: Daemon.possible)
  func signaled(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    #expect(try fixture.shell("kill -SEGV $$").status == .signaled(SIGSEGV))
    #expect(try fixture.shell("exit 139").status == .exited(139))
  }

  @Test("stdin is what was given, and need not be read", arguments: Daemon.possible)
  func stdin(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    #expect(try fixture.shell("cat", stdin: Array("hello".utf8)).stdout.text == "hello")
    #expect(try fixture.shell("cat").stdout.text == "")
    let unread = [UInt8](repeating: 65, count: 1 << 20)
    #expect(try fixture.shell("exit 0", stdin: unread).succeeded)
  }

  @Test("output over the limit is read, counted and dropped", arguments: Daemon.possible)
  func flood(daemon: Daemon) throws {
    let outcome = try SandboxFixture(daemon).shell(
      "head -c 5000000 /dev/zero; echo end >&2", outputLimit: 1000)
    #expect(outcome.succeeded)
    #expect(outcome.stdout.bytes == [UInt8](repeating: 0, count: 1000))
    #expect(outcome.stdout.totalBytes == 5_000_000)
    #expect(outcome.stdout.isCut && !outcome.stderr.isCut)
    #expect(outcome.stderr.text == "end\n")
  }

  @Test("the end of output over the limit is kept as well", arguments: Daemon.possible)
  func end(daemon: Daemon) throws {
    let outcome = try SandboxFixture(daemon).shell(
      "echo begin; head -c 3000000 /dev/zero; echo the end", outputLimit: 1000)
    #expect(outcome.stdout.isCut && outcome.stdout.text.hasPrefix("begin\n"))
    #expect(outcome.stdout.end(9) == "\0the end\n")
    #expect(outcome.stdout.end(1 << 20).utf8.count >= CappedOutput.tailBytesMax)
    let short = try SandboxFixture(daemon).shell("echo begin; echo the end", outputLimit: 8)
    #expect(short.stdout.end(100) == "begin\nthe end\n" && short.stdout.isCut)
    #expect(short.stdout.end(4) == "end\n")
    #expect(short.stderr.end(4) == "" && short.stdout.end(-1) == "")
  }

  @Test("a script may open its own stdout and stderr by name", arguments: Daemon.possible)
  func reopened(daemon: Daemon) throws {
    // Not where a root process stands in for an ordinary user's daemon: the pipes are root's then.
    if daemon == .ordinary && geteuid() == 0 { return }
    let outcome = try SandboxFixture(daemon).shell("echo one > /dev/stdout; echo two > /dev/stderr")
    #expect(outcome.stdout.text == "one\n")
    #expect(outcome.stderr.text == "two\n")
  }

  @Test("a lasting process gets the descriptors given, and no other", arguments: Daemon.possible)
  func inheriting(daemon: Daemon) throws {
    let fixture = try SandboxFixture(daemon)
    let pair = try DescriptorPair.packetSockets()
    let control = try MemoryFile.create(name: "control", size: 4096)
    let script = """
      import os, sys
      def is_open(fd):
          try: os.fstat(fd)
          except OSError: return False
          return True
      os.write(3, repr([fd for fd in range(1024) if is_open(fd)]).encode())
      sys.exit(int(os.read(3, 16)))
      """
    let words = ["python3", "-c", script]
    let process = try fixture.confiner.start(
      words, Confinement(), inheriting: [3: pair.second.raw, 4: control.raw])
    let socket = pair.first
    _ = consume pair.second
    let open = try PacketSocket.receive(socket, limit: 100).bytes
    #expect(String(decoding: open, as: UTF8.self) == "[0, 1, 2, 3, 4]")
    #expect(try process.wait(timeout: .milliseconds(1)) == nil)
    try PacketSocket.send(socket, Array("5".utf8))
    #expect(try process.wait(timeout: .seconds(20))?.status == .exited(5))
    guard try process.stop() != nil else { return }
    // Nobody holds the other end any more: not the supervisor, not init.
    let rest = try PacketSocket.receive(socket, limit: 8).bytes
    #expect(rest.isEmpty)
  }
}

import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@Suite("Running a command confined") struct ConfinerTests {
  let shell = SandboxFixture.shell

  @Test("output, exit status and use come back")
  func outcome() throws {
    let outcome = try SandboxFixture.shell("echo out; echo err >&2; exit 7")
    #expect(outcome.status == .exited(7))
    #expect(outcome.stdout.text == "out\n")
    #expect(outcome.stderr.text == "err\n")
    #expect(outcome.level == .full)
    #expect(outcome.end.peakMemoryBytes > 0)
    #expect(outcome.duration > .zero && outcome.duration < .seconds(10))
    #expect(!outcome.succeeded && !outcome.timedOut)
  }

  @Test("a signal is told from an exit status")
  func signaled() throws {
    #expect(try SandboxFixture.shell("kill -SEGV $$").status == .signaled(SIGSEGV))
  }

  @Test("stdin is what was given, and need not be read")
  func stdin() throws {
    #expect(try SandboxFixture.shell("cat", stdin: Array("hello".utf8)).stdout.text == "hello")
    #expect(
      try SandboxFixture.shell("exit 0", stdin: [UInt8](repeating: 65, count: 1 << 20)).succeeded)
  }
}

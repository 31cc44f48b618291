import Glibc
import Linux
import Model
import Testing

@testable import PluginHost

@Suite("What a program writes") struct ProgramStreamsTests {
  /// Runs a shell script whose output goes to `streams`.
  private func run(_ script: String, _ streams: ProgramStreams) throws -> ChildProcess {
    try streams.lendEnds { (output, errors) throws(KaizenError) in
      do {
        return try ChildProcess(
          ChildCommand(words: ["/bin/sh", "-c", script], descriptors: [1: output, 2: errors]))
      } catch {
        throw KaizenError("E_SYSTEM", "\(error)")
      }
    }
  }

  private func read(
    _ script: String, limit: Int = 1 << 20, _ seconds: Int = 20
  ) throws -> (reason: ProgramStreams.Reason, streams: ProgramStreams) {
    let streams = try ProgramStreams()
    let child = try run(script, streams)
    let reason = try streams.read(limit: limit, until: Clock.monotonic() + .seconds(seconds))
    _ = try child.killAndWait()
    return (reason, streams)
  }

  @Test("is read to the end of both streams")
  func complete() throws {
    let (reason, streams) = try read("echo a; echo b >&2; echo c; exec >&-; echo d >&2")
    #expect(reason == .complete)
    #expect(String(decoding: streams.bytes, as: UTF8.self) == "a\nc\n")
    #expect(streams.lastWords == "b | d")
  }

  @Test("in silence is an end as well")
  func silence() throws {
    let (reason, streams) = try read("exit 0")
    #expect(reason == .complete)
    #expect(streams.bytes.isEmpty && streams.lastWords.isEmpty)
  }

  @Test("beyond the limit is not awaited")
  func flood() throws {
    let (reason, streams) = try read("yes", limit: 100_000)
    #expect(reason == .flood)
    #expect(streams.bytes.count <= 100_000 + (64 << 10))
  }

  @Test("is not awaited past the deadline, however much there is of it")
  func deadline() throws {
    #expect(try read("sleep 100", 0).reason == .deadline)
    #expect(try read("yes >&2", 1).reason == .deadline)
  }

  @Test("to standard error is kept from its end")
  func tail() throws {
    let (_, streams) = try read("seq 1 100000 >&2")
    #expect(streams.lastWords == "99998 | 99999 | 100000")
  }

  @Test("is shown as one line without control characters")
  func lines() {
    let bytes = Array("one\r\n\n  two\u{1B}[2J\n\u{7}\nthree".utf8)
    #expect(ProgramStreams.lastLines(bytes) == "one | two [2J | three")
    #expect(ProgramStreams.lastLines([0xFF, 0x0A]) == "\u{FFFD}")
    #expect(ProgramStreams.lastLines([]) == "")
  }

  @Test("to a worker's standard error never blocks it")
  func workerErrors() throws {
    let errors = try WorkerErrors()
    let child = try ChildProcess(
      ChildCommand(
        words: ["/bin/sh", "-c", "seq 1 100000 >&2; exit 7"],
        descriptors: [2: errors.writing.raw]))
    let end = try #require(try child.wait(timeout: .seconds(20)))
    #expect(end.status == .exited(7) || end.status == .exited(1))
    #expect(errors.lastWords().contains(" | "))
    #expect(errors.lastWords() == "")  // read once
  }
}

@Suite("How a program ended") struct ProgramEndTests {
  @Test(
    "is said in an error with its own code",
    arguments: [
      (ProgramEnd.exited(3), "E_PLUGIN_EXITED", "ended its process with status 3 during a call"),
      (.signaled(SIGSEGV), "E_PLUGIN_CRASHED", "crashed by SIGSEGV during a call"),
      (.signaled(SIGKILL), "E_PLUGIN_CRASHED", "crashed by SIGKILL during a call"),
      (.stopped, "E_PLUGIN_CRASHED", "was stopped during a call"),
      (.outOfMemory, "E_PLUGIN_CRASHED", "for want of memory during a call, its limit is 64 MiB"),
    ])
  func error(end: ProgramEnd, code: String, message: String) throws {
    let error = end.error(
      component: try id("probe"), when: "during a call", needs: Needs(memoryMegabytes: 64),
      lastWords: "")
    #expect(error.code.rawValue == code)
    #expect(error.message.hasSuffix(message))
  }

  @Test("is followed by the program's last words")
  func lastWords() throws {
    let error = ProgramEnd.exited(1).error(
      component: try id("probe"), when: "during a call", needs: Needs(), lastWords: "oh | no")
    #expect(error.message.hasSuffix("; its last words: oh | no"))
  }

  @Test("signals have names")
  func names() {
    #expect(ProgramEnd.signalName(SIGABRT) == "SIGABRT")
    #expect(ProgramEnd.signalName(200) == "signal 200")
  }
}

import CPluginRuntime
import Glibc
import Linux
import Model
import Synchronization
import Testing

@testable import PluginHost

/// Stands in for workers that a plugin has taken over: what they say is a script of the test.
final class FakeWorker: ProgramStarter {
  /// The worker's end of the wire.
  struct End {
    let channel: OpaquePointer
    let arena = CallArena()

    /// The next message's kind and call; kind 0 at the end.
    func receive() -> (kind: UInt32, call: UInt64) {
      var message = kzw_message()
      let got = kzw_receive(channel, 20_000, &message, nil)
      return Int(got) == Int(KZW_GOT_MESSAGE) ? (message.kind, message.call) : (0, 0)
    }

    /// Takes LOAD and says what the manifest `component(.analyzer)` says.
    func load() {
      _ = receive()
      var description = kzr_description()
      description.id = arena.text("probe")
      description.kind = UInt32(KZ_KIND_ANALYZER)
      description.version = arena.text("1.0")
      description.topics = arena.texts(["code_smell"])
      description.topic_count = 1
      kzw_send_ready(channel, &description, nil)
    }

    func log(_ text: String) -> Bool {
      kzw_send_log(channel, 0, UInt32(KZ_LOG_INFO), arena.text(text), nil)
    }

    func opportunity(_ call: UInt64, title: String = "t", evidence: String = "{}") {
      var found = kz_opportunity()
      found.size = UInt32(MemoryLayout<kz_opportunity>.size)
      found.type = arena.text("code_smell")
      found.title = arena.text(title)
      found.evidence_json = arena.text(evidence)
      kzw_send_opportunity(channel, call, &found, nil)
    }

    func done(_ call: UInt64, _ code: Int = KZR_OK, _ text: String = "") {
      kzw_send_done(channel, call, UInt32(code), arena.text(text), nil)
    }

    func quit() { kzw_send_quit(channel, nil) }
  }

  /// One start of it.
  final class Program: RunningProgram {
    private let killed = Condition(false)
    private let ending: ProgramEnd?

    init(ending: ProgramEnd?) { self.ending = ending }

    /// Whether the host has killed it by now, or does within some seconds.
    var isKilled: Bool { killed.wait(timeout: .seconds(20)) { $0 ? true : nil } ?? false }

    func kill() { killed.update { $0 = true } }
    func end(within timeout: Duration) -> ProgramEnd? { ending }
  }

  private let script: @Sendable (End) -> Void
  private let ending: ProgramEnd?
  /// All starts of it.
  let programs = SharedList<Program>()

  /// A worker that does `script` and ends as `ending` says; nil is never.
  init(ending: ProgramEnd? = .exited(0), _ script: @escaping @Sendable (End) -> Void) {
    self.ending = ending
    self.script = script
  }

  func start(_ plan: ProgramPlan) throws(KaizenError) -> any RunningProgram {
    let socket = fcntl(plan.descriptors[3] ?? -1, F_DUPFD_CLOEXEC, 3)
    let script = script
    // A thread that is not to be had is said below.
    let thread = try? BlockingThread(name: "fake-worker") {
      if let channel = kzw_channel_new(socket, true) {
        script(End(channel: channel))
        kzw_channel_free(channel)
      }
      close(socket)
    }
    if thread == nil { throw KaizenError("E_SYSTEM", "no thread") }
    let program = Program(ending: ending)
    programs.append(program)
    return program
  }
}

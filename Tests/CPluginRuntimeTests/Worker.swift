import CKaizenPlugin
import CPluginRuntime
import Glibc
import Linux
import TestSupport

/// A real kaizen-worker over a real socket.
final class Worker {
  let channel: Channel
  let process: ChildProcess
  let control: OpaquePointer
  let directory: TemporaryDirectory

  init(idleMilliseconds: Int = 30_000) throws {
    directory = try TemporaryDirectory()
    var error = kzr_error()
    var page: Int32 = -1
    guard let control = kzr_control_create(&page, &error) else { throw Refusal(error) }
    self.control = control
    let shared = FileDescriptor(owning: page)
    let (daemon, worker) = try Channel.sockets()
    channel = try Channel(daemon)
    process = try ChildProcess(
      ChildCommand(
        words: [try BuildProducts.path("kaizen-worker"), "\(idleMilliseconds)"],
        environment: ["SWIFT_BACKTRACE": "enable=no"],
        descriptors: [2: 2, 3: worker.raw, 4: shared.raw]))
  }

  deinit { kzr_control_free(control) }

  /// Sends LOAD for a fixture that is compiled first; the answer is the first event.
  func load(
    _ fixture: String, id: String, kind: Int = KZ_KIND_ANALYZER, config: String = "{}"
  ) throws -> String? {
    try load(path: try Compiler.fixture(fixture, in: directory), id: id, kind: kind, config: config)
  }

  func load(path: String, id: String, kind: Int, config: String) throws -> String? {
    try path.withText { path in
      try id.withText { id in
        try config.withText { config in
          var load = kzw_load(
            path: path, id: id, kind: UInt32(kind), config_json: config, now_ns: 1, seed: 2)
          try channel.send { kzw_send_load($0, &load, $1) }
        }
      }
    }
    while let event = try channel.event() {
      if !event.contains(" log ") { return event }
    }
    return nil
  }

  func analyze(_ call: UInt64, agent: String = "demo", window: Int32 = -1) throws {
    try Sample.withView(agent: agent) { view in
      try channel.send { kzw_send_analyze($0, call, 42, view, window, $1) }
    }
  }

  /// How it ended, within 10 s.
  func end() throws -> ChildExit.Status? { try process.wait(timeout: .seconds(10))?.status }
}

import CKaizenPlugin
import CPluginRuntime
import TestSupport

/// A typed error from the loader.
struct Refusal: Error, CustomStringConvertible {
  let code: Int
  let description: String
  init(_ error: kzr_error) {
    code = Int(error.code)
    description = message(error)
  }
}

/// One component of a fixture, in this process.
final class LoadedComponent {
  let collector = Collector()
  let instance: OpaquePointer
  private let directory: TemporaryDirectory
  private var isDestroyed = false

  /// Compiles, opens, creates; activates unless told otherwise.
  init(
    _ fixture: String, id: String, kind: Int, config: String = "{}", activate: Bool = true
  ) throws {
    directory = try TemporaryDirectory()
    let path = try Compiler.fixture(fixture, in: directory)
    var error = kzr_error()
    guard let library = kzr_open(path, &error) else { throw Refusal(error) }
    let index = id.withText { kzr_find(library, $0, UInt32(kind), &error) }
    if index < 0 { throw Refusal(error) }
    let log = collector.log
    let made = config.withText { kzr_create(library, UInt32(index), $0, 77, 7, log, &error) }
    guard let made else { throw Refusal(error) }
    instance = made
    if activate { try self.activate() }
  }

  deinit {
    if !isDestroyed { kzr_destroy(instance, nil) }
  }

  func activate() throws {
    var error = kzr_error()
    if !kzr_activate(instance, &error) { throw Refusal(error) }
  }

  func deactivate() throws {
    var error = kzr_error()
    if !kzr_deactivate(instance, &error) { throw Refusal(error) }
  }

  func destroy() throws {
    var error = kzr_error()
    if !kzr_destroy(instance, &error) { throw Refusal(error) }
    isDestroyed = true
  }

  func call(
    _ id: UInt64 = 1, control: OpaquePointer? = nil,
    _ body: (OpaquePointer, UnsafePointer<kzr_call>, UnsafeMutablePointer<kzr_error>) -> UInt32
  ) throws {
    var call = kzr_call(
      id: id, now_ns: 1234, seed: 42, control: control, events: collector.events)
    var error = kzr_error()
    if body(instance, &call, &error) != UInt32(KZR_OK) { throw Refusal(error) }
  }

  func analyze(agent: String = "demo", control: OpaquePointer? = nil) throws {
    try Sample.withColumns { columns in
      try Sample.withView(agent: agent, columns: columns) { view in
        try call(control: control) { kzr_analyze($0, view, $1, $2) }
      }
    }
  }
}

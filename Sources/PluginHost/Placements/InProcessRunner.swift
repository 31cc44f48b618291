internal import CPluginRuntime
internal import Linux
import Model
internal import Sandbox
import Synchronization

/// An analyzer of the daemon's own build, called in the daemon itself.
///
/// Its deadline can only ask it to stop: nothing protects the daemon from it, which is why only the
/// root manifest may place components here. Its instance is made at the first probe or call.
/// Unchecked: the instance is used by one call at a time, which the gate of its slot sees to.
final class InProcessRunner: ComponentRunner, @unchecked Sendable {
  private let manifest: ComponentManifest
  private let path: String
  private let watch: DeadlineWatch
  private let control: ControlPage
  private let logs = LogBox()
  private let instance = Mutex<OpaqueBox?>(nil)
  private let callNumber = Atomic<UInt64>(0)
  /// What the host answered while the instance was made.
  private let loaded = HostAnswers.fresh()

  init(
    _ manifest: ComponentManifest, library path: String, watch: DeadlineWatch
  ) throws(KaizenError) {
    self.manifest = manifest
    self.path = path
    self.watch = watch
    control = try ControlPage()
  }

  deinit {
    // It fails only while a call runs, and a call holds on to this object.
    if let instance = instance.withLock({ $0 }) { kzr_destroy(instance.raw, nil) }
  }

  func probe() throws(KaizenError) { _ = try active() }

  func run(
    _ request: CallRequest, _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) {
    guard case .analyze(var input) = request.work else {
      fatalError("only analyzers are placed in process: the manifest's reader refuses others")
    }
    input.files = nil  // it reads columns only
    let instance = try active()
    let number = callNumber.add(1, ordering: .relaxed).newValue
    let box = AnswerBox(manifest.id)
    request.trace.note(loaded: loaded)
    var call = kzr_call()
    call.id = number
    call.now_ns = request.host.nowNanoseconds
    call.seed = request.host.seed
    call.control = control.raw
    call.events = box.events
    let deadline = watch.add(after: manifest.deadline) { [control] in control.cancel(number) }
    request.stop?.onStop { [control] in control.cancel(number) }
    defer { request.stop?.onStop(nil) }
    var error = kzr_error()
    let views = CallViews(input.context, nowNanoseconds: call.now_ns)
    let code = views.analyze(input) { kzr_analyze(instance.raw, $0, &call, &error) }
    let isLate = !watch.remove(deadline)
    for log in logs.take() { try take(log) }
    if Int(code) == Int(KZR_STOPPED), isLate { throw manifest.missedDeadline("when asked") }
    if Int(code) != Int(KZR_OK) { throw KaizenError(error) }
    for answer in try box.answers() { try take(answer) }
  }

  /// The instance, made and checked against the manifest at first.
  private func active() throws(KaizenError) -> OpaqueBox {
    if let instance = instance.withLock({ $0 }) { return instance }
    var error = kzr_error()
    guard let library = kzr_open(path, &error) else { throw KaizenError(error) }
    let arena = CallArena()
    let index = kzr_find(library, arena.text(manifest.id.text), manifest.kind.number, &error)
    if index < 0 { throw KaizenError(error) }
    if let description = kzr_component(library, UInt32(index)) {
      try manifest.check(description.pointee)
    }
    guard
      let raw = kzr_create(
        library, UInt32(index), arena.text(manifest.config.text()), loaded.nowNanoseconds,
        loaded.seed, logs.log, &error)
    else { throw KaizenError(error) }
    if !kzr_activate(raw, &error) {
      kzr_destroy(raw, nil)  // nothing runs on it yet
      throw KaizenError(error)
    }
    let made = OpaqueBox(raw: raw)
    instance.withLock { $0 = made }
    return made
  }
}

/// A pointer of C's.
///
/// Unchecked: what is behind it says itself which threads may use it.
private struct OpaqueBox: @unchecked Sendable {
  let raw: OpaquePointer
}

/// The page that asks calls to stop.
///
/// It outlives its runner where a cancellation is under way. Unchecked: plugin_control.h allows
/// every thread.
private final class ControlPage: @unchecked Sendable {
  let raw: OpaquePointer

  init() throws(KaizenError) {
    var error = kzr_error()
    guard let raw = kzr_control_create(nil, &error) else { throw KaizenError(error) }
    self.raw = raw
  }

  deinit { kzr_control_free(raw) }

  func cancel(_ call: UInt64) { kzr_control_cancel(raw, call) }
}

extension ComponentManifest {
  /// The error of a call past its deadline, and how it ended.
  func missedDeadline(_ how: String) -> KaizenError {
    KaizenError(
      "E_PLUGIN_DEADLINE",
      "component \"\(id)\" did not finish within its \(deadline.nanoseconds / 1_000_000) ms "
        + "and ended \(how)", hint: "raise \"deadline_ms\" in its manifest, or make it faster")
  }
}

internal import CPluginRuntime
internal import Glibc
internal import Linux
import Model

/// The daemon's end of the socket to one worker, and the page that asks it to stop.
///
/// Unchecked: one thread at a time, which the gate of the component's slot sees to.
final class WorkerChannel: @unchecked Sendable {
  /// What came from the worker, or did not.
  enum Received {
    case event(kzw_event)
    case end
    case timeout
  }

  /// Calls of a function that travel together.
  static let batchCountMax = 1024

  private let component: ComponentID
  private let socket: FileDescriptor
  private let channel: OpaquePointer
  private let control: OpaquePointer
  private let arena = CallArena()
  private let who: kz_text
  private var hasEnded = false

  /// The worker's ends, to hand over; the daemon's copies close with them.
  struct WorkerEnds: ~Copyable {
    let socket: FileDescriptor
    let control: FileDescriptor
  }

  private init(
    _ component: ComponentID, socket: consuming FileDescriptor, channel: OpaquePointer,
    control: OpaquePointer
  ) {
    self.component = component
    self.socket = socket
    self.channel = channel
    self.control = control
    who = arena.text(component.text)
  }

  deinit {
    kzw_channel_free(channel)
    kzr_control_free(control)
  }

  /// Makes both ends and gives the worker's to `start`, which hands them to a new process.
  static func open<R>(
    _ component: ComponentID,
    _ start: (borrowing WorkerEnds) throws(KaizenError) -> R
  ) throws(KaizenError) -> (channel: WorkerChannel, started: R) {
    var error = kzr_error()
    var sockets: (Int32, Int32) = (-1, -1)
    let isOpen = withUnsafeMutableBytes(of: &sockets) {
      kzw_socketpair($0.bindMemory(to: Int32.self).baseAddress, &error)
    }
    if !isOpen { throw KaizenError(error) }
    let ours = FileDescriptor(owning: sockets.0)
    let theirs = FileDescriptor(owning: sockets.1)
    var page: Int32 = -1
    guard let control = kzr_control_create(&page, &error) else { throw KaizenError(error) }
    let ends = WorkerEnds(socket: theirs, control: FileDescriptor(owning: page))
    guard let channel = kzw_channel_new(ours.raw, false) else {
      kzr_control_free(control)
      throw KaizenError("E_MEMORY", "no memory for the channel of component \"\(component)\"")
    }
    let made = WorkerChannel(component, socket: ours, channel: channel, control: control)
    return (made, try start(ends))
  }

  /// Tells the worker what to load.
  func load(
    _ manifest: ComponentManifest, library path: String, _ host: HostAnswers
  ) throws(KaizenError) {
    let arena = CallArena()
    if let function = manifest.function {
      var wanted = kzw_function()
      wanted.library = arena.text(path)
      wanted.symbol = arena.text(function.symbol)
      wanted.signature = arena.text(function.signature)
      return try send { kzw_send_function(channel, &wanted, &$0) }
    }
    var load = kzw_load()
    load.path = arena.text(path)
    load.id = arena.text(manifest.id.text)
    load.kind = manifest.kind.number
    load.config_json = arena.text(manifest.config.text())
    load.now_ns = host.nowNanoseconds
    load.seed = host.seed
    try send { kzw_send_load(channel, &load, &$0) }
  }

  /// Sends one call.
  func send(_ request: CallRequest, number: UInt64) throws(KaizenError) {
    let seed = request.host.seed
    let views = CallViews(request.context, nowNanoseconds: request.host.nowNanoseconds)
    try send { error in
      switch request.work {
      case .analyze(let input):
        views.analyze(input) { view in
          kzw_send_analyze(channel, number, seed, view, input.window?.file.raw ?? -1, &error)
        }
      case .apply(let input):
        views.apply(input) { kzw_send_apply(channel, number, seed, $0, &error) }
      case .score(let input):
        views.score(input) { kzw_send_score(channel, number, seed, $0, &error) }
      }
    }
  }

  /// Sends as many of `inputs` as one packet holds, numbered from `number` on.
  ///
  /// One packet only: with an empty socket before it, nobody waits for the other to read.
  /// - Returns: how many.
  func send(_ inputs: ArraySlice<FunctionInput>, from number: UInt64) throws(KaizenError) -> Int {
    var count = 0
    kzw_hold(channel)
    do throws(KaizenError) {
      for input in inputs {
        if count == Self.batchCountMax { break }
        if count > 0, !kzw_has_room(channel, input.byteCount) { break }
        try send { error in
          input.lend { kzw_send_invoke(channel, number + UInt64(count), $0, &error) }
        }
        count += 1
      }
    } catch {
      _ = kzw_flush(channel, nil)
      throw error
    }
    try send { kzw_flush(channel, &$0) }
    return count
  }

  private func send(_ body: (inout kzr_error) -> Bool) throws(KaizenError) {
    var error = kzr_error()
    if body(&error) { return }
    // A worker that has gone says more by how it ended: the next receive finds the end.
    if Int(error.code) != Int(KZR_SYSTEM) { throw KaizenError(error) }
  }

  /// Asks the call to stop.
  func cancel(_ number: UInt64) { kzr_control_cancel(control, number) }

  /// Sends nothing more: a worker in a call then says on its standard error where that is.
  func endSending() { shutdown(socket.raw, Int32(SHUT_WR)) }

  /// Asks the worker to leave; it may have left.
  func quit() { _ = kzw_send_quit(channel, nil) }

  /// Waits for the next event, at most until `deadline` on the monotonic clock.
  ///
  /// What the event points to is lent until the next call of this.
  func receive(until deadline: Duration) throws(KaizenError) -> Received {
    var error = kzr_error()
    var message = kzw_message()
    let left = max(.zero, deadline - Clock.monotonic())
    // Rounded up: a wait of less than a millisecond must not spin.
    let milliseconds = Int32(clamping: (left.nanoseconds + 999_999) / 1_000_000)
    switch Int(kzw_receive(channel, milliseconds, &message, &error)) {
    case Int(KZW_GOT_TIMEOUT): return .timeout
    case Int(KZW_GOT_END):
      // A worker that left with messages of ours unread looks like this once (ECONNRESET); what
      // it had said before that comes after it.
      if hasEnded { return .end }
      hasEnded = true
      return try receive(until: deadline)
    case Int(KZW_GOT_MESSAGE):
      var event = kzw_event()
      if kzw_read_event(channel, &message, who, &event, &error) { return .event(event) }
      throw Self.failure(component, error)
    default:
      if Int(error.code) == Int(KZR_SYSTEM) { return .end }
      throw Self.failure(component, error)
    }
  }

  /// What a worker says that no worker of ours would say comes from the plugin in it.
  static func failure(_ component: ComponentID, _ error: kzr_error) -> KaizenError {
    if Int(error.code) != Int(KZR_PROTOCOL) { return KaizenError(error) }
    return KaizenError(
      "E_PLUGIN_PROTOCOL",
      "the worker of component \"\(component)\" spoke garbage: \(KaizenError(error).message)",
      hint: "the library writes to descriptors or memory that are not its own; correct it")
  }
}

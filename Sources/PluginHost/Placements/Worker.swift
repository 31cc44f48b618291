internal import CPluginRuntime
internal import Linux
import Model
internal import Sandbox

/// One `kaizen-worker` with one component in it, from its start to its end.
///
/// Unchecked: one thread at a time, which the gate of the component's slot sees to.
final class Worker: @unchecked Sendable {
  /// How long a worker may take to load its library.
  static let startMax: Duration = .seconds(10)
  /// How long the host waits to learn how a worker ended that has closed its channel.
  static let endMax: Duration = .seconds(1)
  /// How long the kill of a call is put off to learn where it is.
  static let stackMax: Duration = .milliseconds(20)

  /// A worker that left, idle, before it began the call: another one can take it.
  struct Left: Error {}

  let manifest: ComponentManifest
  let channel: WorkerChannel
  private let errors: WorkerErrors
  private let program: any RunningProgram
  private let grace: Duration
  /// What the host answered while the component was loaded.
  let loaded: HostAnswers
  /// The processor time it had used when its last call ended.
  private var processorTime: Duration = .zero
  /// The number of the last call sent.
  var lastCall: UInt64 = 0

  /// Starts a worker and waits until it has loaded the component.
  init(
    _ manifest: ComponentManifest, library: String, grace: Duration, plan: ProgramPlan,
    loading: HostAnswers, starter: any ProgramStarter, stop: StopToken? = nil
  ) throws(KaizenError) {
    let errors = try WorkerErrors()
    var plan = plan
    (channel, program) = try WorkerChannel.open(manifest.id) { (ends) throws(KaizenError) in
      // kaizen-worker expects its socket at 3 and its control page at 4.
      plan.descriptors = [2: errors.writing.raw, 3: ends.socket.raw, 4: ends.control.raw]
      return try starter.start(plan)
    }
    self.manifest = manifest
    loaded = loading
    self.errors = errors
    self.grace = grace
    try channel.load(manifest, library: library, loading)  // a failure from here on ends it: deinit
    try waitUntilReady(stop)
  }

  deinit { retire() }

  /// Lets the component deactivate and destroy itself, and ends what is left after that.
  ///
  /// Nobody waits for it. The channel stays open that long: a worker leaves at once, without
  /// destroying anything, when it closes.
  private func retire() {
    let (channel, program, grace) = (channel, program, grace)
    let body: @Sendable () -> Void = {
      channel.quit()
      if program.end(within: grace) == nil { program.kill() }
    }
    // Without a thread there is no time for courtesies.
    if (try? BlockingThread(name: "kz-retire", body)) == nil { program.kill() }
  }

  private func waitUntilReady(_ stop: StopToken?) throws(KaizenError) {
    let limit = Clock.monotonic() + Self.startMax
    while Clock.monotonic() < limit {
      try stop?.check()
      let turn = stop == nil ? limit : min(limit, Clock.monotonic() + CallRequest.stopPollMax)
      switch try channel.receive(until: turn) {
      case .timeout: continue
      case .end: throw ended("while it was loaded")
      case .event(let event):
        switch Int(event.kind) {
        case Int(KZW_READY): return try manifest.check(event.ready)
        case Int(KZW_LOG): continue
        case Int(KZW_DONE):
          // A function says nothing of itself: that it was found is all there is to say.
          if manifest.function != nil, Int(event.code) == Int(KZR_OK) { return }
          throw Self.failure(event)
        default: throw unexpected(event)
        }
      }
    }
    throw KaizenError(
      "E_PLUGIN_DEADLINE", "component \"\(manifest.id)\" did not load within \(Self.startMax)",
      hint: "its create or activate, or a constructor of its library, takes too long")
  }

  /// Runs one call and gives each answer to `take`.
  /// - Throws: `KaizenError`, after which the worker is of no use, or `Left`.
  func run(
    _ request: CallRequest, _ take: (Answer) throws(KaizenError) -> Void
  ) throws {
    if let function = manifest.function { return try run(function, request, take) }
    lastCall += 1
    try channel.send(request, number: lastCall)
    var time = CallTime(deadline: Clock.monotonic() + manifest.deadline)
    var hasAnswered = false
    while true {
      let event = try next(&time, request)
      if !hasAnswered, Int(event.kind) == Int(KZW_QUIT) { throw Left() }
      hasAnswered = true
      if Int(event.kind) == Int(KZW_DONE) { note(ProgramUsage(event.usage), request.trace) }
      if try handle(event, isLate: time.isOver, take) { return }
    }
  }

  /// Notes what the worker has used: by its own word, which its plugin could make a lie, or at its
  /// end by the kernel's.
  private func note(_ usage: ProgramUsage, _ trace: CallTrace) {
    if usage.peakMemoryBytes == 0 { return }
    let spent = usage.processorTime - processorTime
    processorTime = usage.processorTime
    trace.note(
      ProgramUsage(
        processorTime: max(.zero, spent), peakMemoryBytes: usage.peakMemoryBytes))
  }

  /// The time of one call: until its deadline, and from then on until the end of the grace.
  struct CallTime {
    var limit: Duration
    /// Whether it was asked to stop.
    var isOver = false

    init(deadline: Duration) {
      limit = deadline
    }
  }

  /// Waits for the next event of the call, which is asked to stop at its deadline, or before where
  /// whoever called wants it no more.
  func next(_ time: inout CallTime, _ request: CallRequest) throws(KaizenError) -> kzw_event {
    while true {
      // A flood of messages must not hide that the time is up, so the clock is asked each turn.
      let now = Clock.monotonic()
      if now >= time.limit, time.isOver { throw killed(request) }
      if !time.isOver, now >= time.limit || request.stop?.reason != nil {
        channel.cancel(lastCall)
        time.isOver = true
        time.limit = now + grace
      }
      let turn = request.stop == nil ? time.limit : min(time.limit, now + CallRequest.stopPollMax)
      switch try channel.receive(until: turn) {
      case .timeout: continue
      case .end:
        let error = ended("during a call")
        if let usage = program.usage { note(usage, request.trace) }
        throw error
      case .event(let event): return event
      }
    }
  }

  /// Takes one event of the current call; true at its end.
  private func handle(
    _ event: kzw_event, isLate: Bool, _ take: (Answer) throws(KaizenError) -> Void
  ) throws(KaizenError) -> Bool {
    if event.call != lastCall, Int(event.kind) != Int(KZW_LOG) { throw unexpected(event) }
    switch Int(event.kind) {
    case Int(KZW_OPPORTUNITY): try take(Answer(event.opportunity, of: manifest.id))
    case Int(KZW_SCORED): try take(.score(dimension: event.dimension.string, value: event.value))
    case Int(KZW_FINDING): try take(Answer(event.finding))
    case Int(KZW_NOTE): try take(.note(event.text.string))
    case Int(KZW_PROGRESS): try take(.progress(event.value))
    case Int(KZW_LOG): try take(Answer(level: event.level, message: event.text))
    case Int(KZW_DONE):
      if Int(event.code) == Int(KZR_OK) { return true }
      if Int(event.code) == Int(KZR_STOPPED), isLate { throw manifest.missedDeadline("when asked") }
      throw Self.failure(event)
    default: throw unexpected(event)
    }
    return false
  }

  /// Ends the worker after a good call; where that could write, waits until nothing is left.
  func finish(_ request: CallRequest) throws(KaizenError) {
    if request.kind != .applier { return }  // `deinit` does it
    channel.quit()
    if program.end(within: grace) == nil { try kill(request) }
  }

  /// Ends the worker after a failed call.
  func kill(_ request: CallRequest) throws(KaizenError) {
    program.kill()
    try request.requireGone(program, manifest.id)
  }

  /// The error of a call that is about to be killed, with where it is, if the worker can tell.
  private func killed(_ request: CallRequest) -> KaizenError {
    let milliseconds = grace.nanoseconds / 1_000_000
    channel.endSending()
    let place = errors.stack(within: Self.stackMax).map { ", \($0)" } ?? ""
    return manifest.missedDeadline(
      "by SIGKILL, \(milliseconds) ms after it was asked to stop\(place)")
  }

  static func failure(_ event: kzw_event) -> KaizenError {
    KaizenError(
      KaizenError.Code(rawValue: String(cString: kzr_code_name(event.code))), event.text.string,
      hint: kzr_code_hint(event.code).map { String(cString: $0) })
  }

  func unexpected(_ event: kzw_event) -> KaizenError {
    KaizenError(
      "E_PLUGIN_PROTOCOL",
      "the worker of component \"\(manifest.id)\" sent a message of kind \(event.kind) for call "
        + "\(event.call), where none was expected",
      hint: "the library writes to descriptors or memory that are not its own; correct it")
  }

  /// The error of a worker that closed its channel, by how its process ended.
  private func ended(_ when: String) -> KaizenError {
    if let end = program.end(within: Self.endMax) {
      return end.error(
        component: manifest.id, when: when, needs: manifest.needs, lastWords: errors.lastWords())
    }
    return KaizenError(
      "E_PLUGIN_CLOSED",
      "component \"\(manifest.id)\" closed the worker's channel \(when) and went on running",
      hint: "the library closes descriptors that are not its own; correct it")
  }
}

extension ProgramUsage {
  fileprivate init(_ usage: kzw_usage) {
    self.init(
      processorTime: .nanoseconds(Int64(clamping: usage.cpu_ns)),
      peakMemoryBytes: Int(clamping: usage.peak_bytes))
  }
}

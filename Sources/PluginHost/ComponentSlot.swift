internal import Linux
import Model
internal import Sandbox
import Synchronization

/// One registered component in the daemon: what it is, how it runs, and what its calls came to.
final class ComponentSlot: Sendable {
  let registration: Registration
  /// The copy that runs.
  let bundle: BundleStore.Bundle?
  /// The version that is registered; nil where it is disabled.
  let own: ComponentVersion?
  /// Why it is disabled or unavailable.
  let problem: String?
  /// Whether all it lacks is a program of the system's.
  let isUnavailable: Bool
  private let gate = CallGate()
  private let statistics: Mutex<CallStatistics>
  private let clock: BreakerClock
  let inquests: Inquests?
  /// Earlier versions that are called instead, by digest.
  let earlier = Mutex<[String: ComponentVersion]>([:])
  let lastGoodCall: Mutex<Inquests.Kept?>
  /// How the own version died when it was loaded, where an earlier one can stand in for it.
  let loadFailure: KaizenError?
  /// Whether it is being found out who is guilty.
  let isExamined = Mutex(false)

  init(
    _ registration: Registration, bundle: BundleStore.Bundle?, own: ComponentVersion?,
    problem: String?, isUnavailable: Bool = false, statistics: CallStatistics,
    clock: BreakerClock, inquests: Inquests?, lastGood: Inquests.Kept?, loadFailure: KaizenError?
  ) {
    self.registration = registration
    self.bundle = bundle
    self.own = own
    self.problem = problem
    self.isUnavailable = isUnavailable
    self.statistics = Mutex(statistics)
    self.clock = clock
    self.inquests = inquests
    lastGoodCall = Mutex(lastGood)
    self.loadFailure = loadFailure
  }

  /// How it runs; nil where it is disabled.
  var runner: (any ComponentRunner)? { own?.runner }

  /// Whether this is what `registration` and `bundle` ask for, running.
  func isSame(as registration: Registration, _ bundle: BundleStore.Bundle?) -> Bool {
    runner != nil && self.registration == registration && self.bundle == bundle
  }

  /// Whether people would call it another version than `other`, or in another state.
  func differs(from other: ComponentSlot) -> Bool {
    self !== other
      && (registration != other.registration || bundle != other.bundle || problem != other.problem)
  }

  /// As people see it.
  var status: ComponentStatus {
    let current = current
    return ComponentStatus(
      name: registration.name, manifest: current?.manifest ?? registration.manifest,
      origin: registration.origin.file,
      state: problem.map { isUnavailable ? .unavailable($0) : .disabled($0) } ?? soundness(current),
      note: registration.note,
      bundle: current?.bundle?.digest ?? bundle?.digest, guilt: guilt,
      statistics: statistics.withLock { $0 })
  }

  /// Ready, or broken.
  private func soundness(_ version: ComponentVersion?) -> ComponentStatus.State {
    guard let version, let opening = version.opening else { return .ready }
    return .broken(opening.text(version.manifest.id, now: clock.now()))
  }

  /// Whether it is left alone now.
  var isBroken: Bool { current?.opening != nil }

  /// Lets the component be called again at once, as if it had never failed.
  func closeBreaker() {
    own?.closeBreaker()
    for version in earlier.withLock({ Array($0.values) }) { version.closeBreaker() }
  }

  /// Runs one call alone, checks its answers and counts it.
  func call(
    _ request: CallRequest, _ configuration: ComponentHostConfiguration
  ) throws(KaizenError) -> AnswerCollector {
    guard let own else {
      throw KaizenError(
        "E_PLUGIN_DISABLED",
        "component \"\(registration.name)\" is disabled: \(problem ?? "no reason known")",
        hint: "mend it, then run `kaizen plugins reload`")
    }
    if own.manifest.kind != request.kind {
      throw KaizenError(
        "E_PLUGIN_KIND",
        "component \"\(own.manifest.id)\": expected an \(request.kind.rawValue), "
          + "found a \(own.manifest.kind.rawValue)", hint: "name another component")
    }
    // Before the call, which may change the files that are its input.
    let fingerprint = inquests == nil ? "" : request.fingerprint
    let (version, guilt) = try version(for: fingerprint, own)
    let manifest = version.manifest
    // Before the queue too: nobody waits in vain.
    try requireSound(version)
    return try gate.alone(manifest.id, stop: request.stop) { () throws(KaizenError) in
      try admit(version, request.stop)
      var request = request
      request.host = .fresh()  // it may have waited for its turn
      let flight = configuration.recorder?.begin(
        request, manifest, version.bundle?.digest, fingerprint: fingerprint)
      let start = Clock.monotonic()
      var collector = AnswerCollector(
        manifest, agent: request.context.agent, pathInside: request.files?.pathInside)
      var failure: KaizenError?
      do throws(KaizenError) {
        if let guilt { try collector.take(.note(guilt.text(manifest.id.text))) }
        try version.runner.run(request) { (answer) throws(KaizenError) in try collector.take(answer)
        }
      } catch {
        failure = error
      }
      let duration = Clock.monotonic() - start
      if let flight {
        configuration.recorder?.end(
          flight, request, manifest, collector, failure, duration,
          hostNoteCount: guilt == nil ? 0 : 1)
      }
      if failure != nil, let reason = request.stop?.reason {
        // What was cut short says nothing of the component.
        noteEnd(version, request, fingerprint, reason, configuration)
        throw reason
      }
      statistics.withLock { $0.add(duration, failure) }
      noteEnd(version, request, fingerprint, failure, configuration)
      configuration.observer(
        ComponentCall(
          component: manifest.id, kind: manifest.kind, placement: manifest.placement,
          failure: failure?.code, duration: duration))
      if let failure { throw failure }
      return collector
    }
  }

  private func requireSound(_ version: ComponentVersion) throws(KaizenError) {
    let now = clock.now()
    if let opening = version.breaker.withLock({ $0.refuses(at: now) ? $0.opening : nil }) {
      throw opening.error(version.manifest.id, now: now)
    }
  }

  /// Waits until the component may be started again, or refuses the call.
  private func admit(_ version: ComponentVersion, _ stop: StopToken?) throws(KaizenError) {
    let now = clock.now()
    let (admission, opening) = version.breaker.withLock { ($0.admit(at: now), $0.opening) }
    if case .run(let delay) = admission {
      if delay > .zero { pause(delay, stop) }
    } else if let opening {
      throw opening.error(version.manifest.id, now: now)
    }
  }

  private func pause(_ delay: Duration, _ stop: StopToken?) {
    guard let stop else { return clock.pause(delay) }
    var left = delay
    while left > .zero, stop.reason == nil {
      let turn = min(left, CallRequest.stopPollMax)
      clock.pause(turn)
      left -= turn
    }
  }

  private func noteEnd(
    _ version: ComponentVersion, _ request: CallRequest, _ fingerprint: String,
    _ failure: KaizenError?, _ configuration: ComponentHostConfiguration
  ) {
    let now = clock.now()
    let (isChange, opening) = version.breaker.withLock {
      ($0.ended(failure, at: now), $0.opening)
    }
    let isSettled = remember(
      version, request, fingerprint, failure, hasOpened: isChange && opening != nil, configuration)
    if !isChange || isSettled { return }
    configuration.onBreaker(
      BreakerChange(
        component: version.manifest.id,
        reason: opening.map { $0.text(version.manifest.id, now: now) }))
  }
}

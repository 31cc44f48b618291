internal import Linux
import Model
internal import Sandbox
import Synchronization

/// One registered component in the daemon: what it is, how it runs, and what its calls came to.
final class ComponentSlot: Sendable {
  let registration: Registration
  /// The copy that runs.
  let bundle: BundleStore.Bundle?
  /// How it runs; nil where it is disabled.
  let runner: (any ComponentRunner)?
  /// Why it is disabled or unavailable.
  let problem: String?
  /// Whether all it lacks is a program of the system's.
  let isUnavailable: Bool
  private let gate = CallGate()
  private let statistics: Mutex<CallStatistics>
  private let breaker: Mutex<Breaker>
  private let clock: BreakerClock

  init(
    _ registration: Registration, bundle: BundleStore.Bundle?,
    runner: (any ComponentRunner)?, problem: String?, isUnavailable: Bool = false,
    statistics: CallStatistics, breaker: Breaker.Rules, clock: BreakerClock
  ) {
    self.registration = registration
    self.bundle = bundle
    self.runner = runner
    self.problem = problem
    self.isUnavailable = isUnavailable
    self.statistics = Mutex(statistics)
    self.breaker = Mutex(Breaker(breaker))
    self.clock = clock
  }

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
    ComponentStatus(
      name: registration.name, manifest: registration.manifest, origin: registration.origin.file,
      state: problem.map { isUnavailable ? .unavailable($0) : .disabled($0) } ?? soundness,
      note: registration.note,
      bundle: bundle?.digest, statistics: statistics.withLock { $0 })
  }

  /// Ready, or broken.
  private var soundness: ComponentStatus.State {
    guard let opening, let id = registration.manifest?.id else { return .ready }
    return .broken(opening.text(id, now: clock.now()))
  }

  /// Set while the component is left alone.
  private var opening: Breaker.Opening? { breaker.withLock { $0.opening } }

  /// Whether it is left alone now.
  var isBroken: Bool { opening != nil }

  /// Lets the component be called again at once, as if it had never failed.
  func closeBreaker() { breaker.withLock { $0 = Breaker($0.rules) } }

  /// Runs one call alone, checks its answers and counts it.
  func call(
    _ request: CallRequest, _ configuration: ComponentHostConfiguration
  ) throws(KaizenError) -> AnswerCollector {
    guard let manifest = registration.manifest, let runner else {
      throw KaizenError(
        "E_PLUGIN_DISABLED",
        "component \"\(registration.name)\" is disabled: \(problem ?? "no reason known")",
        hint: "mend it, then run `kaizen plugins reload`")
    }
    if manifest.kind != request.kind {
      throw KaizenError(
        "E_PLUGIN_KIND",
        "component \"\(manifest.id)\": expected an \(request.kind.rawValue), "
          + "found a \(manifest.kind.rawValue)", hint: "name another component")
    }
    // Before the queue too: nobody waits in vain.
    try requireSound(manifest.id)
    return try gate.alone(manifest.id, stop: request.stop) { () throws(KaizenError) in
      try admit(manifest.id, request.stop)
      let start = Clock.monotonic()
      var collector = AnswerCollector(
        manifest, agent: request.context.agent, pathInside: request.files?.pathInside)
      var failure: KaizenError?
      do throws(KaizenError) {
        try runner.run(request) { (answer) throws(KaizenError) in try collector.take(answer) }
      } catch {
        failure = error
      }
      if failure != nil, let reason = request.stop?.reason {
        // What was cut short says nothing of the component.
        noteEnd(manifest.id, reason, configuration)
        throw reason
      }
      let duration = Clock.monotonic() - start
      statistics.withLock { $0.add(duration, failure) }
      noteEnd(manifest.id, failure, configuration)
      configuration.observer(
        ComponentCall(
          component: manifest.id, kind: manifest.kind, placement: manifest.placement,
          failure: failure?.code, duration: duration))
      if let failure { throw failure }
      return collector
    }
  }

  private func requireSound(_ id: ComponentID) throws(KaizenError) {
    let now = clock.now()
    if let opening = breaker.withLock({ $0.refuses(at: now) ? $0.opening : nil }) {
      throw opening.error(id, now: now)
    }
  }

  /// Waits until the component may be started again, or refuses the call.
  private func admit(_ id: ComponentID, _ stop: StopToken?) throws(KaizenError) {
    let now = clock.now()
    let (admission, opening) = breaker.withLock { ($0.admit(at: now), $0.opening) }
    if case .run(let delay) = admission {
      if delay > .zero { pause(delay, stop) }
    } else if let opening {
      throw opening.error(id, now: now)
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
    _ id: ComponentID, _ failure: KaizenError?, _ configuration: ComponentHostConfiguration
  ) {
    let now = clock.now()
    let (isChange, opening) = breaker.withLock { ($0.ended(failure, at: now), $0.opening) }
    if !isChange { return }
    configuration.onBreaker(
      BreakerChange(component: id, reason: opening.map { $0.text(id, now: now) }))
  }
}

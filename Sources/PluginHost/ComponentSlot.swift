internal import Linux
import Model
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

  init(
    _ registration: Registration, bundle: BundleStore.Bundle?,
    runner: (any ComponentRunner)?, problem: String?, isUnavailable: Bool = false,
    statistics: CallStatistics
  ) {
    self.registration = registration
    self.bundle = bundle
    self.runner = runner
    self.problem = problem
    self.isUnavailable = isUnavailable
    self.statistics = Mutex(statistics)
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
      state: problem.map { isUnavailable ? .unavailable($0) : .disabled($0) } ?? .ready,
      note: registration.note,
      bundle: bundle?.digest, statistics: statistics.withLock { $0 })
  }

  /// Runs one call alone, checks its answers and counts it.
  func call(
    _ request: CallRequest, _ observe: (ComponentCall) -> Void
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
    return try gate.alone(manifest.id) { () throws(KaizenError) in
      let start = Clock.monotonic()
      var collector = AnswerCollector(
        manifest, agent: request.context.agent, pathInside: request.files?.pathInside)
      var failure: KaizenError?
      do throws(KaizenError) {
        try runner.run(request) { (answer) throws(KaizenError) in try collector.take(answer) }
      } catch {
        failure = error
      }
      let duration = Clock.monotonic() - start
      statistics.withLock { $0.add(duration, failure) }
      observe(
        ComponentCall(
          component: manifest.id, kind: manifest.kind, placement: manifest.placement,
          failure: failure?.code, duration: duration))
      if let failure { throw failure }
      return collector
    }
  }
}

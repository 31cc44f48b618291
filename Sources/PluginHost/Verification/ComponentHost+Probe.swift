internal import Linux
public import Model
internal import Synchronization

extension ComponentHost {
  /// Has a component of a library go through `scenario` in a confined process of its own.
  ///
  /// - Parameters:
  ///   - count: the calls of `repeat`.
  ///   - limit: how long those may take; fewer are made where they would take longer.
  ///   - onStep: is told what comes next, on the caller's thread.
  public func probe(
    _ component: ComponentID, _ scenario: ProbeScenario, _ call: ProbeCall, count: Int,
    within limit: Duration, onStep: (String) -> Void
  ) throws(KaizenError) -> ProbeReport {
    let slot = slots.withLock { $0[component.text] }
    guard let slot, let manifest = slot.registration.manifest, let bundle = slot.bundle,
      case .library(let library) = manifest.entry
    else {
      throw KaizenError(
        "E_PLUGIN_UNKNOWN", "no library component \"\(component)\" is registered",
        hint: "only the code of libraries can be probed")
    }
    let request = call.request
    let words = [
      configuration.workerProgram, "probe", scenario.rawValue, "\(count)",
      "\(limit.nanoseconds / 1_000_000)",
    ]
    let plan = ProgramPlan(
      words: words, directory: "/tmp", places: request.places,
      readable: [bundle.path] + words.prefix(1), environment: [:], needs: manifest.needs,
      descriptors: [:])
    let probe = try WorkerProbe(
      manifest, library: "\(bundle.path)/\(library)", scenario, request, plan: plan,
      starter: configuration.starter)
    return probe.run(onStep: onStep)
  }
}

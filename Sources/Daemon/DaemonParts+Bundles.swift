import Linux
import Model
import PluginHost
import Telemetry

// What is dropped into the home while the daemon runs.

extension DaemonParts {
  /// Takes up bundles as they come, change and go, from now on.
  func watchBundles() throws(KaizenError) -> BundleWatch {
    do {
      return try BundleWatch(components) { event in
        switch event {
        case .changed(let changes): announce(changes)
        case .waits(let reason):
          events.publish("plugin.waiting", "waiting for the rest of a copy: \(reason)")
          log.info("plugin.waiting", ["reason": .string(reason)])
        case .gaveUp(let reason):
          log.warning("something dropped in stays unfinished", ["reason": .string(reason)])
        }
      }
    } catch {
      throw KaizenError(
        "E_INTERNAL", "no thread to watch for bundles: \(error)",
        hint: "raise the limit of processes (ulimit -u)")
    }
  }

  /// Tells everybody who listens what changed among the components.
  func announce(_ changes: ComponentChanges) {
    if changes.isEmpty { return }
    let components = Dictionary(
      components.components().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (kind, names) in [("plugin.added", changes.added), ("plugin.changed", changes.changed)] {
      for name in names {
        guard let status = components[name] else { continue }  // gone again since
        let version = status.manifest?.version ?? "of no known version"
        let problem = status.fault ?? status.lack
        events.publish(
          kind, "\(name) \(version), \(status.stateWord)" + (problem.map { ": \($0)" } ?? ""),
          fields: [
            "component": .string(name), "version": .string(version),
            "state": .string(status.stateWord), "manifest": .string(status.origin),
          ])
        log.info(kind, ["component": .string(name), "state": .string(status.stateWord)])
        if let problem {
          log.warning("a component is disabled", ["reason": .string(problem)])
        }
      }
    }
    for name in changes.removed {
      events.publish("plugin.removed", name, fields: ["component": .string(name)])
      log.info("plugin.removed", ["component": .string(name)])
    }
  }
}

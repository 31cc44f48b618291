import Control
import Model
import PluginHost
import Telemetry

// Components.

extension RequestHandler {
  func listPlugins(_ call: Call) -> ListAnswer<ComponentInfo> {
    ListAnswer(parts.components.components().map(ComponentInfo.init), limit: call.query.limit)
  }

  func showPlugin(_ call: Call) throws(KaizenError) -> ComponentInfo {
    let id = call.matched.id
    guard let found = parts.components.components().first(where: { $0.name == id }) else {
      throw KaizenError(
        "E_UNKNOWN_COMPONENT", "there is no component \"\(id.prefix(140))\"",
        hint: "`kaizen plugins list` shows them")
    }
    return ComponentInfo(found)
  }

  func reloadPlugins(_ call: Call) -> ReloadAnswer {
    let changes = parts.components.reload()
    parts.announce(changes)
    parts.events.publish("plugins.reloaded", "user \(call.user) had the manifests read again")
    return answer(changes, parts.components.components().compactMap(\.fault) + manifestWarnings)
  }

  /// Answers with what changed about one component, and what is wrong with it.
  func reloadPlugin(_ call: Call) throws(KaizenError) -> ReloadAnswer {
    let id = call.matched.id
    let changes = try parts.components.reload(id)
    parts.announce(changes)
    parts.events.publish(
      "plugins.reloaded", "user \(call.user) had \(id) read again",
      fields: ["component": .string(id)])
    return answer(
      changes, parts.components.components().filter { $0.name == id }.compactMap(\.fault))
  }

  private func answer(_ changes: ComponentChanges, _ problems: [String]) -> ReloadAnswer {
    ReloadAnswer(
      added: changes.added, changed: changes.changed, removed: changes.removed,
      problems: problems)
  }

  /// What is wrong with components, what of them is skipped, and what is wrong with what is
  /// remembered of them.
  func problems(of components: [ComponentStatus]) -> [String] {
    var problems = components.compactMap(\.fault) + components.flatMap(\.skipped)
    if let note = parts.components.memoryNote { problems.append(note) }
    return problems
  }

  /// What is odd about manifests, but disables nothing: keys that nobody knows, and copies that are
  /// not whole yet.
  var manifestWarnings: [String] {
    parts.components.manifestProblems().filter(\.isWarning).map(\.description)
      + parts.components.waitingReasons()
  }
}

extension ComponentStatus {
  /// Why the component is not ready.
  var problem: String? {
    switch state {
    case .disabled(let reason), .broken(let reason): "\(name): \(reason)"
    case .ready, .unavailable: nil
    }
  }

  /// The problem, unless a person wanted it so.
  var fault: String? { disabledBy == nil ? problem : nil }

  /// What of it is skipped, unless a person wants nothing of it called.
  var skipped: [String] {
    disabledBy == nil ? guilt.map { "\(name): \($0.text(name))" } : []
  }

  /// What keeps the component from being used without being anybody's fault.
  var lack: String? {
    if case .unavailable(let reason) = state { reason } else { nil }
  }

  /// The state in a word.
  var stateWord: String {
    switch state {
    case .ready: "ready"
    case .disabled: "disabled"
    case .broken: "broken"
    case .unavailable: "unavailable"
    }
  }
}

extension GuiltInfo {
  init(_ guilt: ComponentGuilt, of component: String) {
    self.init(
      culprit: guilt.culprit.rawValue, versions: guilt.versions.map(\.name), input: guilt.input,
      agent: guilt.agent, instead: guilt.instead?.name, since: guilt.since,
      finding: guilt.finding, liftedBy: ComponentGuilt.liftingCommand(component))
  }
}

extension ComponentInfo {
  init(_ status: ComponentStatus) {
    let manifest = status.manifest
    let statistics = status.statistics
    let mean =
      statistics.callCount > 0
      ? statistics.totalDuration.milliseconds / Double(statistics.callCount) : nil
    self.init(
      id: status.name, kind: manifest?.kind.rawValue ?? "unknown",
      version: manifest?.version ?? "", state: status.stateWord,
      entry: manifest.map { Self.word(for: $0.entry) } ?? "unknown",
      placement: manifest?.placement.rawValue ?? "unknown", manifest: status.origin,
      emits: manifest?.emits.map(\.rawValue) ?? [],
      handles: manifest?.handles.map(\.rawValue) ?? [],
      risk: manifest?.kind == .applier ? manifest?.risk.rawValue : nil,
      deadlineMilliseconds: manifest?.deadline.milliseconds, calls: statistics.callCount,
      failures: statistics.failureCount, meanMilliseconds: mean,
      p95Milliseconds: statistics.p95Duration?.milliseconds,
      lastError: statistics.lastFailure?.description, problems: status.problem.map { [$0] } ?? [],
      warnings: [status.lack, status.note].compactMap { $0 },
      guilty: status.guilt.map { GuiltInfo($0, of: status.name) })
  }

  private static func word(for entry: ComponentManifest.Entry) -> String {
    switch entry {
    case .library: "library"
    case .command: "command"
    case .function: "function"
    }
  }
}

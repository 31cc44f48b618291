import Approval
import Control
import Feedback
import HTTP
import Linux
import Model
import Optimization
import PluginHost
import Sandbox
import Telemetry

// The daemon itself: status, metrics, settings, events.

extension RequestHandler {
  func status() throws(KaizenError) -> StatusAnswer {
    let components = parts.components.components()
    let attached = try parts.engine.agents()
    let known = Set(attached.map(\.id))
    let observed = parts.feedback.agents().count { !known.contains($0) }
    let report = parts.confiner.probe()
    let now = Instant(nanoseconds: Clock.wallNanoseconds())
    let sandbox = parts.confiner.obstacle.map {
      "no test and no worker runs: \($0.message)" + ($0.hint.map { "; \($0)" } ?? "")
    }
    return StatusAnswer(
      version: DaemonProgram.version, pid: Int(OwnProcess.id), uid: Int(parts.roles.owner),
      home: parts.home.configuration, socket: parts.home.socket, startedAt: parts.startedAt,
      uptimeSeconds: (now - parts.startedAt).milliseconds / 1000, isReady: true,
      agents: attached.count, observed: observed,
      components: components.count { $0.state == .ready },
      disabled: components.count { $0.problem != nil },
      records: try parts.feedback.stats().records, runs: parts.engine.runs.activeCount,
      approvals: try parts.admiral.count(state: .pending),
      level: report.level.rawValue, limits: report.limits,
      rssMegabytes: OwnProcess.residentMegabytes(),
      problems: [sandbox].compactMap(\.self) + parts.storekeeper.problems
        + parts.damage.problems + parts.warnings + problems(of: components)
        + manifestWarnings
        + parts.engine.attention(),
      use: components.map { ComponentUse(ComponentInfo($0)) },
      freezes: try parts.engine.freezes().prefix(Int(Route.listCountDefault)).map(FreezeInfo.init))
  }

  func config() -> ListAnswer<SettingInfo> {
    ListAnswer(
      Setting.all.map { setting in
        let entry = parts.settings.entries[setting.key]
        return SettingInfo(
          key: setting.key, value: entry?.value ?? .null, origin: entry?.origin ?? "default",
          help: setting.help)
      })
  }

  func events(_ call: Call) throws(KaizenError) -> ListAnswer<EventInfo> {
    let agent = try call.query.text("agent").map(Self.agentID)
    let after = Int64(call.query.integer("after") ?? 0)
    let batch = parts.events.wait(
      after: after, timeout: call.query.wait, limit: call.query.limit)
    let events = batch.events.filter { agent == nil || $0.agent == agent }
    let next = batch.next(after: after)
    let hasMore = !batch.events.isEmpty && parts.events.lastSequence > next
    // A removed agent still has its events; one without any was never here.
    if events.isEmpty, !hasMore, let agent { try parts.engine.requireKnown(agent) }
    return ListAnswer(events.map(EventInfo.init), hasMore: hasMore, next: Int(next))
  }

  func metrics() -> HTTPResponse {
    parts.meters.refresh(parts)
    return HTTPResponse(contentType: MetricsRegistry.contentType, text: parts.metrics.text())
  }
}

extension EventInfo {
  init(_ event: Event) {
    self.init(
      sequence: Int(event.sequence), time: event.time, kind: event.kind,
      agent: event.agent?.text, message: event.message, details: .object(event.fields))
  }
}

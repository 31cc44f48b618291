internal import Control
internal import Model

/// `events`: what happened, and with `--follow` what happens.
enum EventsCommand {
  /// How long one request waits for news when following.
  private static let waitMilliseconds = 25_000

  static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    var client = try call.client()
    client.onWaiting = nil
    if call.has("--follow") { return try follow(call, client) }
    if call.has("--after") || call.has("--wait") {
      let wait = call.has("--wait") ? waitMilliseconds : 0
      let answer = try page(
        call, client, after: call.integer("--after"), wait: wait, call.limitQuery)
      return call.answer(answer) { $0.items.map(line) + $0.cutLines }
    }
    return try newest(call, client)
  }

  /// The newest events, the oldest of them first: the daemon lists from its oldest on.
  private static func newest(
    _ call: Invocation, _ client: ControlClient
  ) throws(KaizenError) -> ExitStatus {
    let limit = call.integer("--limit") ?? Int(Route.listCountDefault)
    var items: [EventInfo] = []
    var list = ListAnswer<EventInfo>([])
    var isCut = false
    repeat {
      list = try page(
        call, client, after: list.next, wait: 0, [("limit", "\(Route.listCountMax)")]
      ).value
      items += list.items
      isCut = isCut || items.count > limit
      items = items.suffix(limit)
    } while list.hasMore
    let all = ListAnswer(items, hasMore: isCut, next: list.next)
    return call.answer(.init(value: all, json: all.json)) { $0.items.map(line) }
  }

  private static func follow(
    _ call: Invocation, _ client: ControlClient
  ) throws(KaizenError) -> ExitStatus {
    var after = call.integer("--after")
    var wait = 0
    while true {
      let list = try page(call, client, after: after, wait: wait, call.limitQuery).value
      for item in list.items {
        call.terminal.write(lines: [call.isJSON ? item.json.text() : line(item)])
      }
      // `next` is where the daemon's ring stands, also where a filter left nothing to show.
      after = list.next ?? list.items.last?.sequence ?? after
      wait = waitMilliseconds
    }
  }

  private static func page(
    _ call: Invocation, _ client: ControlClient, after: Int?, wait: Int,
    _ limit: [(name: String, value: String)]
  ) throws(KaizenError) -> ControlClient.Answer<ListAnswer<EventInfo>> {
    var query = limit
    if let after { query.append(("after", "\(after)")) }
    if let agent = call.text("--agent") { query.append(("agent", agent)) }
    if wait > 0 { query.append(("wait_ms", "\(wait)")) }
    return try client.ask(
      .events, ListAnswer<EventInfo>.self, query: query, timeout: .seconds(60))
  }

  private static func line(_ event: EventInfo) -> String {
    // Most messages name the agent themselves.
    let agent = event.agent.flatMap { event.message.contains($0) ? nil : " \($0)" } ?? ""
    return "\(event.sequence) \(Figures.moment(event.time)) \(event.kind)\(agent): \(event.message)"
  }
}

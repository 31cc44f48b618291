internal import Control
internal import Model

/// `events`: what happened, and with `--follow` what happens.
enum EventsCommand {
  /// How long one request waits for news when following.
  private static let waitMilliseconds = 25_000

  static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    var client = try call.client()
    client.onWaiting = nil
    var after = call.integer("--after")
    var wait = call.has("--wait") ? waitMilliseconds : 0
    while true {
      var query: [(name: String, value: String)] = []
      if let after { query.append(("after", "\(after)")) }
      if let agent = call.text("--agent") { query.append(("agent", agent)) }
      if wait > 0 { query.append(("wait_ms", "\(wait)")) }
      let answer = try client.ask(
        .events, ListAnswer<EventInfo>.self, query: query, timeout: .seconds(60))
      if !call.has("--follow") { return call.answer(answer) { $0.items.map(line) } }
      for item in answer.value.items {
        call.terminal.write(lines: [call.isJSON ? item.json.text() : line(item)])
      }
      // `next` is where the daemon's ring stands, also where a filter left nothing to show.
      after = answer.value.next ?? answer.value.items.last?.sequence ?? after
      wait = waitMilliseconds
    }
  }

  private static func line(_ event: EventInfo) -> String {
    let agent = event.agent.map { " \($0)" } ?? ""
    return "\(event.sequence) \(Figures.moment(event.time)) \(event.kind)\(agent): \(event.message)"
  }
}

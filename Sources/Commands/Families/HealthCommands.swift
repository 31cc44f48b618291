internal import Control
internal import Model

/// How agents do: health, opportunities, analysis, summaries.
enum HealthCommands {
  private static let days = Command.Option(
    name: "--days", kind: .integer("N", 1...365), help: "the window in days (7)")

  static let all = [
    Command(
      words: ["analyze"], operands: [.agent()], options: [days],
      summary: "analyze now: health, opportunities, and what an optimization would do",
      run: analyze),
    Command(
      words: ["health"], operands: [.agent(isOptional: true)], options: [days, .limit],
      summary: "health by term and generation; of all agents where none is named", run: health),
    Command(
      words: ["opportunities"], operands: [.agent(isOptional: true)], options: [.limit],
      summary: "what the last analysis found to improve, the gravest first", run: opportunities),
    Command(
      words: ["summary"], operands: [.agent()], options: [days],
      summary: "what the feedback says, beside the days before", run: summary),
    Command(
      words: ["stats"], operands: [.agent(isOptional: true)], options: [days],
      summary: "how much feedback there is", run: stats),
  ]

  /// Components are called, each with a deadline of its own.
  private static let analysisTimeout = Duration.seconds(300)

  private static func analyze(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .analyze, AnalyzeAnswer.self, ["id": call.operand(0)],
      body: AnalyzeRequest(days: call.integer("--days")).json, timeout: analysisTimeout)
    return call.answer(answer) { analysis in
      var lines = HealthReport.lines(analysis.health) + [""]
      if !analysis.patterns.isEmpty { lines += InsightReport.lines(analysis.patterns) + [""] }
      lines += OpportunityReport.lines(
        analysis.opportunities.sorted { ($1.severity, $1.strength) < ($0.severity, $0.strength) })
      if !analysis.plans.isEmpty {
        lines += ["", "an optimization (\(analysis.strategy ?? "auto")) would do:"]
        lines += analysis.plans.flatMap(PlanReport.lines)
      }
      lines += analysis.notes.map { note in
        "\(note.isFailure ? "failed" : "note"): \(note.component): \(note.message)"
      }
      return lines
    }
  }

  private static func health(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let agent = call.optionalOperand(0)
    if agent == nil ? call.has("--days") : call.has("--limit") {
      throw KaizenError(
        "E_USAGE",
        agent == nil
          ? "health: --days is of one agent; AGENT is missing"
          : "health: --limit is of the list of all agents; there is one AGENT",
        hint: "usage: \(HelpText.usage(call.command))")
    }
    let client = try call.client()
    if let agent {
      let answer = try client.ask(
        .health, HealthAnswer.self, ["id": agent], query: daysQuery(call))
      return call.answer(answer, HealthReport.lines)
    }
    let answer = try client.ask(
      .listAgents, ListAnswer<AgentInfo>.self, query: call.limitQuery)
    return call.answer(answer) { list in
      var table = TextTable(["AGENT", ">HEALTH", ">OPERATIONS", "NOTE"])
      for agent in list.items {
        table.add([
          agent.id, Figures.score(agent.health), "\(agent.operations)",
          agent.isProvisional && agent.health != nil ? "provisional" : "",
        ])
      }
      return table.isEmpty
        ? ["no agents yet: kaizen agent add PATH"] : table.lines + list.cutLines
    }
  }

  private static func opportunities(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let client = try call.client()
    if let agent = call.optionalOperand(0) {
      let answer = try client.ask(
        .opportunities, ListAnswer<OpportunityInfo>.self, ["id": agent], query: call.limitQuery)
      return call.answer(answer, OpportunityReport.lines)
    }
    var found: [OpportunityInfo] = []
    var isCut = false
    let agents = try client.ask(
      .listAgents, ListAnswer<AgentInfo>.self, query: [("limit", "\(Route.listCountMax)")])
    for agent in agents.value.items {
      let list = try client.ask(
        .opportunities, ListAnswer<OpportunityInfo>.self, ["id": agent.id], query: call.limitQuery
      ).value
      found += list.items
      isCut = isCut || list.hasMore
    }
    // The gravest first, whoever has them.
    found.sort { ($1.severity, $1.strength, $0.agent) < ($0.severity, $0.strength, $1.agent) }
    let limit = call.integer("--limit") ?? Int(Route.listCountDefault)
    isCut = isCut || found.count > limit || agents.value.hasMore
    let list = ListAnswer(Array(found.prefix(limit)), hasMore: isCut)
    return call.answer(.init(value: list, json: list.json), OpportunityReport.lines)
  }

  private static func summary(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .summary, SummaryAnswer.self, ["id": call.operand(0)], query: daysQuery(call))
    return call.answer(answer, SummaryReport.lines)
  }

  private static func stats(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    var query = daysQuery(call)
    if let agent = call.optionalOperand(0) { query.append(("agent", agent)) }
    let answer = try call.client().ask(.stats, StatsAnswer.self, query: query)
    return call.answer(answer) { stats in
      var lines = [
        "records     \(stats.records)", "operations  \(stats.operations)",
        "agents      \(stats.agents)",
      ]
      if let bytes = stats.storedBytes { lines.append("stored      \(Figures.bytes(bytes))") }
      if stats.oldest != nil {
        lines.append(
          "time        \(Figures.moment(stats.oldest)) to \(Figures.moment(stats.newest))")
      }
      lines += SummaryReport.counts("types", stats.types)
      lines += SummaryReport.counts("by agent", stats.byAgent)
      if let quality = stats.quality { lines.append("quality     \(Figures.ratio(quality))") }
      if let rating = stats.rating { lines.append("rating      \(Figures.ratio(rating)) of 5") }
      return lines + InsightReport.lines(stats.insights)
    }
  }

  private static func daysQuery(_ call: Invocation) -> [(name: String, value: String)] {
    call.text("--days").map { [("days", $0)] } ?? []
  }
}

import Control
import Feedback
import HTTP
import Linux
import Model
import Optimization

// Feedback in, and what it says.

extension RequestHandler {
  /// Stores one record or many; one alone that is refused is refused as a request.
  func recordFeedback(_ call: Call) throws(KaizenError) -> JSONValue {
    if let broken = parts.storage.of(.feedback) { return try spoolFeedback(call, broken).json }
    let result = try parts.feedback.ingest(call.request.body)
    parts.meters.count(result)
    if let only = result.rejected.first, result.rejectedCount == 1, result.stored == 0,
      result.duplicate == 0
    {
      throw only.error
    }
    return FeedbackAnswer(
      stored: result.stored, duplicate: result.duplicate,
      rejected: result.rejected.map {
        RejectedRecord(line: $0.line, error: $0.error.description)
      },
      rejectedCount: result.rejectedCount
    ).json
  }

  /// Notes the start of an operation, and tells which generation does it.
  func startOperation(_ call: Call) throws(KaizenError) -> OperationStarted {
    let asked = try call.body(OperationStart.self)
    let agent = try Self.agentID(asked.agent)
    var generation = asked.generation.map { GenerationNumber($0) }
    if generation == nil, try parts.engine.findAgent(agent) != nil {
      generation = try parts.engine.liveGeneration(of: agent)
    }
    try parts.feedback.startOperation(
      agent: agent, operation: asked.operation, generation: generation, time: asked.time)
    return OperationStarted(
      agent: agent.text, operation: asked.operation, generation: generation?.value)
  }

  func summary(_ call: Call) throws(KaizenError) -> SummaryAnswer {
    let agent = try call.agent
    try parts.engine.requireKnown(agent)
    let days = call.query.integer("days") ?? parts.settings.integer("analysis.days")
    let summary = parts.feedback.summary(agent, days: days)
    return SummaryAnswer(
      agent: agent.text, days: days, now: MetricsInfo(summary.now),
      before: MetricsInfo(summary.before),
      types: Self.counts(summary.types.map { ($0.key.rawValue, $0.value) }),
      sources: Self.counts(summary.sources.map { ($0.key.rawValue, $0.value) }),
      rating: summary.rating,
      insights: InsightCountsInfo(try parts.feedback.insightCounts(of: agent)))
  }

  func stats(_ call: Call) throws(KaizenError) -> StatsAnswer {
    let agent = try call.query.text("agent").map(Self.agentID)
    if let agent { try parts.engine.requireKnown(agent) }
    let since = call.query.integer("days").map { days in
      Instant(nanoseconds: Clock.wallNanoseconds()) - .seconds(days * 86_400)
    }
    let stats = try parts.feedback.stats(agent, since: since)
    return StatsAnswer(
      agent: agent?.text, records: stats.records, operations: stats.operations,
      agents: stats.agents.count,
      types: Self.counts(stats.types.map { ($0.key.rawValue, $0.value) }),
      byAgent: Self.counts(stats.agents.map { ($0.agent.text, $0.records) }),
      oldest: stats.oldest, newest: stats.newest, storedBytes: stats.storedBytes,
      quality: stats.quality, rating: stats.rating,
      insights: InsightCountsInfo(try parts.feedback.insightCounts(of: agent)))
  }

  /// The most frequent first, equal ones by name.
  private static func counts(_ pairs: [(String, Int)]) -> [CountInfo] {
    pairs.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { CountInfo(name: $0.0, count: $0.1) }
  }
}

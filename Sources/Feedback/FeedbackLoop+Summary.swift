public import Model
internal import SQLite
internal import Synchronization

/// What one agent's feedback says of some days, beside the days before.
public struct FeedbackSummary: Sendable {
  /// The span asked for.
  public var now: AgentMetrics
  /// The span of the same length before it.
  public var before: AgentMetrics
  /// Records in the span by type; only those that occur.
  public var types: [FeedbackType: Int]
  /// Records in the span by source; only those that occur.
  public var sources: [FeedbackSource: Int]
  /// Mean rating by users in the span, 1 to 5.
  public var rating: Double?
}

/// How much feedback there is.
public struct FeedbackStats: Sendable {
  /// Records stored.
  public var records = 0
  /// Distinct operations.
  public var operations = 0
  /// Records by type; only those that occur.
  public var types: [FeedbackType: Int] = [:]
  /// Records by agent, most first.
  public var agents: [(agent: AgentID, records: Int)] = []
  /// Time of the oldest record.
  public var oldest: Instant?
  /// Time of the newest record.
  public var newest: Instant?
  /// Mean quality score, 0 to 1.
  public var quality: Double?
  /// Mean rating by users, 1 to 5.
  public var rating: Double?
  /// Bytes of the database file, with what is in its log.
  public var storedBytes = 0
}

/// How many operations of an agent ended how, since its first record; for counters.
public struct OperationCounts: Hashable, Sendable {
  /// The agent.
  public var agent: AgentID
  /// Operations that succeeded.
  public var successes: Int
  /// Operations that failed.
  public var failures: Int
  /// Operations started that should have ended by now.
  public var unfinished: Int
}

extension FeedbackLoop {
  /// The last `days` days of `agent` and the same time before.
  public func summary(_ agent: AgentID, days: Int) -> FeedbackSummary {
    let end = options.now() + .seconds(86_400)  // records may be up to a day ahead
    let span = Duration.seconds(86_400 * Int64(min(max(1, days), Self.daysMax)))
    let start = options.now() - span
    var types: [FeedbackType: Int] = [:]
    var sources: [FeedbackSource: Int] = [:]
    var ratings = 0
    var ratingSum = 0.0
    writer.memory.withLock { memory in
      guard let columns = memory[agent.text]?.columns else { return }
      columns.select(from: start.nanoseconds, to: end.nanoseconds) { row in
        types[FeedbackType.byCode[Int(columns.types[row])], default: 0] += 1
        sources[FeedbackSource.byCode[Int(columns.sources[row])], default: 0] += 1
        let score = columns.scores[row]
        if columns.types[row] == FeedbackType.userRating.code, !score.isNaN {
          ratings += 1
          ratingSum += score
        }
      }
    }
    return FeedbackSummary(
      now: metrics(agent, from: start, to: end),
      before: metrics(agent, from: start - span, to: start), types: types, sources: sources,
      rating: Self.rating(sum: ratingSum, count: ratings))
  }

  /// Scores as ratings: 0 is 1 and 1 is 5; nil without any.
  private static func rating(sum: Double, count: Int) -> Double? {
    count > 0 ? 1 + 4 * sum / Double(count) : nil
  }

  /// How much is stored, of one agent or of all, ever or since a day.
  public func stats(
    _ agent: AgentID? = nil, since: Instant? = nil
  ) throws(KaizenError) -> FeedbackStats {
    let query = """
      SELECT agents.name, type, sum(records), sum(new_operations), min(first_time), max(last_time),
        sum(score_count), sum(score_sum)
      FROM score_aggregates JOIN agents ON agents.id = agent
      WHERE (?1 IS NULL OR agents.name = ?1) AND day >= ?2 GROUP BY agent, type
      """
    let day = since.map { $0.nanoseconds / Aggregates.dayNanoseconds } ?? 0
    let rows = try writer.database.read(query, [SQLValue(agent?.text), .integer(day)]) { row in
      (
        name: try row.text(0), type: Int(try row.integer(1)), records: Int(try row.integer(2)),
        operations: Int(try row.integer(3)), first: try row.integer(4), last: try row.integer(5),
        scores: Int(try row.integer(6)), sum: try row.real(7)
      )
    }
    var stats = FeedbackStats()
    var byAgent: [String: Int] = [:]
    for row in rows {
      stats.records += row.records
      stats.operations += row.operations
      stats.types[FeedbackType.byCode[row.type], default: 0] += row.records
      byAgent[row.name, default: 0] += row.records
    }
    func scores(_ type: FeedbackType) -> (sum: Double, count: Int) {
      let mine = rows.filter { $0.type == Int(type.code) }
      return (mine.reduce(0) { $0 + $1.sum }, mine.reduce(0) { $0 + $1.scores })
    }
    let (quality, rating) = (scores(.qualityScore), scores(.userRating))
    stats.quality = quality.count > 0 ? quality.sum / Double(quality.count) : nil
    stats.rating = Self.rating(sum: rating.sum, count: rating.count)
    stats.oldest = rows.map(\.first).min().map { Instant(nanoseconds: $0) }
    stats.newest = rows.map(\.last).max().map { Instant(nanoseconds: $0) }
    stats.agents = byAgent.compactMap { name, records in
      AgentID(name).map { (agent: $0, records: records) }
    }.sorted { ($1.records, $0.agent) < ($0.records, $1.agent) }
    stats.storedBytes = try storedBytes()
    return stats
  }

  private func storedBytes() throws(KaizenError) -> Int {
    try writer.database.read { db in
      let pages = try db.first("PRAGMA page_count") { try $0.integer(0) } ?? 0
      let size = try db.first("PRAGMA page_size") { try $0.integer(0) } ?? 0
      return Int(pages * size)
    }
  }

  /// All agents that were ever heard of, sorted.
  public func agents() -> [AgentID] {
    writer.memory.withLock { memory in memory.agents.compactMap { AgentID($0.name) } }.sorted()
  }

  /// Operations by agent and how they ended, sorted by agent.
  public func operationCounts() -> [OperationCounts] {
    let latest = (options.now() - options.unfinishedAfter).nanoseconds
    return writer.memory.withLock { memory in
      memory.agents.compactMap { agent in
        AgentID(agent.name).map { id in
          OperationCounts(
            agent: id, successes: agent.successes, failures: agent.failures,
            unfinished: agent.open.values.count { $0.started <= latest })
        }
      }
    }.sorted { $0.agent < $1.agent }
  }
}

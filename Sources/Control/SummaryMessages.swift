public import Model

/// How often something was seen.
public struct CountInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a count"
  /// What.
  public var name: String
  /// How often.
  public var count: Int

  /// Makes the value from its parts.
  public init(
    name: String, count: Int
  ) {
    self.name = name
    self.count = count
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    name = reader.text("name")
    count = reader.count("count")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "name": JSONValue(name),
      "count": JSONValue(count),
    ]
  }
}

/// What an agent's feedback says of one span of time; null where there is no data.
public struct MetricsInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "metrics"
  /// Feedback records.
  public var records: Int
  /// Distinct operations.
  public var operations: Int
  /// Operations that succeeded.
  public var successes: Int
  /// Operations that failed.
  public var failures: Int
  /// Operations with an error, or never finished.
  public var errors: Int
  /// In [0, 1].
  public var successRate: Double?
  /// In [0, 1].
  public var errorRate: Double?
  /// Mean response time.
  public var meanMilliseconds: Double?
  /// Median response time.
  public var medianMilliseconds: Double?
  /// 95th percentile of the response time.
  public var p95Milliseconds: Double?
  /// Mean quality in [0, 1].
  public var quality: Double?
  /// Mean peak memory, in MiB.
  public var memoryMegabytes: Double?
  /// Mean CPU time ÷ wall time, in percent.
  public var cpuPercent: Double?
  /// Error types, most frequent first.
  public var errorTypes: [CountInfo]

  /// Makes the value from its parts.
  public init(
    records: Int, operations: Int, successes: Int, failures: Int, errors: Int,
    successRate: Double? = nil, errorRate: Double? = nil, meanMilliseconds: Double? = nil,
    medianMilliseconds: Double? = nil, p95Milliseconds: Double? = nil, quality: Double? = nil,
    memoryMegabytes: Double? = nil, cpuPercent: Double? = nil, errorTypes: [CountInfo] = []
  ) {
    self.records = records
    self.operations = operations
    self.successes = successes
    self.failures = failures
    self.errors = errors
    self.successRate = successRate
    self.errorRate = errorRate
    self.meanMilliseconds = meanMilliseconds
    self.medianMilliseconds = medianMilliseconds
    self.p95Milliseconds = p95Milliseconds
    self.quality = quality
    self.memoryMegabytes = memoryMegabytes
    self.cpuPercent = cpuPercent
    self.errorTypes = errorTypes
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    records = reader.count("records")
    operations = reader.count("operations")
    successes = reader.count("successes")
    failures = reader.count("failures")
    errors = reader.count("errors")
    successRate = reader.optionalReal("success_rate")
    errorRate = reader.optionalReal("error_rate")
    meanMilliseconds = reader.optionalReal("mean_ms")
    medianMilliseconds = reader.optionalReal("p50_ms")
    p95Milliseconds = reader.optionalReal("p95_ms")
    quality = reader.optionalReal("quality")
    memoryMegabytes = reader.optionalReal("memory_mb")
    cpuPercent = reader.optionalReal("cpu_percent")
    errorTypes = reader.items("error_types", CountInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "records": JSONValue(records),
      "operations": JSONValue(operations),
      "successes": JSONValue(successes),
      "failures": JSONValue(failures),
      "errors": JSONValue(errors),
      "success_rate": JSONValue(successRate),
      "error_rate": JSONValue(errorRate),
      "mean_ms": JSONValue(meanMilliseconds),
      "p50_ms": JSONValue(medianMilliseconds),
      "p95_ms": JSONValue(p95Milliseconds),
      "quality": JSONValue(quality),
      "memory_mb": JSONValue(memoryMegabytes),
      "cpu_percent": JSONValue(cpuPercent),
      "error_types": JSONValue(errorTypes),
    ]
  }
}

/// An agent's feedback over some days, beside the days before.
public struct SummaryAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a summary"
  /// The agent.
  public var agent: String
  /// The window.
  public var days: Int
  /// The window.
  public var now: MetricsInfo
  /// The window of the same length before it.
  public var before: MetricsInfo?
  /// Records by type.
  public var types: [CountInfo]
  /// Records by source.
  public var sources: [CountInfo]
  /// Mean rating by users in the window, 1 to 5.
  public var rating: Double?
  /// What was learnt.
  public var insights: InsightCountsInfo?

  /// Makes the value from its parts.
  public init(
    agent: String, days: Int, now: MetricsInfo, before: MetricsInfo? = nil, types: [CountInfo] = [],
    sources: [CountInfo] = [], rating: Double? = nil, insights: InsightCountsInfo? = nil
  ) {
    self.agent = agent
    self.days = days
    self.now = now
    self.before = before
    self.types = types
    self.sources = sources
    self.rating = rating
    self.insights = insights
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent")
    days = reader.count("days")
    now = reader.required("now", MetricsInfo.self)
    before = reader.one("before", MetricsInfo.self)
    types = reader.items("types", CountInfo.self)
    sources = reader.items("sources", CountInfo.self)
    rating = reader.optionalReal("rating")
    insights = reader.one("insights", InsightCountsInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "days": JSONValue(days),
      "now": JSONValue(now),
      "before": JSONValue(before),
      "types": JSONValue(types),
      "sources": JSONValue(sources),
      "rating": JSONValue(rating),
      "insights": JSONValue(insights),
    ]
  }
}

/// How much feedback there is.
public struct StatsAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "stats"
  /// The agent asked for; nil for all.
  public var agent: String?
  /// Records stored.
  public var records: Int
  /// Distinct operations.
  public var operations: Int
  /// Agents with feedback.
  public var agents: Int
  /// Records by type.
  public var types: [CountInfo]
  /// Records by agent, most first.
  public var byAgent: [CountInfo]
  /// Time of the oldest record.
  public var oldest: Instant?
  /// Time of the newest record.
  public var newest: Instant?
  /// Mean quality score, 0 to 1.
  public var quality: Double?
  /// Mean rating by users, 1 to 5.
  public var rating: Double?
  /// What was learnt.
  public var insights: InsightCountsInfo?
  /// Bytes on disk.
  public var storedBytes: Int?

  /// Makes the value from its parts.
  public init(
    agent: String? = nil, records: Int, operations: Int, agents: Int, types: [CountInfo] = [],
    byAgent: [CountInfo] = [], oldest: Instant? = nil, newest: Instant? = nil,
    storedBytes: Int? = nil, quality: Double? = nil, rating: Double? = nil,
    insights: InsightCountsInfo? = nil
  ) {
    self.agent = agent
    self.records = records
    self.operations = operations
    self.agents = agents
    self.types = types
    self.byAgent = byAgent
    self.oldest = oldest
    self.newest = newest
    self.storedBytes = storedBytes
    self.quality = quality
    self.rating = rating
    self.insights = insights
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.string("agent")
    records = reader.count("records")
    operations = reader.count("operations")
    agents = reader.count("agents")
    types = reader.items("types", CountInfo.self)
    byAgent = reader.items("by_agent", CountInfo.self)
    oldest = reader.optionalMoment("oldest")
    newest = reader.optionalMoment("newest")
    storedBytes = reader.optionalCount("stored_bytes")
    quality = reader.optionalReal("quality")
    rating = reader.optionalReal("rating")
    insights = reader.one("insights", InsightCountsInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "records": JSONValue(records),
      "operations": JSONValue(operations),
      "agents": JSONValue(agents),
      "types": JSONValue(types),
      "by_agent": JSONValue(byAgent),
      "oldest": JSONValue(oldest),
      "newest": JSONValue(newest),
      "stored_bytes": JSONValue(storedBytes),
      "quality": JSONValue(quality),
      "rating": JSONValue(rating),
      "insights": JSONValue(insights),
    ]
  }
}

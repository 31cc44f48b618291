public import Model
internal import SQLite
internal import Synchronization

extension FeedbackLoop {
  /// What the feedback of `agent` says of the time from `from` until before `to`.
  ///
  /// Counted over the records in memory (`windowRowsMax`, the newest of all agents).
  /// - Parameter generation: only what that generation did; nil: all.
  public func metrics(
    _ agent: AgentID, from: Instant, to: Instant, generation: GenerationNumber? = nil
  ) -> AgentMetrics {
    let wanted = generation.map { Int32(clamping: $0.value) }
    return writer.memory.withLock { memory in
      guard let known = memory[agent.text] else { return AgentMetrics() }
      var tally = MetricsTally()
      known.columns.select(
        from: from.nanoseconds, to: to.nanoseconds, generation: wanted
      ) { row in tally.add(known.columns, row) }
      for key in unfinished(known, from, to, wanted).keys { tally.addUnfinished(key) }
      return tally.metrics(errorTypes: memory.errorTypes)
    }
  }

  /// The same for each generation that did something in that time.
  public func metricsByGeneration(
    _ agent: AgentID, from: Instant, to: Instant
  ) -> [GenerationNumber: AgentMetrics] {
    writer.memory.withLock { memory in
      guard let known = memory[agent.text] else { return [:] }
      var tallies: [Int32: MetricsTally] = [:]
      known.columns.select(from: from.nanoseconds, to: to.nanoseconds) { row in
        tallies[known.columns.generations[row], default: MetricsTally()].add(known.columns, row)
      }
      for (key, operation) in unfinished(known, from, to, nil) {
        tallies[operation.generation, default: MetricsTally()].addUnfinished(key)
      }
      tallies[0] = nil
      let pairs = tallies.map { generation, tally in
        (GenerationNumber(Int(generation)), tally.metrics(errorTypes: memory.errorTypes))
      }
      return Dictionary(uniqueKeysWithValues: pairs)
    }
  }

  /// Operations started in that time which should have ended by now.
  private func unfinished(
    _ agent: FeedbackMemory.Agent, _ from: Instant, _ to: Instant, _ generation: Int32?
  ) -> [UInt64: OpenOperation] {
    let latest = (options.now() - options.unfinishedAfter).nanoseconds
    return agent.open.filter { _, operation in
      operation.started >= from.nanoseconds && operation.started < to.nanoseconds
        && operation.started <= latest
        && (generation ?? operation.generation) == operation.generation
    }
  }

  /// The most days that are looked back: 10 years.
  static let daysMax = 3650

  /// successes ÷ (successes + failures) of each of the last `days` days in UTC, oldest first, the
  /// last one today; nil for a day without either.
  ///
  /// By distinct operation. Where a day is no longer in memory the aggregates answer: there an
  /// operation that both succeeded and failed counts on both sides.
  public func dailySuccessRates(
    _ agent: AgentID, days: Int
  ) throws(KaizenError) -> [Double?] {
    let today = options.now().nanoseconds / Aggregates.dayNanoseconds
    let days = min(max(1, days), Self.daysMax)
    let first = today - Int64(days) + 1
    let fromMemory = writer.memory.withLock { memory -> [Double?]? in
      guard let columns = memory[agent.text]?.columns else {
        return [Double?](repeating: nil, count: days)
      }
      let start = first * Aggregates.dayNanoseconds
      return columns.droppedUntil < start ? Self.daily(columns, first: first, today: today) : nil
    }
    if let fromMemory { return fromMemory }
    return try aggregatedRates(agent, first: first, today: today)
  }

  private static func daily(_ columns: AgentColumns, first: Int64, today: Int64) -> [Double?] {
    var tallies = [MetricsTally](repeating: MetricsTally(), count: Int(today - first + 1))
    let day = Aggregates.dayNanoseconds
    columns.select(from: first * day, to: (today + 1) * day) { row in
      tallies[Int(columns.times[row] / day - first)].add(columns, row)
    }
    return tallies.map { $0.metrics(errorTypes: []).successRate }
  }

  private func aggregatedRates(
    _ agent: AgentID, first: Int64, today: Int64
  ) throws(KaizenError) -> [Double?] {
    let query = """
      SELECT day, sum(operations) FILTER (WHERE type = 0), sum(operations) FROM score_aggregates
      WHERE agent = (SELECT id FROM agents WHERE name = ?) AND day BETWEEN ? AND ? AND type <= 1
      GROUP BY day
      """
    let days = try writer.database.read(
      query, [.text(agent.text), .integer(first), .integer(today)]
    ) { row in
      (Int(try row.integer(0) - first), try row.optionalInteger(1) ?? 0, try row.integer(2))
    }
    var rates = [Double?](repeating: nil, count: Int(today - first + 1))
    for (day, successes, all) in days where all > 0 { rates[day] = Double(successes) / Double(all) }
    return rates
  }
}

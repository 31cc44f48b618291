public import Model
internal import Synchronization

/// One text that failed operations ended with.
public struct ErrorText: Hashable, Sendable {
  /// The latest of the texts that are alike, at most 300 bytes on one line.
  public var text: String
  /// The `error_type` that came with it.
  public var errorType: String?
  /// Operations that ended with it, or with one that differs in numbers and paths alone.
  public var count: Int
  /// When the last of them ended.
  public var lastSeen: Instant
}

extension FeedbackLoop {
  /// The patterns found of an agent that were seen within the window, the surest first.
  ///
  /// Of all agents where none is named.
  public func patterns(
    of agent: AgentID?, limit: Int = InsightRules.patternsMax
  ) throws(KaizenError) -> [Pattern] {
    try insights.store.patterns(of: agent, since: insights.windowStart, limit: limit)
  }

  /// The learnings of an agent that hold, those with the most impact first.
  ///
  /// Of all agents where none is named.
  public func learnings(
    of agent: AgentID?, limit: Int = InsightRules.learningsMax
  ) throws(KaizenError) -> [Learning] {
    try insights.store.learnings(of: agent, at: options.now(), limit: limit)
  }

  /// The learning of that id, where it holds.
  public func learning(_ id: String) throws(KaizenError) -> Learning? {
    try insights.store.learning(id, at: options.now())
  }

  /// Notes that generation `generation` of its agent has the learning in its instructions.
  /// - Throws: `E_UNKNOWN_LEARNING`.
  public func markApplied(_ id: String, generation: GenerationNumber) throws(KaizenError) {
    guard try insights.store.markApplied(id, generation, at: options.now()) else {
      throw KaizenError(
        "E_UNKNOWN_LEARNING", "there is no learning \"\(id.prefix(140))\"",
        hint: "`kaizen learnings` shows them")
    }
  }

  /// Looks for patterns in an agent's feedback now, and draws what is to be learnt from them.
  ///
  /// Sees every record acknowledged before; asked twice, it finds and stores the same.
  @discardableResult
  public func learn(_ agent: AgentID) throws(KaizenError) -> LearnResult {
    try insights.learn(agent)
  }

  /// Does so for every agent with feedback that no search has seen yet; for a regular interval.
  /// - Returns: how many agents that were.
  @discardableResult
  public func learnFromNews() throws(KaizenError) -> Int {
    let agents = try insights.agentsToSearch()
    var problem: KaizenError?
    for agent in agents {
      // One that cannot be searched holds up none of the others.
      do { try insights.learn(agent) } catch { problem = problem ?? error }
    }
    if let problem { throw problem }
    return agents.count
  }

  /// How much was learnt, of one agent or of all.
  public func insightCounts(of agent: AgentID? = nil) throws(KaizenError) -> InsightCounts {
    try insights.store.counts(agent, at: options.now(), since: insights.windowStart)
  }

  /// How many learnings were ever drawn, by kind, those that have expired among them.
  ///
  /// Of all agents; kept with the records, so that it goes on over restarts.
  public func insightTotals() throws(KaizenError) -> [Learning.Kind: Int] {
    try insights.store.totals()
  }

  /// Has `body` called for each pattern that was not known before, once it is stored.
  ///
  /// On the thread that searched; it must not block for long.
  public func onPattern(_ body: @escaping @Sendable (Pattern) -> Void) {
    insights.hooks.withLock { $0.onPattern.append(body) }
  }

  /// Has `body` asked for the response time that an agent promises.
  public func setServiceLevels(_ body: @escaping @Sendable (AgentID) -> Duration?) {
    insights.hooks.withLock { $0.serviceLevel = body }
  }

  /// What failed operations of an agent ended with in the last `window`, the most frequent first.
  ///
  /// Of the newest records alone (16,384 an agent), as they are kept in memory.
  public func errorTexts(
    of agent: AgentID, window: Duration = .seconds(7 * 86_400), limit: Int = 20
  ) throws(KaizenError) -> [ErrorText] {
    let start = (options.now() - window).nanoseconds
    let texts = try insights.upToDate { state -> [ErrorText] in
      guard let journal = state.journals[agent] else { return [] }
      return Self.errorTexts(journal, since: start)
    }
    return Array(texts.prefix(max(0, limit)))
  }

  private static func errorTexts(_ journal: AgentJournal, since start: Int64) -> [ErrorText] {
    struct Seen {
      var operations: Set<UInt64> = []
      var text: Int32 = -1
      var type: Int32 = -1
      var last = Int64.min
    }
    var byTemplate: [Int32: Seen] = [:]
    for record in journal.observations where record.time >= start && record.template >= 0 {
      var seen = byTemplate[record.template] ?? Seen()
      seen.operations.insert(record.operation)
      if record.time >= seen.last {
        seen.last = record.time
        seen.text = record.text
        if record.errorType >= 0 { seen.type = record.errorType }
      }
      byTemplate[record.template] = seen
    }
    return byTemplate.values.compactMap { seen in
      guard seen.text >= 0 else { return nil }
      return ErrorText(
        text: journal.words[Int(seen.text)],
        errorType: seen.type >= 0 ? journal.words[Int(seen.type)] : nil,
        count: seen.operations.count, lastSeen: Instant(nanoseconds: seen.last))
    }.sorted { ($1.count, $0.text) < ($0.count, $1.text) }
  }
}

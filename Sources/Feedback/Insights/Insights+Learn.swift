internal import Model
internal import Synchronization

/// Searching, and storing what was found.
extension Insights {
  /// Operations shown of a pattern: the newest.
  private static let samplesMax = 5
  /// An agent without news is searched anew after this, because its window has moved on: an hour.
  private static let renewalNanoseconds: Int64 = 3_600_000_000_000

  /// Searches now, and tells of what is new when it is stored.
  @discardableResult
  func learn(_ agent: AgentID) throws(KaizenError) -> LearnResult {
    let time = now()
    let start = windowStart.nanoseconds
    let journal = try upToDate { state -> AgentJournal in
      state.journals[agent]?.dropBefore(start)
      state.journals[agent]?.hasNews = false
      state.journals[agent]?.searchedAt = time.nanoseconds
      return state.journals[agent] ?? AgentJournal()
    }
    let hooks = hooks.withLock { $0 }
    let search = PatternSearch(
      agent: agent, rules: rules,
      serviceLevel: hooks.serviceLevel(agent)?.milliseconds ?? rules.serviceLevelMilliseconds,
      words: journal.words, operations: ObservedOperation.all(in: journal.observations))
    var entries: [InsightBatch.Entry] = []
    for found in search.run() { entries.append(try entry(found, in: search, at: time)) }
    let new = try store.store(InsightBatch(agent: agent, entries: entries, time: time))
    for pattern in new {
      for tell in hooks.onPattern { tell(pattern) }
    }
    return LearnResult(
      patterns: try store.patterns(of: agent, since: windowStart), newPatterns: new,
      learnings: try store.learnings(of: agent, at: time))
  }

  /// The agents with records that no search has seen, and those whose window has moved on.
  func agentsToSearch() throws(KaizenError) -> [AgentID] {
    let latest = now().nanoseconds - Self.renewalNanoseconds
    return try upToDate { state in
      state.journals.filter { _, journal in
        !journal.observations.isEmpty && (journal.hasNews || journal.searchedAt <= latest)
      }.keys.sorted()
    }
  }

  private func entry(
    _ found: PatternSearch.Found, in search: PatternSearch, at time: Instant
  ) throws(KaizenError) -> InsightBatch.Entry {
    let candidate = found.candidate
    let occurrences = candidate.occurrences.map { search.operations[$0] }
    let newest = occurrences.sorted { ($0.last, $0.entry) > ($1.last, $1.entry) }.prefix(
      Self.samplesMax)
    let samples = try store.operations(of: newest.map(\.entry))
    let first = Instant(nanoseconds: occurrences.map(\.first).min() ?? time.nanoseconds)
    let last = Instant(nanoseconds: occurrences.map(\.last).max() ?? time.nanoseconds)
    let evidence = evidence(found, samples, in: search)
    let kind = candidate.kind.rawValue
    let pattern = Pattern(
      id: InsightStore.id("pattern", search.agent, kind, candidate.signature), agent: search.agent,
      kind: candidate.kind, title: LessonText.plain(candidate.title),
      frequency: candidate.occurrences.count,
      chances: candidate.chances.count, confidence: found.confidence,
      lowerBound: found.lowerBound, firstSeen: first, lastSeen: last, evidence: .object(evidence))
    var entry = InsightBatch.Entry(pattern: pattern, signature: candidate.signature)
    entry.learning = LearningDraft(found, in: search).map { draft in
      let figures: [String: JSONValue] = [
        "pattern": .string(pattern.id), "frequency": .integer(Int64(pattern.frequency)),
        "chances": .integer(Int64(pattern.chances)), "confidence": .number(pattern.confidence),
        "lower_bound": .number(pattern.lowerBound), "last_seen": .string(last.description),
      ]
      return Learning(
        id: InsightStore.id("learning", search.agent, kind, candidate.signature),
        agent: search.agent, kind: draft.kind, title: draft.title, text: draft.text,
        impact: draft.impact, evidence: .object(evidence.merging(figures) { _, figure in figure }),
        createdAt: time, expiresAt: last + .seconds(86_400 * Int64(rules.learningDays)))
    }
    return entry
  }

  private func evidence(
    _ found: PatternSearch.Found, _ samples: [String], in search: PatternSearch
  ) -> [String: JSONValue] {
    var evidence: [String: JSONValue] = [
      "operations": .array(samples.map { .string($0) }),
      "window_days": .integer(Int64(rules.windowDays)),
    ]
    if let trend = found.trend {
      evidence["trend"] = [
        "slope_per_day": .number(trend.slopePerDay), "p_value": .number(trend.pValue),
        "days": .integer(Int64(trend.dayCount)),
      ]
    }
    if found.candidate.kind == .failure,
      let place = found.candidate.occurrences.last(where: { search.operations[$0].text >= 0 })
    {
      evidence["text"] = search.text(search.operations[place].text).map { .string($0) }
    }
    return evidence
  }
}

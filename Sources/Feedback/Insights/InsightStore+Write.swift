internal import Model
internal import SQLite

/// What one search found of an agent, as it is stored.
struct InsightBatch {
  /// A pattern with what identifies it, and the learning drawn from it.
  struct Entry {
    var pattern: Pattern
    var signature: String
    var learning: Learning?
  }

  var agent: AgentID
  var entries: [Entry]
  var time: Instant
}

extension InsightStore {
  /// Makes the patterns of an agent those of `batch`, and adds and renews its learnings.
  ///
  /// A learning outlives its pattern until it expires, so that what was learnt is not forgotten when
  /// it has helped.
  /// - Returns: the patterns that were not there before.
  func store(_ batch: InsightBatch) throws(KaizenError) -> [Pattern] {
    try database.write { db in
      let row = try db.first("SELECT id FROM agents WHERE name = ?", [.text(batch.agent.text)]) {
        row in try row.integer(0)
      }
      guard let agent = row else { return [] }
      var known: Set<String> = []
      try db.forEach("SELECT id FROM patterns WHERE agent = ?", [.integer(agent)]) { row in
        known.insert(try row.text(0))
      }
      let current = Set(batch.entries.map(\.pattern.id))
      for gone in known.subtracting(current) {
        try db.run("DELETE FROM patterns WHERE id = ?", [.text(gone)])
      }
      for entry in batch.entries {
        try Self.upsert(entry.pattern, entry.signature, agent, db)
        if let learning = entry.learning {
          try Self.upsert(learning, pattern: entry.pattern.id, agent, db)
        }
      }
      try Self.trim(agent, at: batch.time, db)
      return batch.entries.map(\.pattern).filter { !known.contains($0.id) }
    }
  }

  private static func upsert(
    _ pattern: Pattern, _ signature: String, _ agent: Int64, _ db: borrowing Connection
  ) throws(KaizenError) {
    let statement = """
      INSERT INTO patterns VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, frequency = excluded.frequency,
        chances = excluded.chances, confidence = excluded.confidence,
        confidence_lower = excluded.confidence_lower,
        first_seen = min(first_seen, excluded.first_seen), last_seen = excluded.last_seen,
        evidence = excluded.evidence
      """
    try db.run(
      statement,
      [
        .text(pattern.id), .integer(agent), .text(pattern.kind.rawValue), .text(signature),
        .text(pattern.title), .integer(Int64(pattern.frequency)), .integer(Int64(pattern.chances)),
        .real(pattern.confidence), .real(pattern.lowerBound),
        .integer(pattern.firstSeen.nanoseconds), .integer(pattern.lastSeen.nanoseconds),
        .text(pattern.evidence.text()),
      ])
  }

  /// Where it is known already, its words and figures are renewed; when it was drawn and whether it
  /// was applied stays.
  private static func upsert(
    _ learning: Learning, pattern: String, _ agent: Int64, _ db: borrowing Connection
  ) throws(KaizenError) {
    let known = try db.first(
      "SELECT 1 FROM learning_events WHERE id = ?", [.text(learning.id)]
    ) { row in try row.integer(0) }
    if known == nil {
      try db.run(
        "INSERT INTO insight_totals VALUES (?,1) ON CONFLICT (kind) DO UPDATE SET count = count + 1",
        [.text(learning.kind.rawValue)])
    }
    let statement = """
      INSERT INTO learning_events VALUES (?,?,?,?,?,?,?,?,?,?,NULL,NULL)
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text,
        impact = excluded.impact, evidence = excluded.evidence,
        expires = max(expires, excluded.expires)
      """
    try db.run(
      statement,
      [
        .text(learning.id), .integer(agent), .text(pattern), .text(learning.kind.rawValue),
        .text(learning.title), .text(learning.text), .real(learning.impact),
        .text(learning.evidence.text()), .integer(learning.createdAt.nanoseconds),
        .integer(learning.expiresAt.nanoseconds),
      ])
  }

  /// Removes what has expired, and what is beyond the limit.
  private static func trim(
    _ agent: Int64, at time: Instant, _ db: borrowing Connection
  ) throws(KaizenError) {
    try db.run(
      "DELETE FROM learning_events WHERE agent = ? AND expires <= ?",
      [.integer(agent), .integer(time.nanoseconds)])
    let surplus = """
      DELETE FROM learning_events WHERE id IN (
        SELECT id FROM learning_events WHERE agent = ?
        ORDER BY applied IS NULL, impact DESC, id LIMIT -1 OFFSET \(InsightRules.learningsMax))
      """
    try db.run(surplus, [.integer(agent)])
  }

  /// The operations of these entries, for people who want to look at some.
  func operations(of entries: [Int64]) throws(KaizenError) -> [String] {
    var operations: [String] = []
    for entry in entries {
      let found = try database.first(
        "SELECT operation FROM feedback_entries WHERE id = ?", [.integer(entry)]
      ) { row in try row.text(0) }
      if let found { operations.append(found) }
    }
    return operations
  }

  /// How much is known, of one agent or of all.
  func counts(_ agent: AgentID?, at time: Instant, since: Instant) throws(KaizenError)
    -> InsightCounts
  {
    var counts = InsightCounts()
    let mine = "(?1 IS NULL OR agent = (SELECT id FROM agents WHERE name = ?1))"
    let learnings = try database.read(
      """
      SELECT kind, count(*), count(*) FILTER (WHERE expires > ?2), count(applied)
      FROM learning_events WHERE \(mine) GROUP BY kind
      """, [SQLValue(agent?.text), .integer(time.nanoseconds)]
    ) { row in
      (try row.text(0), Int(try row.integer(1)), Int(try row.integer(2)), Int(try row.integer(3)))
    }
    for (name, count, active, applied) in learnings {
      if let kind = Learning.Kind(rawValue: name) { counts.learnings[kind] = count }
      counts.active += active
      counts.applied += applied
    }
    let patterns = try database.read(
      "SELECT kind, count(*) FROM patterns WHERE \(mine) AND last_seen >= ?2 GROUP BY kind",
      [SQLValue(agent?.text), .integer(since.nanoseconds)]
    ) { row in (try row.text(0), Int(try row.integer(1))) }
    for (name, count) in patterns {
      if let kind = Pattern.Kind(rawValue: name) { counts.patterns[kind] = count }
    }
    return counts
  }

  /// How many learnings were drawn of each kind since the first record, of all agents.
  func totals() throws(KaizenError) -> [Learning.Kind: Int] {
    let rows = try database.read("SELECT kind, count FROM insight_totals") { row in
      (try row.text(0), Int(try row.integer(1)))
    }
    var totals: [Learning.Kind: Int] = [:]
    for (name, count) in rows {
      if let kind = Learning.Kind(rawValue: name) { totals[kind] = count }
    }
    return totals
  }
}

internal import Hashing
internal import JSONStream
internal import Model
internal import SQLite

/// Patterns and learnings on disk; all writing goes through the database's one writing connection.
struct InsightStore: Sendable {
  let database: Database

  /// `pattern-3f9a12bc4d5e60718293`: from what it is about, so that the same one has the same id.
  static func id(_ noun: String, _ agent: AgentID, _ kind: String, _ signature: String) -> String {
    noun + "-"
      + SHA256.hex(of: [agent.text, kind, signature].joined(separator: "\u{1F}")).prefix(20)
  }

  private static let patternColumns = """
    patterns.id, agents.name, kind, title, frequency, chances, confidence, confidence_lower,
    patterns.first_seen, last_seen, evidence
    """

  /// The patterns of an agent seen at `since` or later, the surest first.
  func patterns(
    of agent: AgentID?, since: Instant, limit: Int = InsightRules.patternsMax
  ) throws(KaizenError) -> [Pattern] {
    let query = """
      SELECT \(Self.patternColumns) FROM patterns JOIN agents ON agents.id = agent
      WHERE (?1 IS NULL OR agents.name = ?1) AND last_seen >= ?2
      ORDER BY confidence_lower DESC, frequency DESC, patterns.id LIMIT ?3
      """
    let values = [SQLValue(agent?.text), .integer(since.nanoseconds), SQLValue(max(0, limit))]
    return try database.read(query, values) { row in
      try Self.pattern(row)
    }.compactMap(\.self)
  }

  /// nil for a row this version cannot read, such as a kind that came later.
  static func pattern(_ row: borrowing Row) throws(KaizenError) -> Pattern? {
    guard let agent = AgentID(try row.text(1)), let kind = Pattern.Kind(rawValue: try row.text(2))
    else { return nil }
    return Pattern(
      id: try row.text(0), agent: agent, kind: kind, title: try row.text(3),
      frequency: Int(try row.integer(4)), chances: Int(try row.integer(5)),
      confidence: try row.real(6), lowerBound: try row.real(7),
      firstSeen: Instant(nanoseconds: try row.integer(8)),
      lastSeen: Instant(nanoseconds: try row.integer(9)),
      evidence: try JSONDocument.parse(Array(try row.text(10).utf8)))
  }

  private static let learningColumns = """
    learning_events.id, agents.name, kind, title, text, impact, evidence, created, expires,
    applied_generation
    """

  /// The learnings of an agent that hold at `now`, those with the most impact first.
  func learnings(
    of agent: AgentID?, at now: Instant, limit: Int = InsightRules.learningsMax
  ) throws(KaizenError) -> [Learning] {
    let query = """
      SELECT \(Self.learningColumns) FROM learning_events JOIN agents ON agents.id = agent
      WHERE (?1 IS NULL OR agents.name = ?1) AND expires > ?2
      ORDER BY impact DESC, learning_events.id LIMIT ?3
      """
    let values = [SQLValue(agent?.text), .integer(now.nanoseconds), SQLValue(max(0, limit))]
    return try database.read(query, values) { row in
      try Self.learning(row)
    }.compactMap(\.self)
  }

  /// The learning of that id, where it still holds.
  func learning(_ id: String, at now: Instant) throws(KaizenError) -> Learning? {
    let query = """
      SELECT \(Self.learningColumns) FROM learning_events JOIN agents ON agents.id = agent
      WHERE learning_events.id = ? AND expires > ?
      """
    let found = try database.read(query, [.text(id), .integer(now.nanoseconds)]) { row in
      try Self.learning(row)
    }
    return found.compactMap(\.self).first
  }

  private static func learning(_ row: borrowing Row) throws(KaizenError) -> Learning? {
    guard let agent = AgentID(try row.text(1)), let kind = Learning.Kind(rawValue: try row.text(2))
    else { return nil }
    return Learning(
      id: try row.text(0), agent: agent, kind: kind, title: try row.text(3), text: try row.text(4),
      impact: try row.real(5), evidence: try JSONDocument.parse(Array(try row.text(6).utf8)),
      createdAt: Instant(nanoseconds: try row.integer(7)),
      expiresAt: Instant(nanoseconds: try row.integer(8)),
      appliedGeneration: try row.optionalInteger(9).map { GenerationNumber(Int($0)) })
  }

  /// Notes that the instructions of generation `generation` hold the learning.
  /// - Returns: whether there is such a learning.
  func markApplied(
    _ id: String, _ generation: GenerationNumber, at now: Instant
  ) throws(KaizenError) -> Bool {
    try database.write { db in
      try db.run(
        "UPDATE learning_events SET applied = ?, applied_generation = ? WHERE id = ?",
        [.integer(now.nanoseconds), .integer(Int64(generation.value)), .text(id)]) > 0
    }
  }
}

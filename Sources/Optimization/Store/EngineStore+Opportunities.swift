public import Model
import SQLite

/// An opportunity as it is stored.
public struct OpportunityRecord: Sendable {
  /// With its id.
  public var known: KnownOpportunity
  /// When it was first found.
  public var firstSeen: Instant
}

extension EngineStore {
  /// Opportunities kept of one agent; the ones closed longest ago go first.
  private static let opportunityCountMax: Int64 = 10_000

  /// Folds what an analysis found into what is known, and closes what `finders` no longer find.
  ///
  /// One opportunity is one (agent, type, component, title). A finder that failed closes nothing.
  func fold(
    _ found: [Opportunity], agent: AgentID, finders: [ComponentID], at time: Instant
  ) throws(KaizenError) -> [KnownOpportunity] {
    try database.write { connection -> [KnownOpportunity] in
      for finder in finders {
        _ = try connection.run(
          "UPDATE opportunities SET is_open = 0 WHERE agent = ? AND component = ?",
          [.text(agent.text), .text(finder.text)])
      }
      for opportunity in found { try Self.upsert(opportunity, time, connection) }
      _ = try connection.run(
        """
        DELETE FROM opportunities WHERE agent = ?1 AND is_open = 0 AND id NOT IN
          (SELECT id FROM opportunities WHERE agent = ?1 ORDER BY last_seen DESC LIMIT ?2)
        """, [.text(agent.text), .integer(Self.opportunityCountMax)])
      return try connection.read(
        """
        SELECT \(Self.opportunityColumns) FROM opportunities
        WHERE agent = ? AND is_open = 1 ORDER BY id
        """, [.text(agent.text)]
      ) { row in
        try Self.opportunity(row).known
      }
    }
  }

  /// What the last analysis of an agent found, the gravest first and of these the surest.
  func opportunities(of agent: AgentID, limit: Int) throws(KaizenError) -> [OpportunityRecord] {
    try database.read(
      """
      SELECT \(Self.opportunityColumns) FROM opportunities
      WHERE agent = ? AND is_open = 1
      ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3
        END, strength DESC, id
      LIMIT ?
      """, [.text(agent.text), SQLValue(limit)]
    ) { row in
      try Self.opportunity(row)
    }
  }

  private static let opportunityColumns =
    "id, agent, type, component, title, severity, strength, evidence, first_seen"

  private static func upsert(
    _ opportunity: Opportunity, _ time: Instant, _ connection: borrowing Connection
  ) throws(KaizenError) {
    _ = try connection.run(
      """
      INSERT INTO opportunities
        (agent, type, component, title, severity, strength, evidence, first_seen, last_seen, is_open)
      VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?8,1)
      ON CONFLICT (agent, type, component, title) DO UPDATE SET
        severity = ?5, strength = ?6, evidence = ?7, last_seen = ?8, is_open = 1
      """,
      [
        .text(opportunity.agent.text), .text(opportunity.type.rawValue),
        .text(opportunity.component.text), .text(opportunity.title),
        .text(opportunity.severity.rawValue), .real(opportunity.strength),
        .text(opportunity.evidence.text()), .integer(time.nanoseconds),
      ])
  }

  private static func opportunity(
    _ row: borrowing Row
  ) throws(KaizenError) -> OpportunityRecord {
    guard let agent = AgentID(try row.text(1)),
      let type = OpportunityType(rawValue: try row.text(2)),
      let component = ComponentID(try row.text(3))
    else {
      throw KaizenError("E_CORRUPT", "a stored opportunity is unusable", hint: nil)
    }
    let opportunity = Opportunity(
      type: type, severity: Severity(rawValue: try row.text(5)), agent: agent,
      component: component, title: try row.text(4), strength: try row.real(6),
      evidence: try parse(try row.text(7)))
    return OpportunityRecord(
      known: KnownOpportunity(id: "o-\(try row.integer(0))", opportunity: opportunity),
      firstSeen: Instant(nanoseconds: try row.integer(8)))
  }
}

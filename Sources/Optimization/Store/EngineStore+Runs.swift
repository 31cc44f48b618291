public import Model
import SQLite

extension EngineStore {
  /// Runs kept; the oldest go first, and their ids are never used again.
  private static let runCountMax: Int64 = 100_000

  /// Stores that a run begins, and gives it its number, which no other run ever has.
  func insertRun(
    of agent: AgentID, strategy: Strategy.Name, origin: Run.Origin, isDryRun: Bool,
    requestedBy: UInt32, at time: Instant
  ) throws(KaizenError) -> Int64 {
    try database.write { connection in
      _ = try connection.run(
        """
        INSERT INTO optimization_runs
          (agent, strategy, origin, is_dry_run, requested_by, started_at)
        VALUES (?,?,?,?,?,?)
        """,
        [
          .text(agent.text), .text(strategy.rawValue), .text(origin.rawValue),
          .integer(isDryRun ? 1 : 0), .integer(Int64(requestedBy)), .integer(time.nanoseconds),
        ])
      let number = connection.lastInsertedRowID()
      _ = try connection.run(
        "DELETE FROM optimization_runs WHERE id <= ?", [.integer(number - Self.runCountMax)])
      return number
    }
  }

  /// Takes back a run that could not begin after all.
  func removeRun(_ number: Int64) throws(KaizenError) {
    try database.write { connection in
      _ = try connection.run("DELETE FROM optimization_runs WHERE id = ?", [.integer(number)])
    }
  }

  /// Stores how a run ended, and the health it began from.
  func endRun(_ run: Run) throws(KaizenError) {
    try database.write { connection in
      _ = try connection.run(
        """
        UPDATE optimization_runs
        SET ended_at = ?, verdict = ?, code = ?, reason = ?, health = ? WHERE id = ?
        """,
        [
          SQLValue(run.endedAt?.nanoseconds), SQLValue(run.ending?.verdict.rawValue),
          SQLValue(run.ending?.code), SQLValue(run.ending?.reason), SQLValue(run.healthBefore),
          .integer(run.number),
        ])
    }
  }

  /// The last run of an agent that ended; nil where none did.
  func lastRun(of agent: AgentID) throws(KaizenError) -> PastRun? {
    try database.first(
      """
      SELECT id, origin, started_at, ended_at, verdict, reason, health FROM optimization_runs
      WHERE agent = ? AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1
      """, [.text(agent.text)]
    ) { row in
      PastRun(
        id: "r-\(try row.integer(0))",
        origin: Run.Origin(rawValue: try row.text(1)) ?? .user,
        startedAt: Instant(nanoseconds: try row.integer(2)),
        endedAt: Instant(nanoseconds: try row.integer(3)),
        verdict: try row.optionalText(4).flatMap(Verdict.init(rawValue:)),
        reason: try row.optionalText(5), health: try row.optionalReal(6))
    }
  }

  /// The health that the run of a plan began from; nil where it was not known.
  func healthBefore(plan: String) throws(KaizenError) -> Double? {
    try database.first(
      """
      SELECT r.health FROM optimization_plans p JOIN optimization_runs r ON r.id = p.run
      WHERE p.id = ?
      """, [.integer(Int64(plan.dropFirst(2)) ?? 0)]
    ) { row in
      try row.optionalReal(0)
    } ?? nil
  }
}

/// A run that is over, as it is stored.
public struct PastRun: Hashable, Sendable {
  /// Its id.
  public var id: String
  /// Who began it.
  public var origin: Run.Origin
  /// When it began.
  public var startedAt: Instant
  /// When it ended.
  public var endedAt: Instant
  /// How.
  public var verdict: Verdict?
  /// Why.
  public var reason: String?
  /// The health it began from.
  public var health: Double?
}

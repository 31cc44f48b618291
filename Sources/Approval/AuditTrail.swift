public import Model
public import SQLite

/// The append-only, hash-chained record of every decision and switch.
///
/// The chain shows that an entry was changed, removed or put in between. It cannot show that the
/// last entries were cut off, or that somebody with the file wrote all of it anew: for that, note
/// the head now and then where the daemon cannot write.
public struct AuditTrail: Sendable {
  /// Most entries of one list.
  public static let listCountMax = 10_000
  /// Entries checked before others may read the database again.
  static let verifyStepCount = 1000
  /// Longest text of an entry's details, in bytes.
  public static let detailsBytesMax = 256 << 10

  private static let columns =
    "sequence, time_ns, actor, action, agent, subject, details, previous, hash"

  private let database: Database
  private let now: @Sendable () -> Instant

  /// The trail in `database`, whose schema has `AdmiralSchema.statements`.
  public init(database: Database, now: @escaping @Sendable () -> Instant) {
    self.database = database
    self.now = now
  }

  /// Records `act`; when this returns, the entry is committed.
  @discardableResult
  public func append(_ act: AuditEntry.Act) throws(KaizenError) -> AuditEntry {
    try database.write { connection throws(KaizenError) in try append(act, on: connection) }
  }

  /// Records `act` within the transaction of `connection`, so that a change and its record are both
  /// there or neither.
  @discardableResult
  public func append(
    _ act: AuditEntry.Act, on connection: borrowing Connection
  ) throws(KaizenError) -> AuditEntry {
    let last = try connection.first(
      "SELECT \(Self.columns) FROM audit ORDER BY sequence DESC LIMIT 1", [], Self.entry)
    let entry = AuditEntry(
      act, after: last?.sequence ?? 0, previous: last?.hash ?? AuditEntry.genesis, time: now())
    if entry.details.utf8.count > Self.detailsBytesMax {
      throw KaizenError(
        "E_TOO_LARGE",
        "audit \(act.action): \(entry.details.utf8.count) bytes of details, at most "
          + "\(Self.detailsBytesMax)", hint: "record a digest in their place")
    }
    try connection.run(
      "INSERT INTO audit (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        .integer(entry.sequence), .integer(entry.time.nanoseconds), .text(entry.actor),
        .text(entry.action), SQLValue(entry.agent), SQLValue(entry.subject),
        .text(entry.details), .text(entry.previous), .text(entry.hash),
      ])
    return entry
  }

  /// The latest entries, newest first, of one agent or of all.
  public func list(agent: AgentID? = nil, limit: Int) throws(KaizenError) -> [AuditEntry] {
    let count = Int64(max(0, min(limit, Self.listCountMax)))
    return try database.read(
      """
      SELECT \(Self.columns) FROM audit WHERE ?1 IS NULL OR agent = ?1
      ORDER BY sequence DESC LIMIT ?2
      """, [SQLValue(agent?.text), .integer(count)], Self.entry)
  }

  /// The entries that follow the one of that number, oldest first.
  public func list(after sequence: Int64, limit: Int) throws(KaizenError) -> [AuditEntry] {
    let count = Int64(max(0, min(limit, Self.listCountMax)))
    return try database.read(
      "SELECT \(Self.columns) FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
      [.integer(sequence), .integer(count)], Self.entry)
  }

  /// Checks the whole chain.
  ///
  /// Entries only ever come at its end, so it is read in steps, and others read in between.
  /// - Complexity: O(n) for n entries, one in memory at a time.
  public func verify() throws(KaizenError) -> AuditCheck {
    var checker = AuditChecker()
    while true {
      let before = checker
      checker = try step(before)
      let count = checker.count - before.count
      if count < Int64(Self.verifyStepCount) || checker.isBroken { return checker.result }
    }
  }

  /// Checks the entries that follow those which `before` has seen, at most `verifyStepCount`.
  private func step(_ before: AuditChecker) throws(KaizenError) -> AuditChecker {
    // What an intact chain has seen are the numbers from 1 to its count.
    let last = before.count == 0 ? Int64.min : before.count
    return try database.read { connection throws(KaizenError) -> AuditChecker in
      var checker = before
      try connection.forEach(
        "SELECT \(Self.columns) FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
        [.integer(last), .integer(Int64(Self.verifyStepCount))]
      ) { row throws(KaizenError) in checker.check(try Self.entry(row)) }
      return checker
    }
  }

  private static func entry(_ row: borrowing Row) throws(KaizenError) -> AuditEntry {
    AuditEntry(
      sequence: try row.integer(0), time: Instant(nanoseconds: try row.integer(1)),
      actor: try row.text(2), action: try row.text(3), agent: try row.optionalText(4),
      subject: try row.optionalText(5), details: try row.text(6), previous: try row.text(7),
      hash: try row.text(8))
  }
}

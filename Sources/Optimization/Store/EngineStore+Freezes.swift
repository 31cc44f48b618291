public import Model
import SQLite

/// A time in which nothing new goes live, for one agent or for all.
public struct Freeze: Hashable, Sendable {
  /// The agent; nil is all of them.
  public var agent: AgentID?
  /// When it ends by itself.
  public var until: Instant
  /// When it began.
  public var since: Instant
  /// Who asked for it.
  public var user: UInt32
  /// Why, for people.
  public var reason: String?

  /// What is refused because of it.
  func error(promoting id: AgentID) -> KaizenError {
    let what = agent.map { "\($0) is" } ?? "all agents are"
    let why = reason.map { " (\($0))" } ?? ""
    return KaizenError(
      "E_FROZEN", "\(what) frozen until \(until) by uid \(user)\(why)",
      hint: "`kaizen unfreeze\(agent.map { " \($0)" } ?? "")` ends that; rollbacks of \(id) go on")
  }
}

extension EngineStore {
  private static let freezeColumns = "agent, until, since, by_user, reason"

  /// Stores a freeze in place of an earlier one, with what `body` does in the same transaction.
  func set(
    _ freeze: Freeze, with body: (borrowing Connection) throws -> Void
  ) throws(KaizenError) {
    try database.write { connection in
      try body(connection)
      _ = try connection.run(
        "DELETE FROM freezes WHERE until <= ?", [.integer(freeze.since.nanoseconds)])
      _ = try connection.run(
        "INSERT OR REPLACE INTO freezes (\(Self.freezeColumns)) VALUES (?,?,?,?,?)",
        [
          .text(freeze.agent?.text ?? ""), .integer(freeze.until.nanoseconds),
          .integer(freeze.since.nanoseconds), .integer(Int64(freeze.user)),
          SQLValue(freeze.reason),
        ])
    }
  }

  /// Ends the freeze of exactly that agent, or of all; false where there is none.
  func endFreeze(
    of agent: AgentID?, at time: Instant, with body: (borrowing Connection) throws -> Void
  ) throws(KaizenError) -> Bool {
    try database.write { connection -> Bool in
      let found = try connection.first(
        "SELECT 1 FROM freezes WHERE agent = ? AND until > ?",
        [.text(agent?.text ?? ""), .integer(time.nanoseconds)]
      ) { row in try row.integer(0) }
      if found == nil { return false }
      try body(connection)
      _ = try connection.run(
        "DELETE FROM freezes WHERE agent = ?", [.text(agent?.text ?? "")])
      return true
    }
  }

  /// Every freeze in force, that of all agents first.
  func freezes(at time: Instant) throws(KaizenError) -> [Freeze] {
    try database.read(
      "SELECT \(Self.freezeColumns) FROM freezes WHERE until > ? ORDER BY agent",
      [.integer(time.nanoseconds)]
    ) { row in
      try Self.freeze(row)
    }
  }

  /// The freeze that an agent is under the longest; nil where it is under none.
  func freeze(of agent: AgentID, at time: Instant) throws(KaizenError) -> Freeze? {
    try database.read { connection in
      try Self.freeze(of: agent, at: time, on: connection)
    }
  }

  /// The same within the transaction of `connection`.
  static func freeze(
    of agent: AgentID, at time: Instant, on connection: borrowing Connection
  ) throws(KaizenError) -> Freeze? {
    try connection.first(
      """
      SELECT \(freezeColumns) FROM freezes WHERE agent IN ('', ?) AND until > ?
      ORDER BY until DESC LIMIT 1
      """, [.text(agent.text), .integer(time.nanoseconds)]
    ) { row in
      try Self.freeze(row)
    }
  }

  private static func freeze(_ row: borrowing Row) throws(KaizenError) -> Freeze {
    Freeze(
      agent: AgentID(try row.text(0)), until: Instant(nanoseconds: try row.integer(1)),
      since: Instant(nanoseconds: try row.integer(2)),
      user: UInt32(truncatingIfNeeded: try row.integer(3)), reason: try row.optionalText(4))
  }
}

import Model
import SQLite

extension EngineStore {
  /// Components that a person disabled, by id, with the uid.
  func disabledComponents() throws(KaizenError) -> [String: UInt32] {
    let rows = try database.read("SELECT id, by_user FROM disabled_components", []) { row in
      (id: try row.text(0), user: UInt32(truncatingIfNeeded: try row.integer(1)))
    }
    return Dictionary(rows.map { ($0.id, $0.user) }) { first, _ in first }
  }

  /// Stores that a component is disabled or enabled, with what `body` does in the same transaction.
  func setDisabled(
    _ id: String, _ isDisabled: Bool, by user: UInt32, at time: Instant,
    with body: (borrowing Connection) throws -> Void
  ) throws(KaizenError) {
    try database.write { connection in
      try body(connection)
      if isDisabled {
        _ = try connection.run(
          "INSERT OR REPLACE INTO disabled_components (id, since, by_user) VALUES (?,?,?)",
          [.text(id), .integer(time.nanoseconds), .integer(Int64(user))])
      } else {
        _ = try connection.run("DELETE FROM disabled_components WHERE id = ?", [.text(id)])
      }
    }
  }
}

internal import Model
internal import SQLite

/// Operations that were started: kept until a success or a failure ends them.
extension WriteBatch {
  func start(
    _ operation: OpenOperation, _ db: borrowing Connection
  ) throws(KaizenError) -> JobOutcome {
    guard let agent = try agent(operation.agent, db) else {
      return JobOutcome(refused: [(0, tooManyAgents(operation.agent))])
    }
    let key = writer.key(agent, operation.operation)
    // Its end may have come first, or the start twice.
    let ended = (writer.seen[key] ?? 0) & 0b11 != 0
    if ended || writer.open[key] != nil { return JobOutcome(duplicate: 1) }
    guard writer.open.count < Writer.openOperationsMax else {
      return JobOutcome(refused: [
        (
          0,
          KaizenError(
            "E_BUSY", "\(Writer.openOperationsMax) operations are running already",
            hint: "record the ends of those that have ended")
        )
      ])
    }
    try db.run(
      "INSERT OR REPLACE INTO open_operations VALUES (?, ?, ?, ?)",
      [
        .integer(Int64(agent)), .text(operation.operation),
        SQLValue(operation.generation > 0 ? Int64(operation.generation) : nil),
        .integer(operation.started),
      ])
    writer.open[key] = agent
    opened.append((agent, key, operation))
    return JobOutcome(stored: 1)
  }

  func close(
    _ agent: Int32, _ key: UInt64, _ operation: String, _ db: borrowing Connection
  ) throws(KaizenError) {
    guard writer.open.removeValue(forKey: key) != nil else { return }
    closed.append((agent, key))
    try db.run(
      "DELETE FROM open_operations WHERE agent = ? AND operation = ?",
      [.integer(Int64(agent)), .text(operation)])
  }
}

internal import Model
internal import SQLite
internal import Synchronization

extension Writer {
  /// Running operations older than this are forgotten, in seconds: 30 days.
  private static let openSecondsMax: Int64 = 30 * 86_400

  /// Brings back into memory what the file holds: names, the newest entries, recent ids.
  func load() throws(KaizenError) {
    var memory = FeedbackMemory(rowsMax: self.memory.withLock { $0.rowsMax })
    try loadNames(&memory)
    lastEntry = try edge("max") ?? 0
    firstEntry = try edge("min") ?? lastEntry + 1
    if let next = try restore(from: &memory) {
      try loadRows(from: next, &memory)
    } else {
      let firstRow = max(firstEntry, lastEntry - Int64(memory.rowsMax) + 1)
      try loadIDs(before: firstRow)
      try loadRows(from: firstRow, &memory)
    }
    try loadTotals(&memory)
    try loadOpen(&memory)
    idsBegan = now().seconds
    self.memory.withLock { $0 = memory }
  }

  private func edge(_ function: String) throws(KaizenError) -> Int64? {
    try database.first("SELECT \(function)(id) FROM feedback_entries") { row in
      try row.optionalInteger(0)
    }.flatMap { $0 }
  }

  private func loadNames(_ memory: inout FeedbackMemory) throws(KaizenError) {
    for name in try database.read("SELECT name FROM agents ORDER BY id", [], { try $0.text(0) }) {
      agents[name] = Int32(agents.count)
      memory.addAgent(name)
    }
    let errors = "SELECT name FROM error_types ORDER BY id"
    for name in try database.read(errors, [], { try $0.text(0) }) {
      errorTypes[name] = Int32(errorTypes.count)
      memory.addErrorType(name)
    }
  }

  /// The ids of the last day that are older than the rows kept in memory.
  private func loadIDs(before end: Int64) throws(KaizenError) {
    let recent = try firstEntry(
      since: now().seconds - Self.idSeconds, first: firstEntry, last: lastEntry)
    let start = max(recent, end - Int64(Self.idsMax))
    guard start < end else { return }
    try database.read { db in
      let query = """
        SELECT id, agent, idempotency_id FROM feedback_entries
        WHERE id >= ? AND id < ? AND idempotency_id IS NOT NULL ORDER BY id
        """
      try db.forEach(query, [.integer(start), .integer(end)]) { row in
        let agent = Int32(truncatingIfNeeded: try row.integer(1))
        self.ids.set(try row.withText(2) { self.key(agent, $0) }, try row.integer(0))
      }
    }
  }

  /// The first entry received at `moment` or later, by bisection: `received` rises with the id.
  func firstEntry(
    since moment: Int64, first: Int64, last: Int64
  ) throws(KaizenError) -> Int64 {
    var low = first
    var high = last + 1
    while low < high {
      let middle = low + (high - low) / 2
      let received = try database.first(
        "SELECT received FROM feedback_entries WHERE id >= ? ORDER BY id LIMIT 1",
        [.integer(middle)]
      ) { try $0.integer(0) }
      if let received, received < moment { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func loadRows(
    from first: Int64, _ memory: inout FeedbackMemory
  ) throws(KaizenError) {
    let idsSince = now().seconds - Self.idSeconds
    let query = """
      SELECT id, agent, time, type, source, operation, score, duration, memory_mb, cpu_percent,
        error_type, generation, received, idempotency_id
      FROM feedback_entries WHERE id >= ? ORDER BY id
      """
    memory = try database.read { [memory] db in
      var memory = memory
      try db.forEach(query, [.integer(first)]) { row in
        let entry = try self.columnRow(row, agents: memory.agents.count)
        memory.append(entry)
        if try row.integer(12) >= idsSince, !row.isNull(13) {
          self.ids.set(
            try row.withText(13) { self.key(entry.agent, $0) }, try row.integer(0))
        }
      }
      return memory
    }
  }

  private func columnRow(
    _ row: borrowing Row, agents: Int
  ) throws(KaizenError) -> ColumnRow {
    let agent = try row.integer(1)
    guard agent >= 0, agent < agents else {
      throw KaizenError(
        "E_CORRUPT", "\(database.path): entry \(try row.integer(0)) is of agent \(agent), unknown",
        hint: "restore the newest .backup of the file")
    }
    return ColumnRow(
      agent: Int32(agent), time: try row.integer(2),
      operation: try row.withText(5) { self.key(Int32(agent), $0) },
      score: try row.optionalReal(6) ?? .nan,
      duration: try row.optionalInteger(7).map { Double($0) / 1e6 } ?? .nan,
      memory: Float(try row.optionalReal(8) ?? .nan), cpu: Float(try row.optionalReal(9) ?? .nan),
      error: Int32(clamping: try row.optionalInteger(10) ?? -1),
      generation: Int32(clamping: try row.optionalInteger(11) ?? 0),
      type: UInt8(clamping: try row.integer(3)), source: UInt8(clamping: try row.integer(4)))
  }

  private func loadTotals(_ memory: inout FeedbackMemory) throws(KaizenError) {
    let query = """
      SELECT agent, type, sum(operations) FROM score_aggregates WHERE type <= 1 GROUP BY agent, type
      """
    let totals = try database.read(query) { row in
      (try row.integer(0), try row.integer(1), Int(try row.integer(2)))
    }
    for (agent, type, count) in totals where agent < memory.agents.count {
      let isSuccess = type == FeedbackType.success.code
      memory.count(
        Int32(agent), successes: isSuccess ? count : 0, failures: isSuccess ? 0 : count)
    }
  }

  private func loadOpen(_ memory: inout FeedbackMemory) throws(KaizenError) {
    let oldest = (now().seconds - Self.openSecondsMax) * 1_000_000_000
    try database.write { db in
      try db.run("DELETE FROM open_operations WHERE started < ?", [.integer(oldest)])
    }
    let query = "SELECT agent, operation, generation, started FROM open_operations"
    let running = try database.read(query) { row in
      (
        Int32(clamping: try row.integer(0)), try row.text(1),
        Int32(clamping: try row.optionalInteger(2) ?? 0), try row.integer(3)
      )
    }
    for (agent, operation, generation, started) in running where agent < memory.agents.count {
      let key = self.key(agent, operation)
      open[key] = agent
      memory.open(
        agent, key,
        OpenOperation(
          agent: memory.agents[Int(agent)].name, operation: operation, generation: generation,
          started: started))
    }
  }
}

internal import Model
internal import SQLite
internal import Synchronization

/// The work of one commit: what goes to disk within the transaction, and what memory learns after
/// it; `undo` takes back what the writer learnt where the commit has failed.
final class WriteBatch {
  let writer: Writer
  /// Seconds since the epoch.
  let received: Int64

  private var rows: [ColumnRow] = []
  var newAgents: [String] = []
  var newErrorTypes: [String] = []
  private var newIDs: [UInt64] = []
  private var seenBefore: [(key: UInt64, types: UInt8?)] = []
  var opened: [(agent: Int32, key: UInt64, operation: OpenOperation)] = []
  var closed: [(agent: Int32, key: UInt64)] = []
  private var aggregates = Aggregates()
  private let firstEntry: Int64
  /// Entries before this one are removed.
  var trimmed: Int64?

  init(writer: Writer, received: Int64) {
    self.writer = writer
    self.received = received
    firstEntry = writer.lastEntry
  }

  func apply(
    _ jobs: [WriteJob], _ db: borrowing Connection
  ) throws(KaizenError) -> [JobOutcome] {
    var outcomes: [JobOutcome] = []
    for job in jobs {
      switch job {
      case .start(let operation): outcomes.append(try start(operation, db))
      case .records(let records): outcomes.append(try store(records, db))
      case .trim(let limit): outcomes.append(try trim(before: limit, db))
      case .freeze: outcomes.append(JobOutcome())
      }
    }
    try aggregates.write(db)
    return outcomes
  }

  // MARK: Within the transaction

  private func store(
    _ records: [PreparedRecord], _ db: borrowing Connection
  ) throws(KaizenError) -> JobOutcome {
    var outcome = JobOutcome()
    rows.reserveCapacity(rows.count + records.count)
    try db.withStatement(Self.insert) { statement in
      for (index, record) in records.enumerated() {
        guard let agent = try agent(record.agent, db) else {
          outcome.refused.append((index, tooManyAgents(record.agent)))
          continue
        }
        if try isDuplicate(record, agent, db) {
          outcome.duplicate += 1
          continue
        }
        try insert(record, agent, statement, db)
        outcome.stored += 1
      }
    }
    return outcome
  }

  private func insert(
    _ record: PreparedRecord, _ agent: Int32, _ statement: borrowing Statement,
    _ db: borrowing Connection
  ) throws(KaizenError) {
    let error = try errorType(record.errorType, db)
    var record = record
    if let name = record.errorType, writer.errorTypes[name] == nil { keep(name, in: &record) }
    writer.lastEntry += 1
    if let id = record.idempotencyID {
      let key = writer.key(agent, id)
      writer.ids.set(key, writer.lastEntry)
      newIDs.append(key)
    }
    try bind(record, agent, error, statement)
    try statement.run()
    let key = writer.key(agent, record.operation)
    note(record, agent, key)
    if record.type <= FeedbackType.failure.code { try close(agent, key, record.operation, db) }
    rows.append(
      ColumnRow(
        agent: agent, time: record.time, operation: key, score: record.score,
        duration: record.duration < 0 ? .nan : Double(record.duration) / 1e6,
        memory: Float(record.memory), cpu: Float(record.cpu), error: error ?? -1,
        generation: record.generation, type: record.type, source: record.source))
  }

  private func bind(
    _ record: PreparedRecord, _ agent: Int32, _ error: Int32?, _ statement: borrowing Statement
  ) throws(KaizenError) {
    try statement.bind(1, writer.lastEntry)
    try statement.bind(2, Int64(agent))
    try statement.bind(3, record.time)
    try statement.bind(4, received)
    try statement.bind(5, Int64(record.type))
    try statement.bind(6, Int64(record.source))
    try statement.bind(7, record.operation)
    try statement.bind(8, record.score)  // NaN is stored as NULL, here and below
    try statement.bind(9, SQLValue(record.duration < 0 ? nil : record.duration))
    try statement.bind(10, record.memory)
    try statement.bind(11, record.cpu)
    try statement.bind(12, SQLValue(error.map(Int64.init)))
    try statement.bind(13, SQLValue(record.generation > 0 ? Int64(record.generation) : nil))
    try statement.bind(14, SQLValue(record.idempotencyID))
    try statement.bind(15, SQLValue(record.details))
  }

  private static let insert =
    "INSERT INTO feedback_entries VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

  /// Counts an operation once for each type, as far back as `seen` remembers.
  private func note(_ record: PreparedRecord, _ agent: Int32, _ key: UInt64) {
    let before = writer.seen[key]
    let bit: UInt8 = 1 << record.type
    let isNewType = (before ?? 0) & bit == 0
    if isNewType {
      seenBefore.append((key, before))
      writer.seen.set(key, (before ?? 0) | bit)
    }
    aggregates.add(record, agent: agent, isNewType: isNewType, isNew: before == nil)
  }

  /// Whether the id was stored before; the entry itself is looked at, a hash alone is no proof.
  private func isDuplicate(
    _ record: PreparedRecord, _ agent: Int32, _ db: borrowing Connection
  ) throws(KaizenError) -> Bool {
    guard let id = record.idempotencyID, let entry = writer.ids[writer.key(agent, id)]
    else { return false }
    return try db.first(
      "SELECT 1 FROM feedback_entries WHERE id = ? AND agent = ? AND idempotency_id = ?",
      [.integer(entry), .integer(Int64(agent)), .text(id)]
    ) { _ in true } ?? false
  }

  // MARK: After the transaction

  /// Shows what was committed to those who ask.
  func publish() {
    writer.memory.withLock { memory in
      for name in newAgents { memory.addAgent(name) }
      for name in newErrorTypes { memory.addErrorType(name) }
      for row in rows { memory.append(row) }
      if let trimmed {
        // What is removed from the disk leaves memory too: a restart must not change an answer.
        let firstInMemory = writer.lastEntry - Int64(memory.rowCount) + 1
        if trimmed > firstInMemory { memory.dropFirst(Int(trimmed - firstInMemory)) }
      }
      for (agent, key, operation) in opened { memory.open(agent, key, operation) }
      for (agent, key) in closed { memory.close(agent, key) }
      for (key, delta) in aggregates.deltas {
        memory.count(
          key.agent, successes: key.type == FeedbackType.success.code ? delta.operations : 0,
          failures: key.type == FeedbackType.failure.code ? delta.operations : 0)
      }
    }
  }

  /// Notes what the writer alone keeps.
  func settle() {
    if let trimmed { writer.firstEntry = trimmed }
  }

  /// Forgets what was not committed.
  func undo() {
    for name in newAgents { writer.agents.removeValue(forKey: name) }
    for name in newErrorTypes { writer.errorTypes.removeValue(forKey: name) }
    for key in newIDs { writer.ids.remove(key) }
    for (key, types) in seenBefore.reversed() {
      if let types { writer.seen.set(key, types) } else { writer.seen.remove(key) }
    }
    for (agent, key) in closed { writer.open[key] = agent }
    for (_, key, _) in opened { writer.open.removeValue(forKey: key) }
    writer.lastEntry = firstEntry
  }
}

internal import Model
internal import SQLite

/// What one commit adds to score_aggregates.
struct Aggregates {
  struct Key: Hashable {
    var agent: Int32
    /// Days since 1970, UTC.
    var day: Int64
    var generation: Int32
    var type: UInt8
  }

  struct Delta {
    var records = 0
    var operations = 0
    var newOperations = 0
    var errors = 0
    var scoreCount = 0
    var scoreSum = 0.0
    var durationCount = 0
    var durationSum: Int64 = 0
    var firstTime = Int64.max
    var lastTime = Int64.min
  }

  /// Nanoseconds of a day.
  static let dayNanoseconds: Int64 = 86_400_000_000_000

  private(set) var deltas: [Key: Delta] = [:]

  /// - Parameters:
  ///   - isNewType: the operation's first record of this type.
  ///   - isNew: the operation's first record of any type.
  mutating func add(_ record: PreparedRecord, agent: Int32, isNewType: Bool, isNew: Bool) {
    let key = Key(
      agent: agent, day: record.time / Self.dayNanoseconds, generation: record.generation,
      type: record.type)
    update(&deltas[key, default: Delta()], record, isNewType: isNewType, isNew: isNew)
  }

  private func update(
    _ delta: inout Delta, _ record: PreparedRecord, isNewType: Bool, isNew: Bool
  ) {
    delta.records += 1
    if isNewType { delta.operations += 1 }
    if isNew { delta.newOperations += 1 }
    if record.errorType != nil { delta.errors += 1 }
    if !record.score.isNaN {
      delta.scoreCount += 1
      delta.scoreSum += record.score
    }
    if record.duration >= 0 {
      delta.durationCount += 1
      delta.durationSum += record.duration
    }
    delta.firstTime = min(delta.firstTime, record.time)
    delta.lastTime = max(delta.lastTime, record.time)
  }

  /// Adds the deltas to the rows on disk.
  func write(_ db: borrowing Connection) throws(KaizenError) {
    try db.withStatement(Self.upsert) { statement in
      for (key, delta) in deltas {
        try statement.bind(1, Int64(key.agent))
        try statement.bind(2, key.day)
        try statement.bind(3, Int64(key.generation))
        try statement.bind(4, Int64(key.type))
        try statement.bind(5, Int64(delta.records))
        try statement.bind(6, Int64(delta.operations))
        try statement.bind(7, Int64(delta.newOperations))
        try statement.bind(8, Int64(delta.errors))
        try statement.bind(9, Int64(delta.scoreCount))
        try statement.bind(10, delta.scoreSum)
        try statement.bind(11, Int64(delta.durationCount))
        try statement.bind(12, delta.durationSum)
        try statement.bind(13, delta.firstTime)
        try statement.bind(14, delta.lastTime)
        try statement.run()
      }
    }
  }

  // https://sqlite.org/lang_upsert.html
  private static let upsert = """
    INSERT INTO score_aggregates VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
    ON CONFLICT DO UPDATE SET
      records = records + excluded.records,
      operations = operations + excluded.operations,
      new_operations = new_operations + excluded.new_operations,
      errors = errors + excluded.errors,
      score_count = score_count + excluded.score_count,
      score_sum = score_sum + excluded.score_sum,
      duration_count = duration_count + excluded.duration_count,
      duration_sum = duration_sum + excluded.duration_sum,
      first_time = min(first_time, excluded.first_time),
      last_time = max(last_time, excluded.last_time)
    """
}

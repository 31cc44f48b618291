internal import Model

/// One record as analysis sees it; numbers as in `FeedbackWindow`.
struct ColumnRow: Sendable {
  /// agents.id.
  var agent: Int32
  var time: Int64
  /// A hash of agent and operation.
  var operation: UInt64
  var score: Double
  /// Milliseconds.
  var duration: Double
  var memory: Float
  var cpu: Float
  /// error_types.id, or −1.
  var error: Int32
  /// 0: absent.
  var generation: Int32
  /// `FeedbackType.code`.
  var type: UInt8
  /// `FeedbackSource.code`.
  var source: UInt8
}

/// The newest records of one agent, a column for each field, in the order they came.
struct AgentColumns: Sendable {
  var times: [Int64] = []
  var operations: [UInt64] = []
  var scores: [Double] = []
  var durations: [Double] = []
  var memory: [Float] = []
  var cpu: [Float] = []
  var errors: [Int32] = []
  var generations: [Int32] = []
  var types: [UInt8] = []
  var sources: [UInt8] = []
  /// The rows before this one are dropped, and removed when they are half of all.
  private var head = 0
  /// The latest time of a row that was dropped; whoever asks for time up to there sees a part.
  private(set) var droppedUntil = Int64.min
  /// Rows dropped for want of room.
  private(set) var droppedCount = 0

  /// The rows that count.
  var rows: Range<Int> { head..<times.count }
  /// Rows dropped and removed: the number of row 0, counted from the agent's first row.
  var base: Int { droppedCount - head }
  /// Rows that ever came.
  var end: Int { base + times.count }

  init() {}

  /// Columns that were stored, all of the same length.
  init(droppedUntil: Int64, droppedCount: Int, _ read: (inout AgentColumns) -> Void) {
    self.droppedUntil = droppedUntil
    self.droppedCount = droppedCount
    read(&self)
  }

  mutating func append(_ row: ColumnRow) {
    times.append(row.time)
    operations.append(row.operation)
    scores.append(row.score)
    durations.append(row.duration)
    memory.append(row.memory)
    cpu.append(row.cpu)
    errors.append(row.error)
    generations.append(row.generation)
    types.append(row.type)
    sources.append(row.source)
  }

  /// Drops the row that came first.
  /// - Complexity: O(1) amortized.
  mutating func dropFirst() {
    guard !rows.isEmpty else { return }
    droppedUntil = max(droppedUntil, times[head])
    droppedCount += 1
    head += 1
    if head > 1024, head * 2 > times.count { compact() }
  }

  /// The rows whose time is in [`from`, `to`), and of that generation where one is given.
  func select(
    from: Int64, to: Int64, generation: Int32? = nil, _ body: (Int) -> Void
  ) {
    times.withUnsafeBufferPointer { times in
      for row in rows where times[row] >= from && times[row] < to {
        if let generation, generations[row] != generation { continue }
        body(row)
      }
    }
  }

  private mutating func compact() {
    times.removeFirst(head)
    operations.removeFirst(head)
    scores.removeFirst(head)
    durations.removeFirst(head)
    memory.removeFirst(head)
    cpu.removeFirst(head)
    errors.removeFirst(head)
    generations.removeFirst(head)
    types.removeFirst(head)
    sources.removeFirst(head)
    head = 0
  }
}

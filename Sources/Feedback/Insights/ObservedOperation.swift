internal import Model

/// One operation put together from its records; a text is a number of the journal's words.
struct ObservedOperation: Sendable {
  /// A dimension's scores, added up.
  struct Score: Sendable {
    var sum = 0.0
    var count = 0
    var mean: Double { sum / Double(count) }
  }

  /// The entry of its last record.
  var entry: Int64
  /// When its first record is of, in nanoseconds since 1970.
  var first: Int64
  /// When its last record is of.
  var last: Int64
  private var hasSucceeded = false
  private var hasFailure = false
  var errorType: Int32 = -1
  var template: Int32 = -1
  var text: Int32 = -1
  var session: Int32 = -1
  private var contexts: [OperationContext: Int32] = [:]
  /// Milliseconds, of several records the last one's; NaN where none says, as below.
  var duration = Float.nan
  /// MiB, the most.
  var memory = Float.nan
  /// Percent, the most.
  var cpu = Float.nan
  var scores: [Int32: Score] = [:]

  init(_ record: Observation) {
    entry = record.entry
    first = record.time
    last = record.time
    add(record)
  }

  /// One that both succeeded and failed, such as one whose test failed later, has failed; so has one
  /// of which only an error is known.
  var isFailed: Bool { hasFailure || errorType >= 0 && !hasSucceeded }

  /// Whether it is known how it ended.
  var isDecided: Bool { hasSucceeded || isFailed }

  /// The word for one of the things that set operations apart, or −1.
  func word(_ context: OperationContext) -> Int32 { contexts[context] ?? -1 }

  mutating func add(_ record: Observation) {
    entry = max(entry, record.entry)
    first = min(first, record.time)
    last = max(last, record.time)
    if record.type == .success { hasSucceeded = true }
    if record.type == .failure { hasFailure = true }
    if record.errorType >= 0 { errorType = record.errorType }
    if record.template >= 0 {
      template = record.template
      text = record.text
    }
    if record.session >= 0 { session = record.session }
    note(.domain, record.domain)
    note(.model, record.model)
    note(.complexity, record.complexity)
    note(.tool, record.tool)
    if !record.duration.isNaN { duration = record.duration }
    if !record.memory.isNaN { memory = memory.isNaN ? record.memory : max(memory, record.memory) }
    if !record.cpu.isNaN { cpu = cpu.isNaN ? record.cpu : max(cpu, record.cpu) }
    for score in record.scores where score.dimension >= 0 {
      scores[score.dimension, default: Score()].sum += Double(score.value)
      scores[score.dimension, default: Score()].count += 1
    }
  }

  private mutating func note(_ context: OperationContext, _ word: Int32) {
    if word >= 0 { contexts[context] = word }
  }

  /// The operations of these records, in the order in which they began.
  static func all(in records: some Sequence<Observation>) -> [ObservedOperation] {
    var operations: [UInt64: ObservedOperation] = [:]
    for record in records {
      if operations[record.operation]?.add(record) == nil {
        operations[record.operation] = ObservedOperation(record)
      }
    }
    return operations.values.sorted { ($0.first, $0.entry) < ($1.first, $1.entry) }
  }
}

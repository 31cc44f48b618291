internal import Control
internal import JSONStream
internal import Linux
internal import Model
internal import PluginHost

/// Feedback from a file instead of a database: what an analyzer is shown of one agent.
struct TryFeedback {
  /// Most bytes of the file.
  static let fileBytesMax = 256 << 20
  /// Most rows, as the daemon hands over at most.
  static let rowCountMax = 100_000

  /// The agent of the first record; the others' records are left out.
  private(set) var agent: AgentID
  private(set) var metrics = AgentMetrics()
  private(set) var window = FeedbackWindow()
  /// Records of other agents.
  private(set) var otherCount = 0

  private struct Row {
    var record: JSONValue
    var time: Int64
  }

  /// What an operation's records say together.
  private struct Operation {
    var succeeded = false
    var failed = false
    var errors: Set<String> = []
    var milliseconds: Double?
  }

  /// No feedback at all.
  init() {
    guard let agent = AgentID("try") else { fatalError("\"try\" is an id") }
    self.agent = agent
  }

  /// Reads the records of `file`, one JSON object a line, as `kaizen record --ndjson` takes them.
  init(file: String) throws(KaizenError) {
    self.init()
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(file, limit: Self.fileBytesMax)
    } catch {
      throw KaizenError(
        "E_PATH", "\(file) cannot be read: \(error)", hint: "name a file of feedback, one a line")
    }
    var rows: [Row] = []
    for line in JSONLines(bytes) {
      let place = "\(file):\(line.number)"
      if line.isTooLong { throw KaizenError("E_RECORD", "\(place): the line is too long") }
      let record = try JSONDocument.parse(Array(bytes[line.range]))
      try Self.check(record, place)
      guard let id = record["agent_id"]?.string.flatMap({ AgentID($0) }) else { continue }
      if rows.isEmpty { agent = id }
      if id != agent {
        otherCount += 1
      } else if rows.count < Self.rowCountMax {
        rows.append(Row(record: record, time: Self.time(record)))
      } else {
        window.droppedCount += 1
      }
    }
    rows.sort { $0.time < $1.time }
    fill(rows)
  }

  private static func check(_ record: JSONValue, _ place: String) throws(KaizenError) {
    var reader = FieldReader(record, file: place)
    _ = FeedbackRecordForm(reading: &reader)
    if let problem = reader.problems.first(where: { !$0.isWarning }) {
      throw KaizenError("E_RECORD", problem.description)
    }
  }

  private static func time(_ record: JSONValue) -> Int64 {
    record["time"]?.string.flatMap { Instant(rfc3339: $0) }?.nanoseconds
      ?? Clock.wallNanoseconds()
  }

  private mutating func fill(_ rows: [Row]) {
    var operations: [String: Operation] = [:]
    var numbers: [String: UInt64] = [:]
    var errors: [String: Int32] = [:]
    for row in rows {
      let id = row.record["operation_id"]?.string ?? ""
      let number = numbers[id] ?? UInt64(numbers.count + 1)
      numbers[id] = number
      add(row, number, &errors)
      Self.merge(row.record, &operations[id, default: Operation()])
    }
    metrics.recordCount = rows.count
    count(Array(operations.values))
    metrics.quality = mean(
      zip(window.types, window.scores).compactMap {
        FeedbackType.allCases[Int($0)] == .qualityScore ? $1 : nil
      })
    metrics.memoryMegabytes = mean(window.memory)
    metrics.cpuPercent = mean(window.cpu)
  }

  private mutating func add(_ row: Row, _ operation: UInt64, _ errors: inout [String: Int32]) {
    func number(_ key: String) -> Double { row.record[key]?.number ?? .nan }
    func code<W: RawRepresentable & CaseIterable>(_ key: String, _ words: W.Type) -> UInt8
    where W.RawValue == String {
      let word = row.record[key]?.string
      return UInt8(W.allCases.map(\.rawValue).firstIndex { $0 == word } ?? 0)
    }
    let isFailure = row.record["type"]?.string == FeedbackType.failure.rawValue
    let rating = row.record["rating"]?.number.map { ($0 - 1) / 4 }
    window.times.append(row.time)
    window.types.append(code("type", FeedbackType.self))
    window.sources.append(code("source", FeedbackSource.self))
    window.scores.append(
      isFailure ? 0 : row.record["score"]?.number ?? rating ?? .nan)
    window.durations.append(number("duration_ms"))
    window.memory.append(number("memory_mb"))
    window.cpu.append(number("cpu_percent"))
    window.operations.append(operation)
    window.generations.append(row.record["generation"]?.integer ?? 0)
    guard let error = row.record["error_type"]?.string else {
      window.errors.append(-1)
      return
    }
    let index = errors[error] ?? Int32(errors.count)
    if errors.updateValue(index, forKey: error) == nil { window.errorTypes.append(error) }
    window.errors.append(index)
  }

  private static func merge(_ record: JSONValue, _ operation: inout Operation) {
    let type = record["type"]?.string
    if type == FeedbackType.success.rawValue { operation.succeeded = true }
    if type == FeedbackType.failure.rawValue { operation.failed = true }
    if let error = record["error_type"]?.string { operation.errors.insert(error) }
    if let milliseconds = record["duration_ms"]?.number { operation.milliseconds = milliseconds }
  }

  /// Counts as the daemon does: an operation that both succeeded and failed has failed.
  private mutating func count(_ operations: [Operation]) {
    metrics.operationCount = operations.count
    metrics.failureCount = operations.count { $0.failed }
    metrics.successCount = operations.count { $0.succeeded && !$0.failed }
    metrics.errorCount = operations.count { !$0.errors.isEmpty }
    let milliseconds = operations.compactMap(\.milliseconds).sorted()
    metrics.meanMilliseconds = mean(milliseconds)
    metrics.medianMilliseconds = quantile(milliseconds, 0.5)
    metrics.p95Milliseconds = quantile(milliseconds, 0.95)
    var counts: [String: Int] = [:]
    for error in operations.flatMap(\.errors) { counts[error, default: 0] += 1 }
    metrics.errors = counts.map { AgentMetrics.ErrorCount(type: $0, count: $1) }
      .sorted { ($1.count, $0.type) < ($0.count, $1.type) }
  }

  /// The mean of those that are there.
  private func mean(_ values: [Double]) -> Double? {
    let known = values.filter { !$0.isNaN }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// Between two of the sorted values by interpolation: Hyndman & Fan 1996, definition 7.
  private func quantile(_ sorted: [Double], _ share: Double) -> Double? {
    if sorted.isEmpty { return nil }
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }
}

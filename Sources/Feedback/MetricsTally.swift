internal import Model
internal import Statistics

/// Adds up records of one agent by operation.
struct MetricsTally {
  private struct Operation {
    var succeeded = false
    var failed = false
    var hasError = false
    /// Milliseconds; of several records the last one's.
    var duration = Double.nan
  }

  private var operations: [UInt64: Operation] = [:]
  private var recordCount = 0
  private var qualitySum = 0.0
  private var qualityCount = 0
  private var memorySum = 0.0
  private var memoryCount = 0
  private var cpuSum = 0.0
  private var cpuCount = 0
  /// Operation and error type, each pair once.
  private var errorPairs: Set<ErrorPair> = []

  private struct ErrorPair: Hashable {
    var operation: UInt64
    var error: Int32
  }

  /// Stands for operations that never finished among the error types.
  static let unfinished = "unfinished"

  mutating func add(_ columns: AgentColumns, _ row: Int) {
    recordCount += 1
    let type = columns.types[row]
    let error = columns.errors[row]
    let key = columns.operations[row]
    Self.merge(&operations[key, default: Operation()], columns, row)
    if error >= 0 { errorPairs.insert(ErrorPair(operation: key, error: error)) }
    if type == FeedbackType.qualityScore.code, !columns.scores[row].isNaN {
      qualitySum += columns.scores[row]
      qualityCount += 1
    }
    if !columns.memory[row].isNaN {
      memorySum += Double(columns.memory[row])
      memoryCount += 1
    }
    if !columns.cpu[row].isNaN {
      cpuSum += Double(columns.cpu[row])
      cpuCount += 1
    }
  }

  private static func merge(_ operation: inout Operation, _ columns: AgentColumns, _ row: Int) {
    let type = columns.types[row]
    if type == FeedbackType.success.code { operation.succeeded = true }
    if type == FeedbackType.failure.code { operation.failed = true }
    if columns.errors[row] >= 0 { operation.hasError = true }
    if !columns.durations[row].isNaN { operation.duration = columns.durations[row] }
  }

  /// Adds an operation that was started and should have ended.
  mutating func addUnfinished(_ key: UInt64) {
    operations[key, default: Operation()].hasError = true
    errorPairs.insert(ErrorPair(operation: key, error: -1))
  }

  /// An operation that both succeeded and failed, such as one whose test failed later, has failed.
  func metrics(errorTypes: [String]) -> AgentMetrics {
    var metrics = AgentMetrics()
    metrics.recordCount = recordCount
    metrics.operationCount = operations.count
    var durations: [Double] = []
    for operation in operations.values {
      if operation.failed {
        metrics.failureCount += 1
      } else if operation.succeeded {
        metrics.successCount += 1
      }
      if operation.hasError { metrics.errorCount += 1 }
      if !operation.duration.isNaN { durations.append(operation.duration) }
    }
    durations.sort()
    if !durations.isEmpty {
      metrics.meanMilliseconds = durations.reduce(0, +) / Double(durations.count)
    }
    metrics.medianMilliseconds = Quantile.ofSorted(durations, 0.5)
    metrics.p95Milliseconds = Quantile.ofSorted(durations, 0.95)
    metrics.quality = qualityCount > 0 ? qualitySum / Double(qualityCount) : nil
    metrics.memoryMegabytes = memoryCount > 0 ? memorySum / Double(memoryCount) : nil
    metrics.cpuPercent = cpuCount > 0 ? cpuSum / Double(cpuCount) : nil
    metrics.errors = errors(errorTypes)
    return metrics
  }

  private func errors(_ names: [String]) -> [AgentMetrics.ErrorCount] {
    var counts: [Int32: Int] = [:]
    for pair in errorPairs { counts[pair.error, default: 0] += 1 }
    return counts.map { error, count in
      let name = names.indices.contains(Int(error)) ? names[Int(error)] : Self.unfinished
      return AgentMetrics.ErrorCount(type: name, count: count)
    }.sorted { ($1.count, $0.type) < ($0.count, $1.type) }
  }
}

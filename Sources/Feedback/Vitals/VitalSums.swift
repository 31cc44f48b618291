internal import Model

/// What some records of one agent add up to: all that health needs.
struct VitalSums: Sendable {
  // 32 bits: a span is half as long, and a fleet has tens of thousands of them; memory
  // holds fewer rows than that.
  var records: Int32 = 0
  /// Distinct operations, and so the next three.
  var operations: Int32 = 0
  var successes: Int32 = 0
  var failures: Int32 = 0
  var errors: Int32 = 0
  var durations: Int32 = 0
  var qualities: Int32 = 0
  /// Nanoseconds: whole numbers, so that what was added can be taken away again exactly.
  var durationSum: Int128 = 0
  var qualitySum = 0.0

  /// What one operation adds, or takes away with `sign` −1.
  mutating func count(_ operation: OperationOutcome, sign: Int32 = 1) {
    operations += sign
    if operation.failed {
      failures += sign
    } else if operation.succeeded {
      successes += sign
    }
    if operation.hasError { errors += sign }
    if !operation.duration.isNaN {
      durations += sign
      durationSum += Int128(sign) * Int128((operation.duration * 1e6).rounded())
    }
  }

  mutating func countRecord(_ columns: AgentColumns, _ row: Int) {
    records += 1
    if columns.types[row] == FeedbackType.qualityScore.code, !columns.scores[row].isNaN {
      qualities += 1
      qualitySum += columns.scores[row]
    }
  }

  mutating func add(_ other: VitalSums) {
    records += other.records
    operations += other.operations
    successes += other.successes
    failures += other.failures
    errors += other.errors
    durations += other.durations
    durationSum += other.durationSum
    qualities += other.qualities
    qualitySum += other.qualitySum
  }

  /// As metrics; what health does not need stays nil.
  var metrics: AgentMetrics {
    var metrics = AgentMetrics()
    metrics.recordCount = Int(records)
    metrics.operationCount = Int(operations)
    metrics.successCount = Int(successes)
    metrics.failureCount = Int(failures)
    metrics.errorCount = Int(errors)
    metrics.meanMilliseconds =
      durations > 0 ? Double(durationSum) / 1e6 / Double(durations) : nil
    metrics.quality = qualities > 0 ? qualitySum / Double(qualities) : nil
    return metrics
  }
}

/// How one operation ended, as far as some of its records say.
///
/// One that both succeeded and failed, such as one whose test failed later, has failed.
struct OperationOutcome: Sendable {
  var succeeded = false
  var failed = false
  var hasError = false
  /// Milliseconds; of several records the last one's; NaN: none.
  var duration = Double.nan

  mutating func merge(_ columns: AgentColumns, _ row: Int) {
    let type = columns.types[row]
    if type == FeedbackType.success.code { succeeded = true }
    if type == FeedbackType.failure.code { failed = true }
    if columns.errors[row] >= 0 { hasError = true }
    if !columns.durations[row].isNaN { duration = columns.durations[row] }
  }
}

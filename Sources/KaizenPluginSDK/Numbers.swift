/// What an agent's feedback says of one span of time; a value without data is nil.
public struct Numbers: Hashable, Sendable {
  /// Feedback records.
  public let records: UInt64
  /// Distinct operations.
  public let operations: UInt64
  /// Operations that succeeded, each once.
  public let successes: UInt64
  /// Operations that failed, each once.
  public let failures: UInt64
  /// Operations with an error type, or started and never finished.
  public let errors: UInt64
  /// Mean response time.
  public let meanMilliseconds: Double?
  /// Median response time.
  public let medianMilliseconds: Double?
  /// 95th percentile of the response time.
  public let p95Milliseconds: Double?
  /// Mean quality in [0, 1].
  public let quality: Double?
  /// Mean peak resident memory, in MiB.
  public let memoryMegabytes: Double?
  /// Mean CPU time ÷ wall time, in percent.
  public let cpuPercent: Double?

  init(_ raw: kz_numbers) {
    records = raw.records
    operations = raw.operations
    successes = raw.successes
    failures = raw.failures
    errors = raw.errors
    meanMilliseconds = known(raw.mean_ms)
    medianMilliseconds = known(raw.p50_ms)
    p95Milliseconds = known(raw.p95_ms)
    quality = known(raw.quality)
    memoryMegabytes = known(raw.memory_mb)
    cpuPercent = known(raw.cpu_percent)
  }

  /// successes ÷ (successes + failures), in [0, 1].
  public var successRate: Double? {
    let decided = successes + failures
    return decided == 0 ? nil : Double(successes) / Double(decided)
  }

  /// Operations with an error ÷ all, in [0, 1].
  public var errorRate: Double? {
    operations == 0 ? nil : Double(errors) / Double(operations)
  }
}

/// How the success rate moves from day to day.
public struct Trend: Hashable, Sendable {
  /// Theil-Sen slope; 0.01 is one point a day upwards.
  public let slopePerDay: Double
  /// Mann-Kendall, two-sided.
  public let pValue: Double
  /// Days with data.
  public let days: UInt32

  init?(_ raw: kz_trend) {
    guard let slope = known(raw.slope_per_day), let pValue = known(raw.p_value) else { return nil }
    slopePerDay = slope
    self.pValue = pValue
    days = raw.days
  }
}

/// The contract says "no data" with NaN.
private func known(_ value: Double) -> Double? { value.isNaN ? nil : value }

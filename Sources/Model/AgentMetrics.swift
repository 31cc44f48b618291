/// What an agent's feedback says of one span of time; a value without data is nil.
public struct AgentMetrics: Hashable, Sendable {
  /// Feedback records in the span.
  public var recordCount: Int
  /// Distinct operations in the span.
  public var operationCount: Int
  /// Successful operations, each counted once.
  public var successCount: Int
  /// Failed operations, each counted once.
  public var failureCount: Int
  /// Operations with an `error_type`, or started and never finished.
  public var errorCount: Int
  /// Mean response time, in milliseconds.
  public var meanMilliseconds: Double?
  /// Median response time, in milliseconds.
  public var medianMilliseconds: Double?
  /// The 95th percentile of the response time, in milliseconds.
  public var p95Milliseconds: Double?
  /// Mean quality in [0, 1].
  public var quality: Double?
  /// Mean resident memory, in MiB.
  public var memoryMegabytes: Double?
  /// Mean CPU time ÷ wall time, in percent.
  public var cpuPercent: Double?
  /// Error types and how many operations had each, most frequent first.
  public var errors: [ErrorCount]

  /// One error type and how many operations had it.
  public struct ErrorCount: Hashable, Sendable {
    /// The `error_type`.
    public var type: String
    /// Operations that had it.
    public var count: Int
    /// Makes a count.
    public init(type: String, count: Int) {
      self.type = type
      self.count = count
    }
  }

  /// Makes metrics without data.
  public init() {
    recordCount = 0
    operationCount = 0
    successCount = 0
    failureCount = 0
    errorCount = 0
    errors = []
  }

  /// successes ÷ (successes + failures), in [0, 1].
  public var successRate: Double? {
    let decided = successCount + failureCount
    return decided > 0 ? Double(successCount) / Double(decided) : nil
  }

  /// Operations with an error ÷ all, in [0, 1].
  public var errorRate: Double? {
    operationCount > 0 ? Double(errorCount) / Double(operationCount) : nil
  }
}

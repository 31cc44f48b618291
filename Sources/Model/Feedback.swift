/// What a feedback record says of its operation.
public enum FeedbackType: String, CaseIterable, Sendable {
  case success, failure
  case qualityScore = "quality_score"
  case userRating = "user_rating"
  case performance, coverage, security, documentation
}

/// Who says so.
public enum FeedbackSource: String, CaseIterable, Sendable {
  case agent, guardian, user, system, test, flock
}

/// One record about one operation of one agent.
public struct FeedbackRecord: Hashable, Sendable {
  /// The agent it is about.
  public var agent: AgentID
  /// The operation it is about.
  public var operation: String
  /// What it says.
  public var type: FeedbackType
  /// Who says so.
  public var source: FeedbackSource
  /// When it happened.
  public var time: Instant
  /// How good it was, in [0, 1]; 0 for every failure.
  public var score: Double?
  /// The sort of error, where there was one.
  public var errorType: String?
  /// How long the operation took.
  public var duration: Duration?
  /// Resident memory at its peak, in MiB.
  public var memoryMegabytes: Double?
  /// CPU time ÷ wall time, in percent.
  public var cpuPercent: Double?
  /// The generation that did the work.
  public var generation: GenerationNumber?
  /// The sender's id for this record, for retries: one id is stored once.
  public var idempotencyID: String?
  /// Everything else that was said, unknown keys included.
  public var details: [String: JSONValue]

  /// Makes a record; what is not said is absent.
  public init(
    agent: AgentID, operation: String, type: FeedbackType, source: FeedbackSource = .agent,
    time: Instant, score: Double? = nil, errorType: String? = nil, duration: Duration? = nil,
    memoryMegabytes: Double? = nil, cpuPercent: Double? = nil,
    generation: GenerationNumber? = nil, idempotencyID: String? = nil,
    details: [String: JSONValue] = [:]
  ) {
    self.agent = agent
    self.operation = operation
    self.type = type
    self.source = source
    self.time = time
    self.score = score
    self.errorType = errorType
    self.duration = duration
    self.memoryMegabytes = memoryMegabytes
    self.cpuPercent = cpuPercent
    self.generation = generation
    self.idempotencyID = idempotencyID
    self.details = details
  }
}

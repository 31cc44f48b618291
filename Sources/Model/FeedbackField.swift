/// One member of a feedback record, as people and programs write it.
///
/// The one place of names and limits: the decoder of records reads by it, and the description of the
/// interface is made of it. Members that are not here are kept in `details`.
public enum FeedbackField: String, CaseIterable, Hashable, Sendable {
  case agent = "agent_id"
  case operation = "operation_id"
  case type, source, time, score, rating
  case errorType = "error_type"
  case duration = "duration_ms"
  case memory = "memory_mb"
  case cpu = "cpu_percent"
  case generation, id, details
  case tokensIn = "tokens_in"
  case tokensOut = "tokens_out"
  case cost = "cost_usd"
  case comment, model, domain
  case session = "session_id"
  case dimensions

  /// What a value may be.
  public enum Form: Hashable, Sendable {
    /// An id, as `Identifier.form` says.
    case identifier
    /// One of `FeedbackType`.
    case type
    /// One of `FeedbackSource`.
    case source
    /// RFC 3339, or Unix seconds.
    case moment
    /// A number in a range.
    case number(ClosedRange<Double>)
    /// A whole number in a range.
    case integer(ClosedRange<Int64>)
    /// Text of so many bytes.
    case text(ClosedRange<Int>)
    /// An object of anything.
    case object
    /// Names with a number in [0, 1] each, at most so many.
    case scores(countMax: Int)
  }

  /// Bytes of a word, such as `error_type`.
  private static let word = 1...256
  /// Tokens of one operation: a million million is a wrong unit.
  private static let tokens: ClosedRange<Int64> = 0...1_000_000_000_000

  /// What its value may be.
  public var form: Form {
    switch self {
    case .agent, .operation, .id: .identifier
    case .type: .type
    case .source: .source
    case .time: .moment
    case .score: .number(0...1)
    case .rating: .number(1...5)
    // A year: what took longer is no operation, but a wrong unit.
    case .duration: .number(0...31_536_000_000)
    case .memory, .cost: .number(0...1e9)
    case .cpu: .number(0...1e6)
    case .generation: .integer(1...Int64(Int32.max))
    case .tokensIn, .tokensOut: .integer(Self.tokens)
    case .errorType, .model, .domain, .session: .text(Self.word)
    case .comment: .text(1...65_536)
    case .details: .object
    case .dimensions: .scores(countMax: 64)
    }
  }

  /// Whether a record is refused without it.
  public var isRequired: Bool {
    switch self {
    case .agent, .operation, .type: true
    default: false
    }
  }
}

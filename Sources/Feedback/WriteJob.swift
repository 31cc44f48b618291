internal import Linux
internal import Model

/// What the writer is asked to make durable, as a whole.
enum WriteJob: Sendable {
  case records([PreparedRecord])
  case start(OpenOperation)
  /// Remove the oldest entries, those before this one, at most `Writer.trimRowsMax` of them.
  case trim(before: Int64)
  /// Hand over all that memory holds, as it is between two commits.
  case freeze(Condition<FrozenMemory?>)

  var weight: Int {
    switch self {
    case .records(let records): records.reduce(0) { $0 + $1.weight }
    case .start: 512
    case .trim, .freeze: 0
    }
  }

  var count: Int {
    switch self {
    case .records(let records): records.count
    case .start: 1
    case .trim: Writer.trimRowsMax / 4
    case .freeze: 0
    }
  }
}

/// An operation that was started and not finished yet.
struct OpenOperation: Sendable {
  var agent: String
  var operation: String
  /// 0: absent.
  var generation: Int32
  /// Nanoseconds since the epoch.
  var started: Int64
}

/// What became of a job whose transaction was committed.
struct JobOutcome: Sendable {
  var stored = 0
  var duplicate = 0
  /// Records refused, by their place in the job.
  var refused: [(index: Int, error: KaizenError)] = []
}

/// A job's answer, once there is one.
final class Ticket: Sendable {
  /// How long a sender waits for the disk before it is told that nothing is known.
  static let waitMax = Duration.seconds(60)

  private let answer = Condition<Result<JobOutcome, KaizenError>?>(nil)

  func complete(_ result: Result<JobOutcome, KaizenError>) { answer.update { $0 = result } }

  func wait() throws(KaizenError) -> JobOutcome {
    guard let result = answer.wait(timeout: Self.waitMax, until: { $0 }) else {
      throw KaizenError(
        "E_TIMEOUT", "the disk has not confirmed the records in \(Self.waitMax)",
        hint: "send them again with the same ids; those stored are not stored twice")
    }
    return try result.get()
  }
}

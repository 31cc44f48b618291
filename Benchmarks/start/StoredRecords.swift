import Feedback
import Linux
import Model

/// A file with a million records, as 1,000 agents leave them in a fortnight.
struct StoredRecords {
  static let agentCount = 1000
  static let recordCount = 1_000_000
  /// Days that the records are spread over.
  static let days = 14
  private static let batchCount = 4000

  /// Fills the database at `path`, and leaves its snapshot beside it.
  static func write(to path: String) throws {
    let loop = try FeedbackLoop(path: path)
    let agents = (0..<agentCount).compactMap { AgentID("agent-\($0)") }
    let start = Instant(nanoseconds: Clock.wallNanoseconds()) - .seconds(days * 86_400)
    let step = Duration.seconds(days * 86_400) / recordCount
    for batch in 0..<recordCount / batchCount {
      let records = (0..<batchCount).map { index in
        record(batch * batchCount + index, agents, start, step)
      }
      let result = try loop.store(records)
      precondition(result.stored == batchCount, "every record is new")
    }
    loop.close()
  }

  private static func record(
    _ number: Int, _ agents: [AgentID], _ start: Instant, _ step: Duration
  ) -> FeedbackRecord {
    let failed = number % 11 == 0
    return FeedbackRecord(
      agent: agents[number % agentCount], operation: "op-\(number)",
      type: failed ? .failure : .success, time: start + step * number,
      score: failed ? 0 : 0.9, errorType: failed ? "E\(number % 7)" : nil,
      duration: .milliseconds(100 + number % 900), memoryMegabytes: 64, cpuPercent: 12,
      generation: GenerationNumber(1 + number / (recordCount / 2)))
  }
}

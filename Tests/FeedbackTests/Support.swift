import Feedback
import Linux
import Model
import Synchronization
import TestSupport

/// 2026-11-20T12:00:00Z.
let noon = Instant(seconds: 1_795_176_000)
let day = Duration.seconds(86_400)

/// A clock that moves when a test says so.
final class TestClock: Sendable {
  private let moment: Mutex<Instant>
  init(_ start: Instant = noon) { moment = Mutex(start) }
  var now: Instant { moment.withLock { $0 } }
  func advance(_ duration: Duration) { moment.withLock { $0 = $0 + duration } }
}

/// A loop over a file of its own, which can be closed and opened again.
final class TestLoop {
  let directory: TemporaryDirectory
  let clock = TestClock()
  var options = FeedbackLoop.Options()
  private(set) var loop: FeedbackLoop
  let agent: AgentID

  init(_ change: (inout FeedbackLoop.Options) -> Void = { _ in }) throws {
    directory = try TemporaryDirectory()
    options.now = { [clock] in clock.now }
    change(&options)
    agent = try required(AgentID("alpha"))
    loop = try FeedbackLoop(path: directory.path + "/feedback_loop.db", options: options)
  }

  var path: String { directory.path + "/feedback_loop.db" }

  /// Closes the file and opens it, as a new process would.
  func restart() throws {
    loop.close()
    // The old loop must be gone before the file is opened again.
    loop = try FeedbackLoop(path: directory.path + "/other.db", options: options)
    loop = try FeedbackLoop(path: path, options: options)
  }

  @discardableResult
  func ingest(_ lines: String...) throws -> IngestResult {
    try loop.ingest(Array(lines.joined(separator: "\n").utf8))
  }

  func metrics(days: Int64 = 7, generation: Int? = nil) -> AgentMetrics {
    loop.metrics(
      agent, from: clock.now - .seconds(86_400 * days), to: clock.now + .seconds(1),
      generation: generation.map { GenerationNumber($0) })
  }
}

struct Missing: Error {}

func required<T>(_ value: T?) throws -> T {
  guard let value else { throw Missing() }
  return value
}

/// One line of NDJSON; `more` begins with a comma.
func line(_ type: String, _ operation: String, _ more: String = "", agent: String = "alpha")
  -> String
{
  #"{"agent_id":"\#(agent)","operation_id":"\#(operation)","type":"\#(type)"\#(more)}"#
}

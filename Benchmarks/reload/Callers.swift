import Linux
import Model
import NoopRig
import PluginHost
import Synchronization

/// Threads that call one component back to back, and what came of their calls.
final class Callers: Sendable {
  /// What is known of the calls so far.
  struct Tally: Sendable {
    var answeredCount = 0
    var lost: [String] = []
    /// When the last answer came, on the monotonic clock.
    var lastAt: Duration = .zero
    /// The longest time without an answer since it was last asked for.
    var longestPause: Duration = .zero
    var isDone = false
  }
  /// Failures that are kept to be shown.
  private static let lostCountMax = 100

  private let tally = Condition(Tally())
  private let threads: Mutex<[BlockingThread]>

  /// Starts `count` threads.
  init(count: Int, _ rig: NoopHost, _ input: AnalysisInput) throws {
    threads = Mutex([])
    tally.update { $0.lastAt = Clock.monotonic() }
    let tally = tally
    let made = try (0..<count).map { _ in
      try BlockingThread(name: "caller") { Self.call(rig, input, tally) }
    }
    threads.withLock { $0 = made }
  }

  private static func call(_ rig: NoopHost, _ input: AnalysisInput, _ tally: Condition<Tally>) {
    while true {
      var failure: String?
      do {
        _ = try rig.host.analyze(rig.component, input)
      } catch {
        failure = "\(error)"
      }
      let now = Clock.monotonic()
      let isDone = tally.update { tally in
        if let failure {
          if tally.lost.count < lostCountMax { tally.lost.append(failure) }
        } else {
          tally.answeredCount += 1
          tally.longestPause = max(tally.longestPause, now - tally.lastAt)
          tally.lastAt = now
        }
        return tally.isDone
      }
      if isDone { return }
    }
  }

  /// The longest time without an answer since the last one of these.
  func takePause() -> Duration {
    tally.update { tally in
      defer { tally.longestPause = .zero }
      return tally.longestPause
    }
  }

  /// Waits until so many more answers have come.
  /// - Returns: whether they came in time.
  func awaitAnswers(_ count: Int, timeout: Duration) -> Bool {
    let goal = tally.update { $0.answeredCount } + count
    let reached: Bool? = tally.wait(timeout: timeout) { $0.answeredCount >= goal ? true : nil }
    return reached ?? false
  }

  /// Lets each thread end its call, and says what came of all of them.
  func stop() -> Tally {
    tally.update { $0.isDone = true }
    for thread in threads.withLock({ $0 }) { thread.join() }
    return tally.update { $0 }
  }
}

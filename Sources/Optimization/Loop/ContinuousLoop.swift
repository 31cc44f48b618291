import Feedback
public import Linux
public import Model
import Synchronization
import Telemetry

/// Looks after every agent without being asked: each interval, and when a pattern completes.
///
/// One thread, one agent at a time, and as long a rest after each as it took: whoever asks something
/// of the daemon finds at least half of it free. Runs have threads of their own.
public final class ContinuousLoop: Sendable {
  /// What the loop last had to say of an agent.
  public struct Note: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// In one line.
    public var text: String
  }

  private struct State: Sendable {
    var schedule: LoopSchedule
    var notes: [AgentID: Note] = [:]
    var isWoken = false
    var isStopped = false
    var hasEnded = true
  }

  /// The longest that the loop sleeps, so that a clock that was set back stops it no longer.
  private static let tickMax = Duration.seconds(60)
  /// How long `stop()` waits for an analysis under way; what it stores is whole in any case.
  private static let stopTimeout = Duration.seconds(5)

  private let engine: OptimizationEngine
  private let interval: Duration
  private let state: Condition<State>

  /// Makes a loop that looks at agents with new data each `interval`; `start()` starts it.
  public init(engine: OptimizationEngine, interval: Duration) {
    self.engine = engine
    self.interval = interval
    state = Condition(
      State(schedule: LoopSchedule(interval: interval, startedAt: engine.now())))
  }

  /// Starts the loop on a thread of its own.
  public func start() throws(SystemError) {
    state.update { $0.hasEnded = false }
    do {
      _ = try BlockingThread(name: "loop") {
        self.run()
        self.state.update { $0.hasEnded = true }
      }
    } catch {
      state.update { $0.hasEnded = true }
      throw error
    }
  }

  /// Ends the loop; an analysis under way is waited for, a few seconds.
  public func stop() {
    state.update { $0.isStopped = true }
    _ = state.wait(timeout: Self.stopTimeout) { $0.hasEnded ? true : nil }
  }

  /// A pattern of that agent's feedback completed: look at it soon.
  public func notice(_ agent: AgentID) {
    state.update { state in
      state.schedule.notice(agent)
      state.isWoken = true
    }
  }

  /// What the loop last had to say of an agent; nil where it has not looked yet.
  public func note(of agent: AgentID) -> Note? {
    state.wait(timeout: .zero) { $0.notes[agent] }
  }

  private func run() {
    let tick = min(interval, Self.tickMax)
    while true {
      let isOver: Bool? = state.wait(timeout: tick) { state in
        if state.isStopped { return true }
        defer { state.isWoken = false }
        return state.isWoken ? false : nil
      }
      if isOver == true { return }
      pass { took in
        self.state.wait(timeout: took) { $0.isStopped ? true : nil } == nil
      }
    }
  }

  /// Looks once at every agent that is due.
  /// - Parameter rest: called after each with the time it took; false ends the pass.
  func pass(rest: (Duration) -> Bool = { _ in true }) {
    let signals = engine.parts.feedback.operationCounts().map { counts in
      LoopSchedule.Signal(
        agent: counts.agent,
        operationCount: counts.successes + counts.failures + counts.unfinished)
    }
    let byAgent = Dictionary(signals.map { ($0.agent, $0) }) { first, _ in first }
    let due = state.update { state in
      state.schedule.keep(only: Set(byAgent.keys))
      state.notes = state.notes.filter { byAgent[$0.key] != nil }
      return state.schedule.due(signals, at: engine.now())
    }
    for agent in due {
      guard let signal = byAgent[agent] else { continue }
      let began = Clock.monotonic()
      let report = engine.lookAfter(agent)
      let time = engine.now()
      state.update { state in
        if !report.isDeferred { state.schedule.didLook(at: signal, time: time) }
        state.notes[agent] = Note(time: time, text: report.text)
      }
      if !rest(Clock.monotonic() - began) { return }
    }
  }
}

import Linux
public import Model
import Sandbox

/// The runs under way and those that ended lately, for whoever asks or waits.
public final class RunBoard: Sendable {
  /// Runs kept; the oldest that have ended go first.
  public static let runCountMax = 256
  /// Runs under way at once, each on a thread of its own.
  public static let activeCountMax = 4
  /// Of these at most so many that nobody asked for: people always find a place.
  public static let unattendedCountMax = 2

  fileprivate struct State {
    var runs: [String: Run] = [:]
    var order: [String] = []
    var tokens: [String: StopToken] = [:]
    var isClosed = false
  }

  private let state: Condition<State>

  /// Starts empty.
  public init() { state = Condition(State()) }

  /// Throws where a run could not begin now.
  ///
  /// - Throws: `E_AGENT_BUSY` while the agent has a run, `E_BUSY` while the daemon has too many,
  ///   `E_STOPPING`.
  func requirePlace(for agent: AgentID, origin: Run.Origin) throws(KaizenError) {
    let refusal = state.wait(timeout: .zero) { $0.refusal(agent, origin) }
    if let refusal { throw refusal }
  }

  /// Opens a run, one at a time for each agent.
  /// - Throws: as `requirePlace`.
  func open(_ run: Run) throws(KaizenError) {
    let refusal: KaizenError? = state.update { state in
      if let refusal = state.refusal(run.agent, run.origin) { return refusal }
      state.runs[run.id] = run
      state.tokens[run.id] = StopToken()
      state.order.append(run.id)
      state.trim()
      return nil
    }
    if let refusal { throw refusal }
  }

  /// What ends a run early; nil once it has ended.
  func stopToken(_ id: String) -> StopToken? {
    state.wait(timeout: .zero) { $0.tokens[id] }
  }

  /// Changes a run and wakes whoever waits for it.
  func update(_ id: String, _ body: (inout Run) -> Void) {
    state.update { state in
      guard var run = state.runs[id] else { return }
      body(&run)
      // Followers count lines from the first one: what is too much is cut at the end.
      run.progress = Array(run.progress.prefix(Run.progressCountMax))
      state.runs[id] = run
      if run.ending != nil { state.tokens[id] = nil }
    }
  }

  /// The run of that id, once it has ended or has more than `lines` of progress, or time is up.
  public func wait(for id: String, beyond lines: Int, timeout: Duration) -> Run? {
    // With or without news, the run as it is now is the answer.
    _ = state.wait(timeout: timeout) { state in
      guard let run = state.runs[id] else { return true }
      return run.ending != nil || run.progress.count > lines || state.isClosed ? true : nil
    }
    return state.wait(timeout: .zero) { $0.runs[id] }
  }

  /// The run under way for an agent.
  public func active(_ agent: AgentID) -> Run? {
    state.wait(timeout: .zero) { state in
      state.runs.values.first { $0.agent == agent && $0.ending == nil }
    }
  }

  /// The run under way that tries that trial now.
  func active(trial: Int64) -> Run? {
    activeRuns().first { run in
      run.outcomes.contains { $0.trial == trial && $0.ending == nil }
    }
  }

  /// The runs under way.
  func activeRuns() -> [Run] {
    state.wait(timeout: .zero) { $0.runs.values.filter { $0.ending == nil } } ?? []
  }

  /// How many runs are under way.
  public var activeCount: Int {
    state.wait(timeout: .zero) { $0.runs.values.count { $0.ending == nil } } ?? 0
  }

  /// Admits no further run and wakes whoever waits.
  func close() { state.update { $0.isClosed = true } }

  /// Waits until no run is under way; false where `timeout` came first.
  func drain(timeout: Duration) -> Bool {
    state.wait(timeout: timeout) { state in
      state.runs.values.allSatisfy { $0.ending != nil } ? true : nil
    } ?? false
  }
}

extension RunBoard.State {
  /// Why no run of an agent can begin; nil where one can.
  fileprivate func refusal(_ agent: AgentID, _ origin: Run.Origin) -> KaizenError? {
    let active = runs.values.filter { $0.ending == nil }
    if let other = active.first(where: { $0.agent == agent }) {
      return KaizenError(
        "E_AGENT_BUSY", "\(agent) is being optimized by run \(other.id)",
        hint: "wait for it to end, or: kaizen cancel \(other.id)")
    }
    if isClosed {
      return KaizenError(
        "E_STOPPING", "the daemon is stopping and starts no run",
        hint: "ask again when it has started anew")
    }
    let unattended = active.count { $0.origin != .user }
    let isFull =
      active.count >= RunBoard.activeCountMax
      || origin != .user && unattended >= RunBoard.unattendedCountMax
    return isFull
      ? KaizenError(
        "E_BUSY", "\(active.count) runs are under way, the most there may be",
        hint: "try again when one has ended") : nil
  }

  fileprivate mutating func trim() {
    while order.count > RunBoard.runCountMax,
      let index = order.firstIndex(where: { runs[$0]?.ending != nil })
    {
      runs[order.remove(at: index)] = nil
    }
  }
}

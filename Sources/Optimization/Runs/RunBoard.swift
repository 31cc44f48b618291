import Linux
public import Model

/// The runs under way and those that ended lately, for whoever asks or waits.
public final class RunBoard: Sendable {
  /// Runs kept; the oldest that have ended go first.
  public static let runCountMax = 256
  /// Runs under way at once, each on a thread of its own.
  public static let activeCountMax = 4

  fileprivate struct State {
    var runs: [String: Run] = [:]
    var order: [String] = []
    var lastNumber: Int64
    var isClosed = false
  }

  private let state: Condition<State>

  /// Starts empty; ids go on after `lastNumber`.
  public init(lastNumber: Int64) { state = Condition(State(lastNumber: lastNumber)) }

  /// Opens a run, one at a time for each agent.
  /// - Throws: `E_AGENT_BUSY` while the agent has a run, `E_BUSY` while the daemon has too many.
  func open(
    agent: AgentID, requestedBy: UInt32, isDryRun: Bool, strategy: Strategy.Name, at time: Instant
  ) throws(KaizenError) -> Run {
    let result: Result<Run, KaizenError> = state.update { state in
      let active = state.runs.values.filter { $0.ending == nil }
      if let other = active.first(where: { $0.agent == agent }) {
        return .failure(
          KaizenError(
            "E_AGENT_BUSY", "\(agent) is being optimized by run \(other.id)",
            hint: "wait for it to end"))
      }
      if state.isClosed {
        return .failure(
          KaizenError(
            "E_STOPPING", "the daemon is stopping and starts no run",
            hint: "ask again when it has started anew"))
      }
      if active.count >= Self.activeCountMax {
        return .failure(
          KaizenError(
            "E_BUSY", "\(active.count) runs are under way, the most there may be",
            hint: "try again when one has ended"))
      }
      state.lastNumber += 1
      let run = Run(
        id: "r-\(state.lastNumber)", agent: agent, requestedBy: requestedBy, isDryRun: isDryRun,
        strategy: strategy, startedAt: time)
      state.runs[run.id] = run
      state.order.append(run.id)
      state.trim()
      return .success(run)
    }
    return try result.get()
  }

  /// Changes a run and wakes whoever waits for it.
  func update(_ id: String, _ body: (inout Run) -> Void) {
    state.update { state in
      guard var run = state.runs[id] else { return }
      body(&run)
      // Followers count lines from the first one: what is too much is cut at the end.
      run.progress = Array(run.progress.prefix(Run.progressCountMax))
      state.runs[id] = run
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
  fileprivate mutating func trim() {
    while order.count > RunBoard.runCountMax,
      let index = order.firstIndex(where: { runs[$0]?.ending != nil })
    {
      runs[order.remove(at: index)] = nil
    }
  }
}

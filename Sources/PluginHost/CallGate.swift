internal import Linux
import Model

/// Lets one caller in at a time; the others wait in a queue with an end.
final class CallGate: Sendable {
  /// Callers that may wait for one component.
  static let waitingCountMax = 64
  /// How long each waits for its turn.
  static let waitMax: Duration = .seconds(60)

  private struct State {
    var isBusy = false
    var waitingCount = 0
  }
  private let state = Condition(State())

  /// Runs `body` alone.
  /// - Throws: `E_PLUGIN_BUSY` where too many wait already, or the turn did not come in time.
  func alone<R>(
    _ component: ComponentID, waitMax: Duration = CallGate.waitMax,
    _ body: () throws(KaizenError) -> R
  ) throws(KaizenError) -> R {
    try enter(component, waitMax)
    defer { state.update { $0.isBusy = false } }
    return try body()
  }

  private func enter(_ component: ComponentID, _ waitMax: Duration) throws(KaizenError) {
    let isQueued = state.update { state in
      let fits = state.waitingCount < Self.waitingCountMax
      if fits { state.waitingCount += 1 }
      return fits
    }
    if !isQueued {
      throw KaizenError(
        "E_PLUGIN_BUSY",
        "\(Self.waitingCountMax) calls of component \"\(component)\" wait already",
        hint: "ask again later; `kaizen plugins list` shows how long its calls take")
    }
    let entered: Void? = state.wait(timeout: waitMax) { state in
      if state.isBusy { return nil }
      state.isBusy = true
      return ()
    }
    state.update { $0.waitingCount -= 1 }
    if entered != nil { return }
    throw KaizenError(
      "E_PLUGIN_BUSY", "component \"\(component)\" was not free within \(waitMax)",
      hint: "ask again later; `kaizen plugins list` shows how long its calls take")
  }
}

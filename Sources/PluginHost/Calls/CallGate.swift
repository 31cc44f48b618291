internal import Linux
import Model
internal import Sandbox

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
  /// - Parameter stop: ends the wait early.
  /// - Throws: `E_PLUGIN_BUSY` where too many wait already, or the turn did not come in time.
  func alone<R>(
    _ component: ComponentID, waitMax: Duration = CallGate.waitMax, stop: StopToken? = nil,
    _ body: () throws(KaizenError) -> R
  ) throws(KaizenError) -> R {
    try enter(component, waitMax, stop)
    defer { state.update { $0.isBusy = false } }
    return try body()
  }

  private func enter(
    _ component: ComponentID, _ waitMax: Duration, _ stop: StopToken?
  ) throws(KaizenError) {
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
    // Whoever waits is woken to look at its token.
    stop?.onStop { [state] in state.update { _ in } }
    defer { stop?.onStop(nil) }
    let entered: Bool? = state.wait(timeout: waitMax) { state in
      if stop?.reason != nil { return false }
      if state.isBusy { return nil }
      state.isBusy = true
      return true
    }
    state.update { $0.waitingCount -= 1 }
    if entered == true { return }
    try stop?.check()
    throw KaizenError(
      "E_PLUGIN_BUSY", "component \"\(component)\" was not free within \(waitMax)",
      hint: "ask again later; `kaizen plugins list` shows how long its calls take")
  }
}

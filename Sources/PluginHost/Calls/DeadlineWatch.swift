internal import Linux

/// Runs actions at their time, on one thread for all of them, unless they are taken back before.
final class DeadlineWatch: Sendable {
  private struct Entry: Sendable {
    var at: Duration
    var action: @Sendable () -> Void
  }
  private struct State: Sendable {
    var entries: [UInt64: Entry] = [:]
    var lastNumber: UInt64 = 0
    var hasEnded = false
  }
  /// How long the thread sleeps where nothing is due.
  private static let idle: Duration = .seconds(3600)

  private let state: Condition<State>

  /// Starts the thread; it ends with this owner.
  init() throws(SystemError) {
    let state = Condition(State())
    self.state = state
    _ = try BlockingThread(name: "kz-deadlines") { Self.loop(state) }
  }

  deinit { state.update { $0.hasEnded = true } }

  /// Runs `action` after `delay`, from the watch's thread.
  /// - Returns: a number to take it back by.
  func add(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> UInt64 {
    let at = Clock.monotonic() + delay
    return state.update { state in
      state.lastNumber += 1
      state.entries[state.lastNumber] = Entry(at: at, action: action)
      return state.lastNumber
    }
  }

  /// Takes an action back.
  /// - Returns: whether it was in time.
  func remove(_ number: UInt64) -> Bool {
    state.update { $0.entries.removeValue(forKey: number) != nil }
  }

  private static func loop(_ state: Condition<State>) {
    while true {
      let next = state.update { $0.entries.values.map(\.at).min() }
      let wait = next.map { max(.zero, $0 - Clock.monotonic()) } ?? idle
      // Wakes when something is due, when an earlier one was added, and when it is over.
      let due: [Entry]? = state.wait(timeout: wait) { state -> [Entry]? in
        if state.hasEnded { return [] }
        let now = Clock.monotonic()
        let due = state.entries.filter { $0.value.at <= now }
        for number in due.keys { state.entries[number] = nil }
        if !due.isEmpty { return Array(due.values) }
        let earliest = state.entries.values.map(\.at).min()
        let isEarlier = earliest.map { at in next.map { at < $0 } ?? true } ?? false
        return isEarlier ? [] : nil
      }
      due?.forEach { $0.action() }
      if state.update({ $0.hasEnded }) { return }
    }
  }
}

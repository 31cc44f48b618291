import Synchronization

/// What becomes known of one call where it runs, beside its answers: for its record.
final class CallTrace: Sendable {
  /// All that is known.
  struct Known: Hashable, Sendable {
    /// What the host answered while the component was loaded, maybe long before the call.
    var loaded: HostAnswers?
    /// What its process used: during this call, or for a command and a crash from its start.
    var usage: ProgramUsage?
  }

  private let state = Mutex(Known())

  /// All that is known by now.
  var known: Known { state.withLock { $0 } }

  func note(loaded: HostAnswers) { state.withLock { $0.loaded = loaded } }

  func note(_ usage: ProgramUsage?) {
    if let usage { state.withLock { $0.usage = usage } }
  }
}

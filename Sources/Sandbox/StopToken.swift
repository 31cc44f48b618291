public import Model
internal import Synchronization

/// Asks work under way on another thread to end: what it runs is stopped, and it finds out why.
public final class StopToken: Sendable {
  private struct State {
    var reason: KaizenError?
    var action: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Makes a token that nobody has used.
  public init() {}

  /// Why the work is to end; nil while it may go on.
  public var reason: KaizenError? { state.withLock { $0.reason } }

  /// Asks for the end; the first reason stands.
  public func stop(_ reason: KaizenError) {
    let action = state.withLock { state in
      if state.reason == nil { state.reason = reason }
      return state.action
    }
    action?()
  }

  /// Has `action` called once the end is asked for, at once where it was already; nil takes it back.
  ///
  /// One action at a time: the work of one token runs on one thread. It may be called more than once,
  /// and while it is being taken back.
  public func onStop(_ action: (@Sendable () -> Void)?) {
    let isStopped = state.withLock { state in
      state.action = action
      return state.reason != nil
    }
    if isStopped { action?() }
  }

  /// Throws the reason where the end is asked for.
  public func check() throws(KaizenError) {
    if let reason { throw reason }
  }
}

internal import Glibc

/// A set of signals: signal(7), sigsetops(3).
public struct SignalSet: Sendable {
  var raw: sigset_t

  /// The set of those signals.
  public init(_ signals: [Int32] = []) {
    raw = sigset_t()
    sigemptyset(&raw)
    for signal in signals { sigaddset(&raw, signal) }
  }

  /// Whether `signal` is in it.
  public func contains(_ signal: Int32) -> Bool {
    var set = raw
    return sigismember(&set, signal) == 1
  }
}

internal import Linux
public import Model

/// Keeps a component that dies again and again from being called, and lets it try once in a while.
///
/// Closed it lets every call through; open none; after its time one, whose end decides. Nygard,
/// "Release It!", 2nd ed., chapter 5, has the pattern and its three states.
struct Breaker: Sendable {
  /// When it opens, for how long, and how soon a component may be started again.
  struct Rules: Hashable, Sendable {
    /// Failures in a row that open it.
    var failureCount = 3
    /// How long it stays open.
    var openFor: Duration = .seconds(300)
    /// Between the second failure in a row and the next start; doubles with every failure.
    var delayFirst: Duration = .milliseconds(100)
    /// The longest such delay.
    var delayMax: Duration = .seconds(5)

    /// Never opens and never delays.
    static let off = Rules(failureCount: .max, delayFirst: .zero, delayMax: .zero)
  }

  /// What it says to a call.
  enum Admission: Equatable {
    /// Run it, after that long.
    case run(after: Duration)
    /// Refuse it.
    case refuse
  }

  /// How the component died at last, and until when it is left alone.
  struct Opening: Hashable, Sendable {
    var failure: KaizenError
    var failureCount: Int
    var until: Duration
  }

  let rules: Rules
  /// Set while it is open, or half-open: then its time is over.
  private(set) var opening: Opening?
  private var isTrying = false
  private var failuresInRow = 0
  private var lastFailureAt: Duration = .zero

  init(_ rules: Rules) { self.rules = rules }

  /// Whether `error` is the component's own death; refusals and faults of the host are not.
  static func counts(_ error: KaizenError) -> Bool { deaths.contains(error.code.rawValue) }

  private static let deaths: Set<String> = [
    "E_PLUGIN_CRASHED", "E_PLUGIN_EXITED", "E_PLUGIN_CLOSED", "E_PLUGIN_DEADLINE",
    "E_PLUGIN_PROTOCOL", "E_PLUGIN_MEMORY",
  ]

  /// Whether a call would be refused now; asks for no trial.
  func refuses(at now: Duration) -> Bool {
    opening.map { isTrying || now < $0.until } ?? false
  }

  /// Admits the next call; one that is admitted must be told of with `ended`.
  mutating func admit(at now: Duration) -> Admission {
    if refuses(at: now) { return .refuse }
    if opening != nil {
      isTrying = true
      return .run(after: .zero)
    }
    return .run(after: max(.zero, lastFailureAt + delay - now))
  }

  /// The first failure costs nothing: most are the input's.
  private var delay: Duration {
    if failuresInRow < 2 { return .zero }
    let doublings = min(failuresInRow - 2, 16)
    return min(rules.delayFirst * (1 << doublings), rules.delayMax)
  }

  /// Notes how a call ended.
  /// - Returns: whether it opened or closed by that.
  mutating func ended(_ failure: KaizenError?, at now: Duration) -> Bool {
    let wasTrying = isTrying
    isTrying = false
    guard let failure else {
      let wasOpen = opening != nil
      self = Breaker(rules)
      return wasOpen
    }
    // What is not its own death says nothing about it: a trial is then still due.
    if !Self.counts(failure) { return false }
    failuresInRow += 1
    lastFailureAt = now
    if failuresInRow < rules.failureCount, !wasTrying { return false }
    opening = Opening(
      failure: failure, failureCount: failuresInRow, until: now + rules.openFor)
    return true
  }
}

/// A component's breaker opened or closed.
public struct BreakerChange: Hashable, Sendable {
  /// Which component.
  public var component: ComponentID
  /// Why it is called no more, until when, and the command that lifts it; nil where it is called
  /// again.
  public var reason: String?
}

extension Breaker.Opening {
  /// What people are told: the reason, until when, and how to lift it.
  func text(_ component: ComponentID, now: Duration) -> String {
    let left = until - now
    let until = Instant(nanoseconds: Clock.wallNanoseconds()) + max(.zero, left)
    // Whole seconds: nobody waits more closely.
    let when =
      left > .zero
      ? "not called until \(Instant(seconds: until.seconds))" : "the next call is its trial"
    return "\(failureCount) failures in a row, the last \(failure.code.rawValue): "
      + "\(failure.message); \(when); `kaizen plugins enable \(component)` lifts it at once"
  }

  /// The error of a call that is not let through.
  func error(_ component: ComponentID, now: Duration) -> KaizenError {
    KaizenError(
      "E_PLUGIN_OPEN",
      "component \"\(component)\" is not called: \(failureCount) failures in a row, the last "
        + "\(failure.code.rawValue): \(failure.message)",
      hint: "it is tried again in \(max(0, (until - now).components.seconds)) s; "
        + "`kaizen plugins enable \(component)` lifts it at once")
  }
}

/// The clock of breakers, and how their delays are waited for.
struct BreakerClock: Sendable {
  var now: @Sendable () -> Duration = { Clock.monotonic() }
  var pause: @Sendable (Duration) -> Void = { delay in
    let nothing: Void? = Condition(false).wait(timeout: delay) { $0 ? () : nil }
    _ = nothing
  }
}

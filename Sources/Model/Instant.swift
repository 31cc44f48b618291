/// A moment on the wall clock, in nanoseconds since 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Sendable, Comparable {
  /// Nanoseconds since the Unix epoch.
  public var nanoseconds: Int64

  /// The moment that many nanoseconds after the epoch.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The moment that many seconds after the epoch.
  public init(seconds: Int64) { self.nanoseconds = seconds * 1_000_000_000 }

  /// Whole seconds since the epoch, rounded down.
  public var seconds: Int64 { Int64((Double(nanoseconds) / 1e9).rounded(.down)) }

  /// Earlier before later.
  public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The moment `duration` later.
  public static func + (moment: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: moment.nanoseconds + duration.nanoseconds)
  }

  /// The moment `duration` earlier.
  public static func - (moment: Instant, duration: Duration) -> Instant {
    Instant(nanoseconds: moment.nanoseconds - duration.nanoseconds)
  }

  /// The time from `earlier` to `later`.
  public static func - (later: Instant, earlier: Instant) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// The whole duration in milliseconds, with its fraction.
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }
}

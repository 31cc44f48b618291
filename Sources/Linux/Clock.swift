internal import Glibc

/// The two clocks: what time it is, and how much has passed.
public enum Clock {
  /// Nanoseconds since the Unix epoch; people may set it back.
  public static func wallNanoseconds() -> Int64 {
    var now = Glibc.timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }

  /// Time since some fixed point; never goes back.
  public static func monotonic() -> Duration {
    var now = Glibc.timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
  }

  static func timespec(_ moment: Duration) -> Glibc.timespec {
    let (seconds, attoseconds) = moment.components
    return Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  }
}

internal import Glibc

/// poll(2) with a `Duration`.
public enum Poll {
  /// What to wait for, and after the wait what came.
  public struct Events: OptionSet, Hashable, Sendable {
    /// The bits of poll.h.
    public let rawValue: Int16
    /// Those bits.
    public init(rawValue: Int16) { self.rawValue = rawValue }
    /// Data, an end of file, or a process that ended.
    public static let read = Events(rawValue: Int16(POLLIN))
    /// Room to write.
    public static let write = Events(rawValue: Int16(POLLOUT))
    /// The other end is gone; always reported.
    public static let hangup = Events(rawValue: Int16(POLLHUP))
    /// An error; always reported.
    public static let error = Events(rawValue: Int16(POLLERR))
    /// The descriptor is not open; always reported.
    public static let invalid = Events(rawValue: Int16(POLLNVAL))
  }

  /// One descriptor and what is awaited of it; -1 as the number is skipped.
  public struct Interest: Hashable, Sendable {
    /// The descriptor, lent.
    public var descriptor: Int32
    /// What is awaited.
    public var events: Events
    /// What came; empty before the wait.
    public var ready: Events = []

    /// Awaits `events` of `descriptor`.
    public init(_ descriptor: Int32, _ events: Events) {
      self.descriptor = descriptor
      self.events = events
    }
  }

  /// Waits until one is ready or `timeout` is over (nil: never) and returns how many are.
  @discardableResult
  public static func wait(
    _ interests: inout [Interest], timeout: Duration?
  ) throws(SystemError) -> Int {
    let deadline = timeout.map { Clock.monotonic() + $0 }
    var polled = interests.map {
      pollfd(fd: $0.descriptor, events: $0.events.rawValue, revents: 0)
    }
    while true {
      let count = poll(&polled, nfds_t(polled.count), milliseconds(until: deadline))
      if count >= 0 {
        for index in polled.indices {
          interests[index].ready = Events(rawValue: polled[index].revents)
        }
        // A wait longer than poll can take in one go goes on.
        if count == 0, let deadline, Clock.monotonic() < deadline { continue }
        return Int(count)
      }
      let error = SystemError("poll")
      if error.code != EINTR { throw error }
    }
  }

  /// Rounded up, so that a wait never ends just before its time and spins.
  private static func milliseconds(until deadline: Duration?) -> Int32 {
    guard let deadline else { return -1 }
    let left = deadline - Clock.monotonic()
    if left <= .zero { return 0 }
    let (seconds, attoseconds) = left.components
    if seconds >= 1_000_000 { return 1_000_000_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

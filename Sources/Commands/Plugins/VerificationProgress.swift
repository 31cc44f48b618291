internal import Linux
internal import Synchronization

/// Says what a verification is doing, at most once a second, so that a short one says nothing.
final class VerificationProgress: Sendable {
  private let write: @Sendable (String) -> Void
  private let last = Mutex(Clock.monotonic())

  /// Hands each remark that is due to `write`.
  init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// Notes that `text` comes now.
  func say(_ text: String) {
    let now = Clock.monotonic()
    let isDue = last.withLock { last in
      if now - last < .seconds(1) { return false }
      last = now
      return true
    }
    if isDue { write(text) }
  }
}

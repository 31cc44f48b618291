import Glibc

/// A value that threads wait on: a mutex and a condition variable around it.
public final class Condition<Value>: @unchecked Sendable where Value: Sendable {
  // Unchecked: `value` is only touched with `mutex` held.
  private var value: Value
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Starts with `value`.
  public init(_ value: Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` on the value and wakes everyone who waits.
  public func update<R>(_ body: (inout Value) throws -> R) rethrows -> R {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return try body(&value)
  }

  /// Waits until `body` gives a result, at most `timeout`; nil when the time is up.
  public func wait<R>(timeout: Duration, until body: (inout Value) -> R?) -> R? {
    let deadline = Clock.monotonic() + timeout
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      var at = Clock.timespec(deadline)
      if pthread_cond_timedwait(changed, mutex, &at) == ETIMEDOUT { return body(&value) }
    }
  }
}

import Linux

/// Does something over and over on a thread of its own, until it is stopped.
final class Housekeeper: Sendable {
  private let isStopped = Condition(false)
  private let thread: BlockingThread

  /// Starts at once; `body` runs each `interval`.
  init(every interval: Duration, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let isStopped = isStopped
    thread = try BlockingThread(name: "housekeeper") {
      while isStopped.wait(timeout: interval, until: { $0 ? true : nil }) == nil { body() }
    }
  }

  /// Returns when the thread has ended.
  func stop() {
    isStopped.update { $0 = true }
    thread.join()
  }
}

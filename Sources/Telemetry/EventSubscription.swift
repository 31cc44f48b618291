internal import Linux
internal import Model
internal import Synchronization

/// A body that gets every event on a thread of its own; its errors and its pace are its own.
///
/// An error is logged and counted, and the next event is delivered all the same.
public final class EventSubscription: Sendable {
  /// The longest wait before a cancelled subscription notices.
  static let pollInterval = Duration.milliseconds(500)

  private struct Tally: Sendable {
    var failedCount = 0
    var missedCount: Int64 = 0
    var isCancelled = false
  }

  /// What the thread and its owner share; the thread does not hold the owner, so it can go.
  private final class Shared: Sendable {
    let tally = Mutex(Tally())
  }

  private let shared: Shared
  private let thread: BlockingThread

  /// Starts to deliver the events after number `sequence` to `body`.
  public init(
    _ name: String, to bus: EventBus, after sequence: Int64 = 0, log: Log,
    _ body: @escaping @Sendable (Event) throws -> Void
  ) throws {
    let shared = Shared()
    self.shared = shared
    thread = try BlockingThread(name: "events-\(name)") {
      Self.deliver(name, bus, sequence, log, shared, body)
    }
  }

  /// How many events the body failed on.
  public var failedCount: Int { shared.tally.withLock { $0.failedCount } }

  /// How many events were gone before the body could be given them.
  public var missedCount: Int64 { shared.tally.withLock { $0.missedCount } }

  /// Ends the delivery, and waits until the body has returned.
  public func cancel() {
    shared.tally.withLock { $0.isCancelled = true }
    thread.join()
  }

  /// Waits until the bus is closed and the body has had every event.
  public func join() { thread.join() }

  deinit { shared.tally.withLock { $0.isCancelled = true } }

  private static func deliver(
    _ name: String, _ bus: EventBus, _ start: Int64, _ log: Log, _ shared: Shared,
    _ body: (Event) throws -> Void
  ) {
    var sequence = start
    while true {
      let batch = bus.wait(after: sequence, timeout: pollInterval)
      shared.tally.withLock { $0.missedCount += batch.missedCount }
      for event in batch.events {
        if shared.tally.withLock({ $0.isCancelled }) { return }
        do { try body(event) } catch {
          shared.tally.withLock { $0.failedCount += 1 }
          log.warning(
            "a subscriber failed on an event",
            [
              "subscriber": .string(name), "event": .integer(event.sequence),
              "error": .string("\(error)"),
            ])
        }
      }
      sequence = batch.next(after: sequence)
      if batch.isClosed && batch.events.isEmpty { return }
      if shared.tally.withLock({ $0.isCancelled }) { return }
    }
  }
}

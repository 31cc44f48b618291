public import Linux
public import Model

/// The latest events in a ring of fixed size; publishing never waits for a reader.
///
/// Readers pull by sequence number, each at its own pace. One that is too slow loses the oldest
/// events and is told how many.
public final class EventBus: Sendable {
  /// Events kept, unless given otherwise.
  public static let capacity = 10_000
  /// Longest message, in bytes of UTF-8.
  public static let messageBytesMax = 4096
  /// Longest text of an event's fields, in bytes; longer ones are replaced by a note.
  public static let fieldBytesMax = 16_384

  private struct State: Sendable {
    var ring: [Event] = []
    var last: Int64 = 0
    var isClosed = false
  }

  private let capacity: Int
  private let state = Condition(State())
  private let now: @Sendable () -> Instant

  /// Makes a bus without events.
  public init(
    capacity: Int = EventBus.capacity,
    now: @escaping @Sendable () -> Instant = { Instant(nanoseconds: Clock.wallNanoseconds()) }
  ) {
    self.capacity = max(1, capacity)
    self.now = now
  }

  /// Adds an event, and gives it with its number and time; after `close()` nobody sees it.
  @discardableResult
  public func publish(
    _ kind: String, agent: AgentID? = nil, _ message: String, fields: [String: JSONValue] = [:]
  ) -> Event {
    let fits = fields.isEmpty || JSONValue.object(fields).text().utf8.count <= Self.fieldBytesMax
    var event = Event(
      sequence: 0, time: now(), kind: kind, agent: agent,
      message: String(message.prefix(Self.messageBytesMax)),
      fields: fits ? fields : ["left_out": .string("fields over \(Self.fieldBytesMax) bytes")])
    return state.update { state in
      event.sequence = state.last + 1
      if state.isClosed { return event }
      state.last += 1
      if state.ring.count < capacity {
        state.ring.append(event)
      } else {
        state.ring[Self.slot(event.sequence, capacity)] = event
      }
      return event
    }
  }

  /// The number of the latest event; 0 before the first.
  public var lastSequence: Int64 { state.peek { $0.last } }

  /// The events after number `sequence`, at most `limit`.
  ///
  /// A number that was not given out yet is from an earlier life of the daemon: reading starts at
  /// the oldest event, and nothing counts as missed.
  public func events(after sequence: Int64, limit: Int) -> EventBatch {
    state.peek { Self.batch($0, after: sequence, limit: limit, capacity) }
  }

  /// Waits until there are events after number `sequence`, or the bus closes, at most `timeout`.
  public func wait(after sequence: Int64, timeout: Duration, limit: Int = 1000) -> EventBatch {
    let batch = state.wait(timeout: timeout) { state -> EventBatch? in
      let batch = Self.batch(state, after: sequence, limit: limit, capacity)
      return batch.events.isEmpty && !batch.isClosed ? nil : batch
    }
    return batch ?? EventBatch(events: [], missedCount: 0, isClosed: false)
  }

  /// Ends all waiting, now and later.
  public func close() { state.update { $0.isClosed = true } }

  private static func slot(_ sequence: Int64, _ capacity: Int) -> Int {
    Int((sequence - 1) % Int64(capacity))
  }

  private static func batch(
    _ state: State, after asked: Int64, limit: Int, _ capacity: Int
  ) -> EventBatch {
    let oldest = state.last - Int64(state.ring.count) + 1
    let isFromEarlierLife = asked > state.last
    let after = isFromEarlierLife ? oldest - 1 : max(0, asked)
    let first = max(after + 1, oldest)
    let count = min(Int64(max(0, limit)), state.last - first + 1)
    let events = (0..<max(0, count)).map { state.ring[slot(first + $0, capacity)] }
    return EventBatch(
      events: events, missedCount: first - after - 1, isClosed: state.isClosed)
  }
}

extension Condition {
  /// Reads the value without waking anyone.
  func peek<R>(_ body: (Value) -> R) -> R {
    guard let result = wait(timeout: .zero, until: { .some(body($0)) }) else {
      fatalError("a body that always gives a result needs no waiting")
    }
    return result
  }
}

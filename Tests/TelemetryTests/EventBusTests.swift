import Linux
import Model
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("Events in a ring") struct EventBusTests {
  let bus = EventBus(capacity: 4, now: { Instant(seconds: 1_000_000_000) })

  @Test("events are numbered from 1 and read in order, after any number, up to a limit")
  func order() {
    for number in 1...4 { bus.publish("k\(number)", "m") }
    #expect(bus.events(after: 0, limit: 10).events.map(\.sequence) == [1, 2, 3, 4])
    #expect(bus.events(after: 1, limit: 2).events.map(\.kind) == ["k2", "k3"])
    #expect(bus.events(after: 4, limit: 10).events.isEmpty)
    #expect(bus.lastSequence == 4)
  }

  @Test("an event shows itself as JSON, without what it has not")
  func json() {
    let event = bus.publish("trial.kept", agent: AgentID("a"), "kept", fields: ["n": 3])
    #expect(
      event.json.text() == """
        {"agent":"a","fields":{"n":3},"kind":"trial.kept","message":"kept","sequence":1,\
        "time":"2001-09-09T01:46:40.000Z"}
        """)
    #expect(bus.publish("x", "y").json["agent"] == nil)
  }

  @Test("the oldest make room, and a reader is told how many it missed", arguments: 0...12)
  func missed(published: Int) {
    for _ in 0..<published { bus.publish("k", "m") }
    let batch = bus.events(after: 0, limit: 100)
    #expect(batch.events.count == min(4, published))
    #expect(batch.missedCount == Int64(max(0, published - 4)))
    #expect(
      batch.events.map(\.sequence) == Array(Int64(batch.missedCount + 1)..<Int64(published + 1)))
    #expect(batch.next(after: 0) == Int64(published))
  }

  @Test("a number from an earlier life of the daemon reads from the oldest, nothing missed")
  func earlierLife() {
    for _ in 0..<6 { bus.publish("k", "m") }
    let batch = bus.events(after: 99, limit: 100)
    #expect(batch.events.map(\.sequence) == [3, 4, 5, 6])
    #expect(batch.missedCount == 0)
  }

  @Test("odd numbers and limits are no crash", arguments: [Int64.min, -1, 0, Int64.max])
  func odd(after: Int64) {
    bus.publish("k", "m")
    #expect(bus.events(after: after, limit: -1).events.isEmpty)
    #expect(bus.events(after: after, limit: .max).events.count == 1)
  }

  @Test("a long message is cut, and fields that are too big are left out with a note")
  func bounded() {
    let event = bus.publish(
      "k", String(repeating: "m", count: 10_000),
      fields: ["big": .string(String(repeating: "x", count: 20_000))])
    #expect(event.message.utf8.count == EventBus.messageBytesMax)
    #expect(event.fields["big"] == nil && event.fields["left_out"] != nil)
  }

  @Test("waiting ends with the first new event")
  func wait() throws {
    let waiter = try BlockingThread(name: "publish") { [bus] in bus.publish("k", "late") }
    let batch = bus.wait(after: 0, timeout: .seconds(10))
    waiter.join()
    #expect(batch.events.map(\.message) == ["late"])
  }

  @Test("waiting ends with the time, or at once when the bus closes")
  func waitEnds() {
    #expect(bus.wait(after: 0, timeout: .milliseconds(1)).events.isEmpty)
    bus.close()
    #expect(bus.wait(after: 0, timeout: .seconds(100)).isClosed)
    bus.publish("k", "after the end")
    #expect(bus.lastSequence == 0)
  }

  @Test("many publishers: every number once, none lost")
  func concurrent() throws {
    let bus = EventBus(capacity: 4000)
    let threads = try (0..<4).map { _ in
      try BlockingThread(name: "publish") { for _ in 0..<1000 { bus.publish("k", "m") } }
    }
    for thread in threads { thread.join() }
    #expect(bus.events(after: 0, limit: 5000).events.map(\.sequence) == Array(1...4000))
  }
}

@Suite("Subscribers of events") struct EventSubscriptionTests {
  struct Refused: Error {}

  /// A log that writes nowhere.
  let log = Log(descriptor: -1)

  @Test("a subscriber's errors are its own: it goes on, and so do the others")
  func errors() throws {
    let bus = EventBus()
    let seen = Mutex<[Int64]>([])
    let bad = try EventSubscription("bad", to: bus, log: log) { event in
      if event.sequence % 2 == 1 { throw Refused() }
    }
    let good = try EventSubscription("good", to: bus, log: log) { event in
      seen.withLock { $0.append(event.sequence) }
    }
    for _ in 0..<10 { bus.publish("k", "m") }
    bus.close()
    bad.join()
    good.join()
    #expect(bad.failedCount == 5 && good.failedCount == 0)
    #expect(seen.withLock { $0 } == Array(1...10))
  }

  @Test("a slow subscriber holds up nobody and learns what it missed")
  func slow() throws {
    let bus = EventBus(capacity: 2)
    let gate = Condition(false)
    let started = Condition(false)
    let slow = try EventSubscription("slow", to: bus, log: log) { _ in
      started.update { $0 = true }
      _ = gate.wait(timeout: .seconds(10)) { $0 ? true : nil }
    }
    bus.publish("k", "m")
    _ = started.wait(timeout: .seconds(10)) { $0 ? true : nil }
    for _ in 0..<5 { bus.publish("k", "m") }
    gate.update { $0 = true }
    bus.close()
    slow.join()
    #expect(slow.missedCount == 3)
  }

  @Test("a cancelled subscriber gets nothing more")
  func cancelled() throws {
    let bus = EventBus()
    let count = Mutex(0)
    let subscription = try EventSubscription("s", to: bus, log: log) { _ in
      count.withLock { $0 += 1 }
    }
    subscription.cancel()
    bus.publish("k", "m")
    #expect(count.withLock { $0 } == 0)
  }
}

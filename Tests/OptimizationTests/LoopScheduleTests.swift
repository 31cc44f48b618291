import Model
import Testing

@testable import Optimization

@Suite("When the loop looks at an agent") struct LoopScheduleTests {
  private static let start = Instant(seconds: 1_795_000_000)
  private static let interval = Duration.seconds(900)

  private var schedule = LoopSchedule(interval: interval, startedAt: start)

  private func signal(_ name: String, _ count: Int) throws -> LoopSchedule.Signal {
    LoopSchedule.Signal(agent: try #require(AgentID(name)), operationCount: count)
  }

  @Test("nothing is due before the first interval is over, then whatever has data")
  func first() throws {
    let signals = [try signal("a", 3), try signal("b", 0)]
    #expect(schedule.due(signals, at: Self.start + .seconds(899)).isEmpty)
    #expect(schedule.due(signals, at: Self.start + .seconds(900)).map(\.text) == ["a"])
  }

  @Test("without new data an agent is not looked at again, however long it takes")
  mutating func quiet() throws {
    let seen = try signal("a", 3)
    let later = Self.start + .seconds(1000)
    schedule.didLook(at: seen, time: later)
    #expect(schedule.due([seen], at: later + .seconds(1_000_000)).isEmpty)
    let grown = try signal("a", 4)
    #expect(schedule.due([grown], at: later + .seconds(899)).isEmpty)
    #expect(schedule.due([grown], at: later + .seconds(900)).count == 1)
  }

  @Test("what came in while it was looked at is new")
  mutating func meanwhile() throws {
    schedule.didLook(at: try signal("a", 3), time: Self.start)
    let due = schedule.due([try signal("a", 5)], at: Self.start + Self.interval)
    #expect(due.count == 1)
  }

  @Test("a pattern that completes brings an agent forward, but not over and over")
  mutating func noticed() throws {
    let agent = try #require(AgentID("b"))
    schedule.notice(agent)
    let signals = [try signal("a", 3), try signal("b", 3)]
    #expect(schedule.due(signals, at: Self.start).map(\.text) == ["b"])
    schedule.didLook(at: signals[1], time: Self.start)
    schedule.notice(agent)
    #expect(schedule.due(signals, at: Self.start + .seconds(29)).isEmpty)
    #expect(schedule.due(signals, at: Self.start + .seconds(30)).map(\.text) == ["b"])
  }

  @Test("those with a pattern come first, then those that waited longest")
  mutating func order() throws {
    let signals = try ["a", "b", "c", "d"].map { try signal($0, 1) }
    schedule.didLook(at: try signal("a", 0), time: Self.start + .seconds(20))
    schedule.didLook(at: try signal("b", 0), time: Self.start + .seconds(10))
    schedule.notice(signals[3].agent)
    let due = schedule.due(signals, at: Self.start + .seconds(2000))
    #expect(due.map(\.text) == ["d", "c", "b", "a"])
  }

  @Test("an agent that is no more is forgotten")
  mutating func forgotten() throws {
    let seen = try signal("a", 3)
    schedule.didLook(at: seen, time: Self.start)
    schedule.keep(only: [])
    #expect(schedule.due([seen], at: Self.start + Self.interval).count == 1)
  }
}

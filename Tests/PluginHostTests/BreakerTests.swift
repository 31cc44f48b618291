import Linux
import Model
import Synchronization
import TestSupport
import Testing

@testable import PluginHost

/// A clock that moves only when told to, or when somebody pauses by it.
private final class FakeClock: Sendable {
  private let state = Mutex<(now: Duration, pauses: [Duration])>((.seconds(1000), []))
  var now: Duration { state.withLock { $0.now } }
  var pauses: [Duration] { state.withLock { $0.pauses } }
  func advance(_ duration: Duration) { state.withLock { $0.now += duration } }

  var breakers: BreakerClock {
    BreakerClock(
      now: { self.now },
      pause: { duration in
        self.state.withLock { state in
          state.now += duration
          state.pauses.append(duration)
        }
      })
  }
}

@Suite("A circuit breaker") struct BreakerTests {
  private static let death = KaizenError("E_PLUGIN_CRASHED", "it crashed")

  /// What it says to `count` deaths in a row, 10 s apart.
  private func deaths(_ breaker: inout Breaker, _ count: Int, from start: Int = 0) -> Bool {
    var isChange = false
    for number in 0..<count {
      _ = breaker.admit(at: .seconds(start + number * 10))
      isChange = breaker.ended(Self.death, at: .seconds(start + number * 10))
    }
    return isChange
  }

  @Test("opens with the third death in a row, for its time")
  func opens() {
    var breaker = Breaker(Breaker.Rules())
    let second = deaths(&breaker, 2)
    #expect(!second && breaker.opening == nil)
    let third = deaths(&breaker, 1, from: 20)
    #expect(third && breaker.opening?.until == .seconds(320))
    #expect(breaker.admit(at: .seconds(319)) == .refuse)
  }

  @Test("lets one call through after its time, and goes by its end")
  func halfOpen() {
    var breaker = Breaker(Breaker.Rules())
    _ = deaths(&breaker, 3)
    #expect(breaker.admit(at: .seconds(320)) == .run(after: .zero))
    #expect(breaker.admit(at: .seconds(320)) == .refuse)
    let isOpened = breaker.ended(Self.death, at: .seconds(321))
    #expect(isOpened && breaker.opening?.until == .seconds(621))
    #expect(breaker.admit(at: .seconds(621)) == .run(after: .zero))
    let isClosed = breaker.ended(nil, at: .seconds(622))
    #expect(isClosed && breaker.opening == nil)
    let again = deaths(&breaker, 2, from: 700)
    #expect(!again)
  }

  @Test("a trial that the host could not make is due again")
  func dueAgain() {
    var breaker = Breaker(Breaker.Rules())
    _ = deaths(&breaker, 3)
    _ = breaker.admit(at: .seconds(400))
    let isChange = breaker.ended(KaizenError("E_SYSTEM", "no memory"), at: .seconds(401))
    #expect(!isChange)
    #expect(breaker.admit(at: .seconds(402)) == .run(after: .zero))
  }

  @Test("a success in between starts the count anew")
  func success() {
    var breaker = Breaker(Breaker.Rules())
    _ = deaths(&breaker, 2)
    _ = breaker.ended(nil, at: .seconds(30))
    let isChange = deaths(&breaker, 2, from: 40)
    #expect(!isChange && breaker.opening == nil)
  }

  @Test(
    "counts the component's deaths, and nothing that is the host's or an orderly no",
    arguments: [
      ("E_PLUGIN_CRASHED", true), ("E_PLUGIN_EXITED", true), ("E_PLUGIN_DEADLINE", true),
      ("E_PLUGIN_PROTOCOL", true), ("E_PLUGIN_CLOSED", true), ("E_PLUGIN_BUSY", false),
      ("E_PLUGIN_FAILED", false), ("E_SYSTEM", false), ("E_PLUGIN_KIND", false),
    ])
  func codes(code: String, isDeath: Bool) {
    #expect(Breaker.counts(KaizenError(KaizenError.Code(rawValue: code), "m")) == isDeath)
  }

  @Test("delays no first start, then 100 ms doubling to 5 s, until a success")
  func delays() {
    var rules = Breaker.Rules()
    rules.failureCount = 100
    var breaker = Breaker(rules)
    var delays: [Breaker.Admission] = []
    for _ in 0..<10 {
      delays.append(breaker.admit(at: .seconds(5)))
      _ = breaker.ended(Self.death, at: .seconds(5))
    }
    let milliseconds = [0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]
    #expect(delays == milliseconds.map { .run(after: .milliseconds($0)) })
    #expect(breaker.admit(at: .seconds(60)) == .run(after: .zero))
    _ = breaker.ended(nil, at: .seconds(60))
    _ = breaker.ended(Self.death, at: .seconds(60))
    #expect(breaker.admit(at: .seconds(60)) == .run(after: .zero))
  }
}

@Suite("A component that dies again and again") struct BrokenComponentTests {
  private let rig: HostRig
  private let clock = FakeClock()
  private let changes = SharedList<BreakerChange>()

  init() throws { rig = try HostRig() }

  /// A host with the fixture that hurts as its agent's id says, and breakers by the fake clock.
  private func host() throws -> ComponentHost {
    try rig.libraryBundle("harm", #", "needs": {"memory_mb": 64}"#)
    var configuration = try rig.configuration()
    configuration.breaker = Breaker.Rules()
    configuration.breakerClock = clock.breakers
    configuration.onBreaker = { [changes] in changes.append($0) }
    return try ComponentHost(configuration)
  }

  private func code(_ host: ComponentHost, _ harm: String) throws -> String {
    let (component, input) = (try id("harm"), try rig.analysis(agent: harm))
    do throws(KaizenError) {
      _ = try host.analyze(component, input)
      return "none"
    } catch {
      return error.code.rawValue
    }
  }

  private func state(_ host: ComponentHost) -> ComponentStatus.State? {
    host.components().first { $0.name == "harm" }?.state
  }

  @Test("is left alone after three deaths, says why, and is tried after its time")
  func life() throws {
    let host = try host()
    for _ in 0..<3 { #expect(try code(host, "segfault") == "E_PLUGIN_CRASHED") }
    #expect(clock.pauses == [.milliseconds(100)])
    #expect(try code(host, "segfault") == "E_PLUGIN_OPEN")
    guard case .broken(let reason) = state(host) else {
      Issue.record("\(String(describing: state(host)))")
      return
    }
    for word in [
      "3 failures in a row", "E_PLUGIN_CRASHED", "until 2", "kaizen plugins enable harm",
    ] {
      #expect(reason.contains(word), "\(reason)")
    }
    #expect(changes.all.count == 1 && changes.all.first?.reason?.contains("SIGSEGV") == true)
    let callCount = rig.calls.all.count
    #expect(callCount == 3)  // what is refused is no call
    clock.advance(.seconds(301))
    #expect(try code(host, "segfault") == "E_PLUGIN_CRASHED")
    #expect(try code(host, "segfault") == "E_PLUGIN_OPEN")
    #expect(rig.calls.all.count == callCount + 1)
  }

  @Test(
    "is called again once it is enabled, or the plugins are reloaded", arguments: [true, false])
  func lifted(byEnabling: Bool) throws {
    let host = try host()
    for _ in 0..<3 { _ = try code(host, "segfault") }
    #expect(try code(host, "segfault") == "E_PLUGIN_OPEN")
    if byEnabling { host.enable("harm") } else { host.reload() }
    #expect(state(host) == .ready)
    #expect(try code(host, "segfault") == "E_PLUGIN_CRASHED")
  }

  @Test("costs no other component a call")
  func others() throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    let host = try host()
    for _ in 0..<4 { _ = try code(host, "segfault") }
    #expect(host.ready(.analyzer).map(\.id.text) == ["good", "harm"])
    #expect(try host.analyze(try id("good"), try rig.analysis()).opportunities.count == 1)
  }
}

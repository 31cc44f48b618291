import Linux
import Model
import Sandbox
import Synchronization
import Testing

@testable import Optimization

@Suite("Following a run") struct RunBoardTests {
  private let board = RunBoard()

  private let numbers = Condition<Int64>(0)

  private func open(_ agent: String = "a", origin: Run.Origin = .user) throws -> Run {
    let number = numbers.update { number in
      number += 1
      return number
    }
    let run = Run(
      number: number, agent: try #require(AgentID(agent)), requestedBy: 0, origin: origin,
      isDryRun: false, strategy: .auto, startedAt: Instant(seconds: 0))
    try board.open(run)
    return run
  }

  @Test("a run without news is waited for, and is there when the time is up")
  func waits() throws {
    let run = try open()
    let began = Clock.monotonic()
    let found = board.wait(for: run.id, beyond: 0, timeout: .milliseconds(30))
    #expect(found?.id == run.id)
    #expect(found?.ending == nil)
    #expect(Clock.monotonic() - began >= .milliseconds(30))
  }

  @Test("news ends the waiting at once")
  func newsWakes() throws {
    let run = try open()
    let teller = try BlockingThread(name: "teller") {
      board.update(run.id) { $0.progress.append("cloned") }
    }
    let found = board.wait(for: run.id, beyond: 0, timeout: .seconds(20))
    teller.join()
    #expect(found?.progress == ["cloned"])
  }

  @Test("a run that nobody began is not waited for")
  func unknown() {
    let began = Clock.monotonic()
    #expect(board.wait(for: "r-9", beyond: 0, timeout: .seconds(20)) == nil)
    #expect(Clock.monotonic() - began < .seconds(10))
  }

  @Test("a daemon that stops says so, and not that it is busy")
  func closed() throws {
    board.close()
    let error = #expect(throws: KaizenError.self) { try open() }
    #expect(error?.code == "E_STOPPING")
  }

  @Test("an agent has one run at a time, and the daemon a few")
  func crowded() throws {
    let first = try open()
    var error = #expect(throws: KaizenError.self) { try open() }
    #expect(error?.code == "E_AGENT_BUSY")
    #expect(error?.message.contains(first.id) == true)
    for agent in ["b", "c", "d"] { _ = try open(agent) }
    error = #expect(throws: KaizenError.self) { try open("e") }
    #expect(error?.code == "E_BUSY")
  }

  @Test("what nobody asked for leaves people their places")
  func unattended() throws {
    for agent in ["a", "b"] { _ = try open(agent, origin: .propose) }
    let error = #expect(throws: KaizenError.self) { try open("c", origin: .auto) }
    #expect(error?.code == "E_BUSY")
    for agent in ["c", "d"] { _ = try open(agent) }
    #expect(board.activeCount == RunBoard.activeCountMax)
  }

  @Test("a run is stopped by its token, which goes with it")
  func tokens() throws {
    let run = try open()
    let token = try #require(board.stopToken(run.id))
    let isCalled = Mutex(false)
    token.onStop { isCalled.withLock { $0 = true } }
    token.stop(KaizenError("E_CANCELLED", "enough"))
    token.stop(KaizenError("E_STOPPING", "later"))
    #expect(isCalled.withLock { $0 })
    #expect(token.reason?.code == "E_CANCELLED", "the first reason stands")
    board.update(run.id) { $0.ending = TrialEnding(.failed, code: "x", reason: "y") }
    #expect(board.stopToken(run.id) == nil)
  }
}

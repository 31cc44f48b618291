import Feedback
import Linux
import Model
import Synchronization
import TestSupport
import Testing

@Suite("Storing records") struct StoringTests {
  @Test("what is acknowledged is in the next answer, and after a restart")
  func durable() throws {
    let test = try TestLoop()
    let result = try test.ingest(
      line("success", "o1"), line("failure", "o2", #","error_type":"E""#))
    #expect(result.stored == 2 && result.rejectedCount == 0)
    #expect(test.metrics().operationCount == 2)
    try test.restart()
    #expect(test.metrics().operationCount == 2)
    #expect(test.metrics().errors == [.init(type: "E", count: 1)])
    #expect(try test.loop.stats().records == 2)
  }

  @Test("every line is accounted for, and a bad one does not harm its neighbours")
  func mixed() throws {
    let test = try TestLoop()
    let long = line("success", "o9", #","comment":"\#(String(repeating: "x", count: 1 << 20))""#)
    let result = try test.ingest(
      line("success", "o1"), "", "{", line("unknown", "o2"), line("success", "o3"),
      line("success", "o4") + "}", long, "\u{0}", line("success", "o5"), "[]", "null",
      #"{"agent_id":"a","agent_id":"b","operation_id":"o","type":"success"}"#)
    #expect(result.stored == 3 && result.duplicate == 0 && result.rejectedCount == 8)
    #expect(result.rejected.map(\.line) == [3, 4, 6, 7, 8, 10, 11, 12])
    #expect(
      result.rejected.map(\.error.code.rawValue) == [
        "E_JSON", "E_RECORD", "E_JSON", "E_TOO_LARGE", "E_JSON", "E_RECORD", "E_RECORD", "E_JSON",
      ])
    #expect(result.rejected[2].error.message.contains("the value has ended, but '}' follows"))
    #expect(test.metrics().operationCount == 3)
  }

  @Test("of many refused lines the first 100 are named and all are counted")
  func manyRejected() throws {
    let test = try TestLoop()
    let lines = Array(repeating: "nonsense", count: 1000).joined(separator: "\n")
    let result = try test.ingest(lines, line("success", "o1"))
    #expect(result.stored == 1 && result.rejectedCount == 1000)
    #expect(result.rejected.map(\.line) == Array(1...100))
    #expect(result.rejectedLines == Set(1...1000))
  }

  @Test("one record may be written over several lines")
  func pretty() throws {
    let test = try TestLoop()
    let result = try test.ingest(
      "{", #"  "agent_id": "alpha", "operation_id": "o1","#, #"  "type": "success""#, "}", "")
    #expect(result.stored == 1 && result.rejectedCount == 0)
    let wrong = try test.ingest("{", #""agent_id": "alpha""#, "}")
    #expect(wrong.rejected.map(\.line) == [1] && wrong.rejectedCount == 1)
    #expect(wrong.rejected.first?.error.code == "E_RECORD")
    #expect(try test.ingest("{", #""agent_id": "alpha"#, "}").rejected.map(\.line) == [1, 2, 3])
    #expect(throws: KaizenError.self) { try test.ingest(" \n\n ") }
  }

  @Test("an id is stored once, in one body, in the next, and after a restart")
  func idempotency() throws {
    let test = try TestLoop()
    let one = line("success", "o1", #","id":"r1""#)
    #expect(try test.ingest(one, one).duplicate == 1)
    #expect(try test.ingest(one, line("failure", "o2", #","id":"r1""#)).duplicate == 2)
    try test.restart()
    #expect(try test.ingest(one).duplicate == 1)
    // Another agent's ids are its own.
    #expect(try test.ingest(line("success", "o1", #","id":"r1""#, agent: "beta")).stored == 1)
    #expect(try test.loop.stats().records == 2)
  }

  @Test("an id is remembered for a day, also where its entry has left the memory")
  func idempotencyTime() throws {
    let test = try TestLoop { $0.windowRowsMax = 2 }
    let one = line("success", "o1", #","id":"r1""#)
    try test.ingest(one)
    for index in 2...9 { try test.ingest(line("success", "o\(index)")) }
    test.clock.advance(.seconds(86_000))
    try test.restart()
    #expect(try test.ingest(one).duplicate == 1)
    test.clock.advance(.seconds(3 * 86_400))
    try test.restart()
    #expect(try test.ingest(one).stored == 1)
  }

  @Test("agents beyond the limit are refused, known ones are not")
  func agentLimit() throws {
    let test = try TestLoop { $0.agentsMax = 2 }
    let result = try test.ingest(
      line("success", "o1", agent: "a"), line("success", "o1", agent: "b"),
      line("success", "o1", agent: "c"), line("success", "o2", agent: "a"))
    #expect(result.stored == 3 && result.rejected.map(\.line) == [3])
    #expect(result.rejected.first?.error.code == "E_TOO_MANY_AGENTS")
    #expect(test.loop.agents().map(\.text) == ["a", "b"])
    let error = #expect(throws: KaizenError.self) {
      try test.loop.startOperation(agent: required(AgentID("d")), operation: "x")
    }
    #expect(error?.code == "E_TOO_MANY_AGENTS")
  }

  @Test("many senders at once lose nothing and store nothing twice")
  func concurrent() throws {
    let test = try TestLoop()
    let loop = test.loop
    let stored = Mutex(0)
    let threads = try (0..<8).map { thread in
      try BlockingThread(name: "sender") {
        for index in 0..<50 {
          let body = line("success", "o\(index)", #","id":"\#(index % 25)""#, agent: "a\(thread)")
          guard let result = try? loop.ingest(Array(body.utf8)) else { continue }  // counted below
          stored.withLock { $0 += result.stored }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(stored.withLock { $0 } == 200)
    #expect(try loop.stats().records == 200)
  }

  @Test("a loop that is closed refuses, and what waited is stored")
  func closed() throws {
    let test = try TestLoop()
    try test.ingest(line("success", "o1"))
    test.loop.close()
    let result = try test.ingest(line("success", "o2"))
    #expect(result.stored == 0 && result.rejected.first?.error.code == "E_STOPPING")
  }

  @Test("error types beyond the limit keep their text, and are counted together")
  func manyErrorTypes() throws {
    let test = try TestLoop()
    let lines = (0..<10_050).map { line("failure", "o\($0)", #","error_type":"E\#($0)""#) }
    #expect(try test.loop.ingest(Array(lines.joined(separator: "\n").utf8)).stored == 10_050)
    #expect(test.metrics().errors.first == .init(type: "(other)", count: 51))
    try test.restart()
    #expect(test.metrics().errors.first == .init(type: "(other)", count: 51))
  }
}

import Linux
import Model
import Synchronization
import Testing

@testable import Feedback

@Suite("What is held in memory is bounded") struct MemoryTests {
  private func row(_ time: Int64, agent: Int32 = 0, operation: UInt64 = 0) -> ColumnRow {
    ColumnRow(
      agent: agent, time: time, operation: operation, score: .nan, duration: Double(time),
      memory: .nan, cpu: .nan, error: -1, generation: Int32(time % 3), type: 0, source: 0)
  }

  @Test("columns drop from the front, and every column loses the same rows")
  func columns() {
    var columns = AgentColumns()
    for time in 0..<5000 { columns.append(row(Int64(time), operation: UInt64(time))) }
    for dropped in 1...4000 {
      columns.dropFirst()
      if dropped % 500 != 0 { continue }
      var first: Int?
      columns.select(from: 0, to: 5000) { if first == nil { first = $0 } }
      let index = first ?? -1
      #expect(columns.times[index] == Int64(dropped))
      #expect(columns.operations[index] == UInt64(dropped))
      #expect(columns.durations[index] == Double(dropped))
      #expect(columns.generations[index] == Int32(dropped % 3))
      #expect(columns.rows.count == 5000 - dropped && columns.droppedCount == dropped)
      #expect(columns.droppedUntil == Int64(dropped - 1))
    }
    #expect(columns.times.count < 3000)
    for _ in 0..<2000 { columns.dropFirst() }
    #expect(columns.rows.isEmpty && columns.droppedCount == 5000)
  }

  @Test("a selection is by time, end excluded, and by generation")
  func selection() {
    var columns = AgentColumns()
    for time in [5, 1, 4, 2, 3] as [Int64] { columns.append(row(time)) }
    var found: [Int64] = []
    columns.select(from: 2, to: 5) { found.append(columns.times[$0]) }
    #expect(found == [4, 2, 3])
    found = []
    columns.select(from: 0, to: 9, generation: 1) { found.append(columns.times[$0]) }
    #expect(found == [1, 4])
  }

  @Test("of all agents together the oldest rows go, whoever's they are")
  func order() {
    var memory = FeedbackMemory(rowsMax: 4)
    memory.addAgent("a")
    memory.addAgent("b")
    for (time, agent) in [(1, 0), (2, 1), (3, 0), (4, 0), (5, 0), (6, 0)] as [(Int64, Int32)] {
      memory.append(row(time, agent: agent))
    }
    #expect(memory["a"]?.columns.rows.count == 4 && memory["b"]?.columns.rows.count == 0)
    memory.append(row(7, agent: 1))
    #expect(memory["a"]?.columns.rows.count == 3 && memory["b"]?.columns.rows.count == 1)
    #expect(memory["c"] == nil)
  }

  @Test("a map that rotates keeps the newest half at least, and never more than its limit")
  func rotating() {
    var map = RotatingMap<Int>(countMax: 100)
    for key in 0..<1000 {
      map.set(UInt64(key), key)
      #expect(map.count <= 100)
      #expect(map[UInt64(max(0, key - 49))] == max(0, key - 49))
    }
    #expect(map[UInt64(800)] == nil)
    map.set(999, -1)
    #expect(map[999] == -1)
    map.remove(999)
    #expect(map[999] == nil)
    map.rotate()
    map.rotate()
    #expect(map.count == 0)
  }

  @Test("jobs come out in order, as many as one commit takes")
  func queue() throws {
    let queue = WriteQueue()
    let record = PreparedRecord(
      FeedbackRecord(agent: try required(AgentID("a")), operation: "o", type: .success, time: noon))
    for count in [10_000, 6_000, 400, 20_000, 1] {
      _ = try queue.submit(.records([PreparedRecord](repeating: record, count: count)))
    }
    #expect(queue.take()?.map(\.job.count) == [10_000, 6_000])
    #expect(queue.take()?.map(\.job.count) == [400])
    #expect(queue.take()?.map(\.job.count) == [20_000])
    #expect(queue.take()?.map(\.job.count) == [1])
    queue.close()
    #expect(queue.take() == nil)
    let error = #expect(throws: KaizenError.self) { try queue.submit(.records([record])) }
    #expect(error?.code == "E_STOPPING")
  }

  @Test("a sender that waits for room gets it when the writer takes")
  func room() throws {
    let queue = WriteQueue()
    let record = PreparedRecord(
      FeedbackRecord(agent: try required(AgentID("a")), operation: "o", type: .success, time: noon))
    let full = [PreparedRecord](repeating: record, count: WriteQueue.recordsMax)
    _ = try queue.submit(.records(full))
    let accepted = Condition(false)
    let sender = try BlockingThread(name: "sender") {
      if (try? queue.submit(.records(full))) != nil {  // refused: the test fails below
        accepted.update { $0 = true }
      }
    }
    #expect(queue.take()?.count == 1)
    #expect(accepted.wait(timeout: .seconds(5)) { $0 ? true : nil } == true)
    sender.join()
  }
}

import JSONStream
import Linux
import Model
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import Feedback

@Suite("What is kept in several places agrees") struct AgreementTests {
  /// A plain recount of everything that was sent, to compare with.
  private struct Recount {
    var types: [String: Int] = [:]
    var operations: Set<String> = []
    var failed: Set<String> = []
    var succeeded: Set<String> = []
    var errors: [String: Set<String>] = [:]

    mutating func add(_ type: String, _ operation: String, _ error: String?) {
      types[type, default: 0] += 1
      operations.insert(operation)
      if type == "failure" { failed.insert(operation) }
      if type == "success" { succeeded.insert(operation) }
      if let error { errors[error, default: []].insert(operation) }
    }
  }

  @Test("random records, retries and restarts give the figures of a recount", arguments: [1, 2, 3])
  func random(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let test = try TestLoop()
    var recount = Recount()
    var id = 0
    for round in 0..<6 {
      var lines: [String] = []
      for _ in 0..<400 {
        let type = try required(FeedbackType.allCases.randomElement(using: &random)).rawValue
        let operation = "o\(Int.random(in: 0..<300, using: &random))"
        let error = Bool.random(using: &random) ? "E\(Int.random(in: 0..<5, using: &random))" : nil
        let more = #","id":"r\#(id)""# + (error.map { #","error_type":"\#($0)""# } ?? "")
        id += 1
        lines.append(line(type, operation, more))
        if Int.random(in: 0..<10, using: &random) == 0 { lines.append(lines[lines.count - 1]) }
        recount.add(type, operation, error)
      }
      let result = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
      #expect(result.stored == 400 && result.duplicate == lines.count - 400)
      if round % 2 == 1 { try test.restart() }
    }
    let metrics = test.metrics()
    #expect(metrics.operationCount == recount.operations.count)
    #expect(metrics.failureCount == recount.failed.count)
    #expect(metrics.successCount == recount.succeeded.subtracting(recount.failed).count)
    let errors = Dictionary(uniqueKeysWithValues: metrics.errors.map { ($0.type, $0.count) })
    #expect(errors == recount.errors.mapValues(\.count))
    let stats = try test.loop.stats()
    #expect(stats.operations == recount.operations.count && stats.records == 2400)
    #expect(
      Dictionary(uniqueKeysWithValues: stats.types.map { ($0.key.rawValue, $0.value) })
        == recount.types)
    let counts = try required(test.loop.operationCounts().first)
    #expect(counts.successes == recount.succeeded.count && counts.failures == recount.failed.count)
  }

  @Test("aggregates on disk are the sums over the entries")
  func aggregates() throws {
    let test = try TestLoop()
    for days in 0..<3 {
      let time = (noon - .seconds(days * 86_400)).seconds
      for index in 0..<20 {
        let type = index % 3 == 0 ? "failure" : "success"
        let more =
          #","time":\#(time + Int64(index)),"duration_ms":\#(index),"generation":\#(1 + index % 2)"#
        try test.ingest(
          line(type, "o\(days)-\(index)", more + (index % 3 == 1 ? #","score":0.5"# : "")))
      }
    }
    let sums = try test.loop.writer.database.read(
      """
      SELECT agent, time / 86400000000000 AS day, coalesce(generation, 0) AS g, type, count(*),
        count(DISTINCT operation), count(score), total(score), count(duration), sum(duration),
        min(time), max(time)
      FROM feedback_entries GROUP BY 1, 2, 3, 4
      EXCEPT
      SELECT agent, day, generation, type, records, operations, score_count, score_sum,
        duration_count, duration_sum, first_time, last_time
      FROM score_aggregates
      """
    ) { try $0.integer(0) }
    #expect(sums.isEmpty)
    let groups = try test.loop.writer.database.first("SELECT count(*) FROM score_aggregates") {
      try $0.integer(0)
    }
    #expect(groups == 12)
  }

  @Test("answers while records come in are whole: no operation without its record")
  func whileWriting() throws {
    let test = try TestLoop()
    let loop = test.loop
    let agent = test.agent
    let sender = try BlockingThread(name: "sender") {
      for batch in 0..<40 {
        let lines = (0..<50).map { line("success", "o\(batch)-\($0)", #","duration_ms":1"#) }
        _ = try? loop.ingest(Array(lines.joined(separator: "\n").utf8))  // counted at the end
      }
    }
    var last = 0
    for _ in 0..<200 {
      let metrics = loop.metrics(agent, from: noon - day, to: noon + day)
      #expect(metrics.recordCount == metrics.successCount && metrics.recordCount >= last)
      let window = loop.window(agent, from: noon - day, to: noon + day, limit: 100)
      #expect(window.count == window.operations.count && window.count <= 100)
      last = metrics.recordCount
    }
    sender.join()
    #expect(loop.metrics(agent, from: noon - day, to: noon + day).recordCount == 2000)
  }

  @Test("a damaged file is an error or still readable, and never ends the process")
  func damaged() throws {
    let test = try TestLoop()
    let lines = (0..<300).map { line("failure", "o\($0)", #","error_type":"E\#($0 % 7)""#) }
    _ = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
    test.loop.close()
    try test.loop.writer.database.checkpoint()
    let whole = try Files.read(test.path, limit: 1 << 22)
    var random = SeededGenerator(state: 11)
    var refused = 0
    for round in 0..<60 {
      var bytes = whole
      for _ in 0..<20 {
        bytes[Int.random(in: 100..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      if round % 5 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
      let path = test.directory.path + "/damaged-\(round).db"
      try Files.replace(path, with: bytes)
      do throws(KaizenError) {
        let loop = try FeedbackLoop(path: path, options: test.options)
        _ = loop.metrics(test.agent, from: noon - day, to: noon + day)
        _ = try loop.stats()
      } catch {
        refused += 1
        #expect(
          ["E_CORRUPT", "E_DATABASE", "E_FOREIGN_FILE", "E_SCHEMA", "E_CONSTRAINT"].contains(
            error.code.rawValue), "\(error)")
      }
    }
    #expect(refused > 5)
  }
}

/// A generator whose sequence depends on its seed alone.
/// - Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

import Linux
import Model
import SQLite
import Testing

@testable import Feedback

@Suite("Feedback is kept within days, rows and bytes") struct RetentionTests {
  private func fill(_ test: TestLoop, _ count: Int, from first: Int = 0) throws {
    let lines = (first..<first + count).map { line("success", "o\($0)", #","id":"i\#($0)""#) }
    _ = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
  }

  private func entries(_ test: TestLoop) throws -> Int64 {
    try test.loop.writer.database.first("SELECT count(*) FROM feedback_entries") {
      try $0.integer(0)
    } ?? 0
  }

  @Test("what arrived too long ago goes, its sums stay")
  func days() throws {
    let test = try TestLoop()
    try fill(test, 3000)
    test.clock.advance(.seconds(3 * 86_400))
    try fill(test, 500, from: 5000)
    var retention = Retention()
    retention.days = 2
    #expect(try test.loop.keep(retention) == 3000)
    #expect(try entries(test) == 500)
    #expect(try test.loop.stats().records == 3500)
    #expect(test.metrics(days: 30).recordCount == 500)
    #expect(try test.loop.keep(retention) == 0)
    try test.restart()
    #expect(test.metrics(days: 30).recordCount == 500)
    try fill(test, 10, from: 9000)
    #expect(test.metrics(days: 30).recordCount == 510)
  }

  @Test("the oldest of too many go, all but the newest")
  func rows() throws {
    let test = try TestLoop()
    try fill(test, 4500)
    var retention = Retention()
    retention.rowsMax = 100
    #expect(try test.loop.keep(retention) == 4400)
    #expect(test.metrics().recordCount == 100)
    #expect(try entries(test) == 100)
    test.clock.advance(.seconds(400 * 86_400))
    #expect(try test.loop.keep(retention) == 99)
    #expect(try entries(test) == 1)
    try test.restart()
    try fill(test, 5, from: 6000)
    #expect(test.metrics().recordCount == 5)
  }

  @Test("the file's used bytes come below the limit, and what comes then fills its free pages")
  func bytes() throws {
    let test = try TestLoop()
    try fill(test, 20_000)
    let size = try test.loop.stats().storedBytes
    var retention = Retention()
    retention.bytesMax = size / 2
    #expect(try test.loop.keep(retention) > 5000)
    try fill(test, 5000, from: 50_000)
    #expect(try test.loop.stats().storedBytes <= size + size / 20)
  }

  @Test("a snapshot from before the removal brings nothing back")
  func snapshot() throws {
    let test = try TestLoop()
    try fill(test, 3000)
    try test.loop.saveSnapshot()
    let path = SnapshotFile.path(of: test.path)
    let bytes = try Files.read(path, limit: 1 << 24)
    var retention = Retention()
    retention.rowsMax = 1000
    #expect(try test.loop.keep(retention) == 2000)
    test.loop.close()
    try Files.replace(path, with: bytes)
    try test.restart()
    #expect(test.loop.writer.restoredEntry == 3000)
    #expect(test.metrics().recordCount == 1000)
  }

  @Test("senders are answered while old entries go")
  func concurrent() throws {
    let test = try TestLoop()
    try fill(test, 30_000)
    let loop = test.loop
    let remover = try BlockingThread(name: "remover") {
      var retention = Retention()
      retention.rowsMax = 1000
      _ = try? loop.keep(retention)  // counted below
    }
    for number in 0..<30 {
      #expect(try test.ingest(line("success", "n\(number)")).stored == 1)
    }
    remover.join()
    #expect(try entries(test) <= 1030)
    #expect(try Int64(test.metrics().recordCount) == entries(test))
  }
}

import Glibc
import Linux
import Model
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import Feedback

@Suite("The snapshot of the columns") struct SnapshotTests {
  private func fill(_ test: TestLoop, _ count: Int, from first: Int = 0) throws {
    let lines = (first..<first + count).map { number in
      line(
        number % 3 == 0 ? "failure" : "success", "o\(number % 70)",
        #","id":"i\#(number)","duration_ms":\#(number),"generation":\#(1 + number % 2)"#
          + (number % 3 == 0 ? #","error_type":"E\#(number % 5)""# : ""),
        agent: "agent-\(number % 4)")
    }
    _ = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
  }

  /// Everything that is answered from memory.
  private func answers(_ loop: FeedbackLoop) throws -> [AgentMetrics] {
    loop.agents().map { loop.metrics($0, from: noon - day, to: noon + day) }
  }

  private func snapshot(_ test: TestLoop) -> String { SnapshotFile.path(of: test.path) }

  private func entryOfSnapshot(_ test: TestLoop) -> Int64 { test.loop.writer.restoredEntry }

  @Test("a start takes it, and what it answers and refuses is the same")
  func taken() throws {
    let test = try TestLoop()
    try fill(test, 500)
    let before = try answers(test.loop)
    let windows = test.loop.agents().map {
      test.loop.window($0, from: noon - day, to: noon + day, limit: 100)
    }
    try test.restart()
    #expect(entryOfSnapshot(test) == 500)
    #expect(try answers(test.loop) == before)
    for (agent, window) in zip(test.loop.agents(), windows) {
      let again = test.loop.window(agent, from: noon - day, to: noon + day, limit: 100)
      #expect(again.times == window.times && again.operations == window.operations)
    }
    let again = try test.ingest(line("success", "o1", #","id":"i1""#, agent: "agent-1"))
    #expect(again.duplicate == 1 && again.stored == 0)
    let stats = try test.loop.stats()
    try test.ingest(line("success", "o1", agent: "agent-1"))
    #expect(try test.loop.stats().operations == stats.operations)
  }

  @Test("rows that came after it are read from the database")
  func replayed() throws {
    let test = try TestLoop()
    try fill(test, 300)
    try test.loop.saveSnapshot()
    let kept = try Files.read(snapshot(test), limit: 1 << 24)
    try fill(test, 200, from: 300)
    let before = try answers(test.loop)
    test.loop.close()
    try Files.replace(snapshot(test), with: kept)
    try test.restart()
    #expect(entryOfSnapshot(test) == 300)
    #expect(try answers(test.loop) == before)
    #expect(
      try test.ingest(line("success", "o", #","id":"i402""#, agent: "agent-2")).duplicate == 1)
  }

  @Test("cut anywhere, or with any byte changed, it is as if it were not there")
  func damaged() throws {
    let test = try TestLoop()
    try fill(test, 200)
    let before = try answers(test.loop)
    test.loop.close()
    let whole = try Files.read(snapshot(test), limit: 1 << 24)
    var random = SeededGenerator(state: 5)
    for round in 0..<60 {
      var bytes = whole
      if round % 2 == 0 {
        bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
      } else {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8(1) << UInt8(round % 8)
      }
      try Files.replace(snapshot(test), with: bytes)
      try test.restart()
      #expect(entryOfSnapshot(test) == 0, "round \(round)")
      #expect(try answers(test.loop) == before)
      test.loop.close()
    }
  }

  @Test("one of another database is not taken, and one that knows more tells what is gone")
  func foreign() throws {
    let (test, other) = (try TestLoop(), try TestLoop())
    try fill(test, 200)
    try fill(other, 200, from: 7)
    other.loop.close()
    test.loop.close()
    let bytes = try Files.read(snapshot(other), limit: 1 << 24)
    try Files.replace(snapshot(test), with: bytes)
    try test.restart()
    #expect(entryOfSnapshot(test) == 0 && test.loop.notes.isEmpty)

    // The newest rows lay in a -wal file that somebody removed.
    try test.loop.writer.database.checkpoint()
    let old = try Files.read(test.path, limit: 1 << 24)
    try fill(test, 50, from: 300)
    test.loop.close()
    let more = try Files.read(snapshot(test), limit: 1 << 24)
    for name in ["-wal", "-shm"] { unlink(test.path + name) }
    let copy = test.directory.path + "/copy.db"
    try Files.replace(copy, with: old)
    try Files.replace(copy + ".columns", with: more)
    let loop = try FeedbackLoop(path: copy, options: test.options)
    let note = try required(loop.notes.first)
    #expect(note.contains("number 200") && note.contains("250") && note.contains("-wal"))
    #expect(try loop.stats().records == 200)
  }

  @Test("killed at random instants while it is written, the next start has every record")
  func killed() throws {
    let test = try TestLoop()
    try fill(test, 400)
    let before = try answers(test.loop)
    let frozen = test.loop.writer.freeze()
    let path = snapshot(test)
    for round in 0..<12 {
      // What a kill leaves: the file under its other name, cut at any byte.
      try SnapshotWriter(frozen: frozen, marks: []).write(to: path + ".whole")
      let whole = try Files.read(path + ".whole", limit: 1 << 24)
      test.loop.close()
      try Files.replace(path + ".new", with: whole.prefix(whole.count * round / 12))
      unlink(path)
      try test.restart()
      #expect(try answers(test.loop) == before)
      #expect(!Files.exists(path + ".new"))
    }
  }

  @Test("a lower limit of rows and a full ring survive it")
  func limits() throws {
    let test = try TestLoop { $0.windowRowsMax = 150 }
    try fill(test, 400)
    let before = try answers(test.loop)
    try test.restart()
    #expect(entryOfSnapshot(test) == 400)
    #expect(try answers(test.loop) == before)
    test.options.windowRowsMax = 60
    try test.restart()
    #expect(try answers(test.loop).reduce(0) { $0 + $1.recordCount } == 60)
    try fill(test, 10, from: 500)
    #expect(try answers(test.loop).reduce(0) { $0 + $1.recordCount } == 60)
  }

  @Test("a full disk costs the snapshot and nothing else", .enabled(if: SmallDisk.isPossible))
  func fullDisk() throws {
    let disk = try SmallDisk(kibibytes: 900)
    var options = FeedbackLoop.Options()
    options.now = { noon }
    let loop = try FeedbackLoop(path: disk.path + "/feedback_loop.db", options: options)
    let lines = (0..<2000).map { line("success", "o\($0)") }
    _ = try loop.ingest(Array(lines.joined(separator: "\n").utf8))
    try Files.replace(disk.path + "/ballast", with: [UInt8](repeating: 1, count: 100 << 10))
    let ballast = try FileDescriptor.open(disk.path + "/ballast", O_WRONLY | O_APPEND)
    while (try? ballast.writeAll([UInt8](repeating: 1, count: 4096))) != nil {}  // until it is full
    #expect(throws: KaizenError.self) { try loop.saveSnapshot() }
    #expect(
      loop.metrics(try required(AgentID("alpha")), from: noon - day, to: noon + day).recordCount
        == 2000)
    #expect(!Files.exists(disk.path + "/feedback_loop.db.columns.new"))
    ftruncate(ballast.raw, 0)
    #expect(try loop.ingest(Array(line("success", "p").utf8)).stored == 1)
  }
}

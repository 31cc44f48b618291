import Glibc
import Linux
import Model
import SQLite
import TestSupport
import Testing

@testable import Feedback

@Suite("Records through failures") struct DurabilityTests {
  @Test("what was acknowledged before kill -9 is there afterwards", arguments: [3, 17, 60])
  func killed(after count: Int) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/feedback_loop.db"
    let acknowledged = directory.path + "/acknowledged"
    // The child notes each acknowledged record in a file, which survives it, while four threads
    // store; then it kills itself in the middle of that.
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, log = acknowledged as String, count = count as Int] in
      let loop = try FeedbackLoop(path: path)
      let file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      let total = Condition(0)
      let threads = try (0..<4).map { thread in
        try BlockingThread(name: "sender") {
          for index in 0..<10_000 {
            let id = "\(thread)-\(index)"
            let body = Array(line("success", id, #","id":"\#(id)""#).utf8)
            // An error here fails the test, by the exit status.
            guard let result = try? loop.ingest(body), result.stored == 1 else { exit(9) }
            let text = id + "\n"
            write(file, text, text.utf8.count)
            total.update { $0 += 1 }
          }
        }
      }
      _ = total.wait(timeout: .seconds(20)) { $0 >= count ? true : nil }
      kill(getpid(), SIGKILL)
      for thread in threads { thread.join() }
    }
    let bytes = try Files.read(acknowledged, limit: 1 << 20)
    let ids = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(ids.count >= count)
    let loop = try FeedbackLoop(path: path)
    let again = ids.map { line("success", String($0), #","id":"\#($0)""#) }.joined(separator: "\n")
    let result = try loop.ingest(Array(again.utf8))
    #expect(result.stored == 0 && result.duplicate == ids.count)
  }

  @Test(
    "a full disk refuses by name, keeps what it acknowledged, and goes on when there is room",
    .enabled(if: SmallDisk.isPossible, "needs root to mount a small disk"))
  func fullDisk() throws {
    let disk = try SmallDisk(kibibytes: 1024)
    let path = disk.path + "/feedback_loop.db"
    let ballast = try FileDescriptor.open(disk.path + "/ballast", O_WRONLY | O_CREAT)
    try ballast.writeAll([UInt8](repeating: 1, count: 300 << 10))
    let agent = try required(AgentID("alpha"))
    let loop = try FeedbackLoop(path: path)
    var stored = 0
    var refusal: KaizenError?
    for index in 0..<1000 where refusal == nil {
      let comment = String(repeating: "x", count: 4000)
      let body = line(
        "failure", "o\(index)",
        #","error_type":"E\#(index)","id":"r\#(index)","comment":"\#(comment)""#)
      let result = try loop.ingest(Array(body.utf8))
      stored += result.stored
      refusal = result.rejected.first?.error
    }
    #expect(refusal?.code == "E_DISK_FULL" && refusal?.message.contains(path) == true)
    #expect(stored > 10)
    // What failed is nowhere, neither on disk nor in memory.
    let span = (from: Instant(seconds: 0), to: Instant(seconds: 4_000_000_000))
    #expect(loop.metrics(agent, from: span.from, to: span.to).recordCount == stored)
    #expect(try loop.stats().records == stored)
    unlink(disk.path + "/ballast")
    ftruncate(ballast.raw, 0)
    #expect(
      try loop.ingest(Array(line("failure", "new", #","error_type":"New""#).utf8)).stored == 1)
    // The id of what was refused was not remembered: the retry is stored.
    let retry = line("success", "o\(stored)", #","id":"r\#(stored)""#)
    #expect(try loop.ingest(Array(retry.utf8)).stored == 1)
    #expect(try loop.stats().records == stored + 2)
    let errors = loop.metrics(agent, from: span.from, to: span.to).errors
    #expect(errors.count == stored + 1 && errors.contains(.init(type: "New", count: 1)))
  }

  @Test(
    "a read-only disk, a foreign file and a newer schema refuse to open, each by name",
    .enabled(if: SmallDisk.isPossible, "needs root to mount a small disk"))
  func refusals() throws {
    let disk = try SmallDisk(kibibytes: 1024)
    let path = disk.path + "/feedback_loop.db"
    func code() -> String? {
      do throws(KaizenError) {
        _ = try FeedbackLoop(path: path)
        return nil
      } catch {
        return error.message.contains(path) && error.hint != nil ? error.code.rawValue : "\(error)"
      }
    }
    try disk.setReadOnly(true)
    #expect(code() == "E_READ_ONLY")
    try disk.setReadOnly(false)
    try Files.replace(path, with: "not a database, but long enough to be taken for one".utf8)
    #expect(code() == "E_FOREIGN_FILE")
    unlink(path)
    #expect(code() == nil)
    do {
      let migrations =
        FeedbackTables.schema.migrations + ["CREATE TABLE later (id INTEGER) STRICT;"]
      _ = try Database(
        path, schema: Schema(applicationID: FeedbackTables.applicationID, migrations: migrations))
    }
    #expect(code() == "E_SCHEMA_NEWER")
  }

  @Test("the numbers of types and sources on disk are those of version 1")
  func codes() {
    #expect(
      FeedbackType.byCode == [
        .success, .failure, .qualityScore, .userRating, .performance, .coverage, .security,
        .documentation,
      ])
    #expect(FeedbackType.byCode.map(\.code) == Array(0...7))
    #expect(FeedbackSource.byCode == [.agent, .guardian, .user, .system, .test, .flock])
    #expect(FeedbackSource.byCode.map(\.code) == Array(0...5))
  }

  @Test("the queue refuses when nobody empties it, and says so")
  func full() throws {
    let queue = WriteQueue()
    let record = PreparedRecord(
      FeedbackRecord(agent: try required(AgentID("a")), operation: "o", type: .success, time: noon))
    let batch = [PreparedRecord](repeating: record, count: 40_000)
    _ = try queue.submit(.records(batch))
    let error = #expect(throws: KaizenError.self) { try queue.submit(.records(batch)) }
    #expect(error?.code == "E_BUSY")
    #expect(queue.take()?.count == 1)
    _ = try queue.submit(.records(batch))
    queue.close()
    #expect(queue.take()?.count == 1 && queue.take() == nil)
  }
}

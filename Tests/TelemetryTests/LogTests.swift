import Glibc
import Linux
import Model
import Telemetry
import TestSupport
import Testing

@Suite("Log lines") struct LogTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  /// What `body` logged into a file.
  private func lines(
    _ level: Log.Level = .info, _ format: Log.Format = .text, _ body: (Log) -> Void
  ) throws -> [String] {
    let path = try directory.write("log", "")
    do {
      let file = try FileDescriptor.open(path, O_WRONLY | O_APPEND)
      body(
        Log(
          level: level, format: format, descriptor: file.raw,
          now: { Instant(seconds: 1_000_000_000) }))
    }
    let text = String(decoding: try Files.read(path, limit: 1_000_000), as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  @Test("text: time, level, source, message, and fields in order as key=value")
  func text() throws {
    let lines = try lines { log in
      log.from("workspace").info(
        "cloned", ["files": 12, "agent": "a", "path": "/a b", "ok": true, "empty": ""])
    }
    #expect(
      lines == [
        "2001-09-09T01:46:40.000Z info workspace: cloned agent=a empty=\"\" files=12 ok=true "
          + "path=\"/a b\""
      ])
  }

  @Test("json: one object a line")
  func json() throws {
    let lines = try lines(.info, .json) { $0.error("no\n\"luck\"", ["code": "E_IO"]) }
    #expect(
      lines == [
        #"{"fields":{"code":"E_IO"},"level":"error","message":"no\n\"luck\"","source":"kaizen","#
          + #""time":"2001-09-09T01:46:40.000Z"}"#
      ])
  }

  @Test("what is below the level is not written, nor even made", arguments: Log.Level.allCases)
  func level(level: Log.Level) throws {
    let lines = try lines(level) { log in
      log.debug("1")
      log.info("2")
      log.warning("3")
      log.error("4")
    }
    let rank = Log.Level.allCases.firstIndex(of: level) ?? 0
    #expect(lines.map { $0.suffix(1) } == ["1", "2", "3", "4"].dropFirst(rank).map { $0[...] })
  }

  @Test("nobody's text can look like another line or another field")
  func injection() throws {
    let lines = try lines { log in
      log.info("a\nb\u{1B}[31m", ["k": "v level=error", "e": "x=y\r\n"])
    }
    #expect(lines.count == 1)
    #expect(lines[0].hasSuffix(#""a\nb\u001b[31m" e="x=y\r\n" k="v level=error""#))
  }

  @Test("a line over the limit keeps the start of its message", arguments: Log.Format.allCases)
  func long(format: Log.Format) throws {
    let lines = try lines(.info, format) { log in
      log.info("begin" + String(repeating: "\u{1}", count: 100_000), ["k": "v"])
      log.info("short", ["k": .string(String(repeating: "x", count: 100_000))])
    }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.utf8.count < 4096 && $0.contains("left_out") })
    #expect(lines[0].contains("begin") && lines[1].contains("short"))
  }
}

@Suite("A log that cannot be written is no failure") struct LogFailureTests {
  @Test("closed: the line is dropped and counted")
  func closed() {
    let log = Log(descriptor: -1)
    log.error("lost")
    #expect(log.droppedCount == 1)
  }

  @Test("a full disk: the line is dropped and counted")
  func full() throws {
    let full = try FileDescriptor.open("/dev/full", O_WRONLY)
    let log = Log(descriptor: full.raw)
    log.error("lost")
    #expect(log.droppedCount == 1)
  }

  @Test("nobody reads the pipe any more: the line is dropped and counted")
  func brokenPipe() throws {
    let directory = try TemporaryDirectory()  // ignores SIGPIPE, as the daemon does
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    let reader = FileDescriptor(owning: ends[0])
    let writer = FileDescriptor(owning: ends[1])
    close(reader)
    let log = Log(descriptor: writer.raw)
    log.error("lost")
    #expect(log.droppedCount == 1)
    _ = directory
  }

  @Test("a full pipe: nobody waits, and the next line says how many were dropped")
  func sleepingReader() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    let reader = FileDescriptor(owning: ends[0])
    let writer = FileDescriptor(owning: ends[1])
    let log = Log(descriptor: writer.raw)
    let text = String(repeating: "x", count: 500)
    while log.droppedCount < 3 { log.info(text) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    #expect(read(reader.raw, &buffer, buffer.count) > 50_000)
    log.info("back")
    let count = read(reader.raw, &buffer, buffer.count)
    #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self).contains("dropped_lines=3"))
  }

  private func close(_ descriptor: consuming FileDescriptor) {}
}

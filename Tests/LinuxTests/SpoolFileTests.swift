import Glibc
import Linux
import TestSupport
import Testing

@Suite("A spool file") struct SpoolFileTests {
  @Test("gives back the lines in their order, once")
  func order() throws {
    let directory = try TemporaryDirectory()
    let spool = SpoolFile(directory.path + "/a/b/exec.ndjson")
    try spool.append("{1}".utf8)
    try spool.append("{2}".utf8)
    var taken: [[UInt8]] = []
    try spool.take { taken.append($0) }
    try spool.take { taken.append($0) }
    #expect(taken == [Array("{1}\n{2}\n".utf8)])
    try spool.append("{3}".utf8)
    try spool.take { taken.append($0) }
    #expect(taken.last == Array("{3}\n".utf8))
  }

  @Test("keeps its lines where the reader fails")
  func failure() throws {
    let directory = try TemporaryDirectory()
    let spool = SpoolFile(directory.path + "/exec.ndjson")
    try spool.append("x".utf8)
    #expect(throws: SystemError.self) {
      try spool.take { _ in throw SystemError("test", code: EIO) }
    }
    var taken: [UInt8] = []
    try spool.take { taken = $0 }
    #expect(taken == Array("x\n".utf8))
  }

  @Test("refuses what does not fit, and keeps what it has")
  func bounded() throws {
    let directory = try TemporaryDirectory()
    let spool = SpoolFile(directory.path + "/exec.ndjson", bytesMax: 8)
    try spool.append("12345".utf8)
    #expect(throws: SystemError.self) { try spool.append("678".utf8) }
    #expect(try Files.read(spool.path, limit: 100) == Array("12345\n".utf8))
  }

  @Test("goes on with a new line after one that a crash cut short, which comes by itself")
  func torn() throws {
    let directory = try TemporaryDirectory()
    let spool = SpoolFile(try directory.write("exec.ndjson", "{1}\n{\"cut"))
    try spool.append("{2}".utf8)
    #expect(try Files.read(spool.path, limit: 100) == Array("{1}\n{\"cut\n{2}\n".utf8))
    try directory.write("exec.ndjson", "{1}\n{\"cut")
    var taken: [UInt8] = []
    try spool.take { taken += $0 }
    #expect(taken == Array("{1}\n{\"cut".utf8))
  }

  @Test("that is longer than the reader takes at once comes in whole lines", arguments: [8, 9, 64])
  func portions(bytesMax: Int) throws {
    let directory = try TemporaryDirectory()
    let text = (0..<10).map { "{\($0)}\n" }.joined()
    let spool = SpoolFile(try directory.write("exec.ndjson", text), bytesMax: bytesMax)
    var portions: [[UInt8]] = []
    try spool.take { portions.append($0) }
    #expect(portions.joined().elementsEqual(text.utf8))
    #expect(portions.allSatisfy { $0.count <= bytesMax && $0.last == UInt8(ascii: "\n") })
    #expect(!Files.exists(spool.path))
    // A line that is longer than all of it ends nevertheless.
    try directory.write("exec.ndjson", String(repeating: "x", count: 3 * bytesMax) + "\n{1}\n")
    var count = 0
    try spool.take { count += $0.count }
    #expect(count == 3 * bytesMax + 5)
  }

  @Test(
    "that is no file is refused at once, by writer and reader",
    arguments: ["fifo", "folder", "link"])
  func noFile(kind: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/exec.ndjson"
    switch kind {
    case "fifo": #expect(mkfifo(path, 0o600) == 0)
    case "folder": try Files.makeDirectories(path)
    default: #expect(symlink(try directory.write("other", "x\n"), path) == 0)
    }
    let spool = SpoolFile(path)
    #expect(throws: SystemError.self) { try spool.append("{1}".utf8) }
    #expect(throws: SystemError.self) { try spool.take { _ in Issue.record("taken") } }
    #expect(Files.exists(path))
  }

  @Test("whose lock somebody keeps is given up after a while, and whole")
  func kept() throws {
    let directory = try TemporaryDirectory()
    var spool = SpoolFile(try directory.write("exec.ndjson", "{1}\n"))
    spool.patience = .milliseconds(20)
    let holder = try FileDescriptor.open(spool.path, O_RDONLY)
    #expect(try holder.tryLock())
    #expect(throws: SystemError.self) { try spool.append("{2}".utf8) }
    #expect(throws: SystemError.self) { try spool.take { _ in Issue.record("taken") } }
    #expect(try Files.read(spool.path, limit: 100) == Array("{1}\n".utf8))
  }

  @Test("loses no line between writers and a reader that takes it away")
  func race() throws {
    let directory = try TemporaryDirectory()
    let spool = SpoolFile(directory.path + "/exec.ndjson")
    let writers = try (0..<4).map { writer in
      try BlockingThread(name: "writer") {
        for line in 0..<200 {
          do { try spool.append("\(writer) \(line)".utf8) } catch { fatalError("\(error)") }
        }
      }
    }
    var lines: Set<String> = []
    func take() throws {
      try spool.take { bytes in
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
          #expect(lines.insert(String(line)).inserted)
        }
      }
    }
    for _ in 0..<50 { try take() }
    writers.forEach { $0.join() }
    try take()
    #expect(lines.count == 800)
  }
}

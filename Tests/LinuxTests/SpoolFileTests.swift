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

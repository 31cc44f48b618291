import Control
import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Commands

@Suite("Feedback that is not right") struct RefusedRecordTests {
  /// One record with one thing wrong, and what is said of it.
  static let records: [(text: String, says: [String])] = [
    (#"{"agent_id":"a","operation_id":"o","type":"bliss"}"#, ["type", "\"success\"", "\"bliss\""]),
    (
      #"{"agent_id":"a","operation_id":"o","type":"success","score":7}"#,
      ["score", "from 0.0 to 1.0", "the number 7"]
    ),
    (
      #"{"agent_id":"a","operation_id":"o","type":"success","score":NaN}"#,
      ["JSON has no NaN", "null"]
    ),
    (
      #"{"agent_id":"a","operation_id":"o","type":"success","score":1e999}"#,
      ["1e999", "beyond"]
    ),
    (
      #"{"agent_id":"../a","operation_id":"o","type":"success"}"#,
      ["agent_id", "A-Z a-z 0-9", "\"../a\""]
    ),
    (#"{"agent_id":"a","operation_id":"","type":"success"}"#, ["operation_id", "A-Z a-z 0-9"]),
    (
      #"{"agent_id":"a","operation_id":"o","type":"success","time":"yesterday"}"#,
      ["time", "RFC 3339", "\"yesterday\""]
    ),
    (
      #"{"agent_id":"a","operation_id":"o","type":"success","time":"1999-12-31T23:59:59Z"}"#,
      ["time", "from 2000"]
    ),
    (
      #"{"agent_id":"a","operation_id":"o","type":"success","time":"2999-01-01T00:00:00Z"}"#,
      ["time", "a day ahead"]
    ),
    (#"{"agent_id":"a","type":"success"}"#, ["operation_id", "found nothing", "add"]),
    ("[1]", ["expected an object", "a list of 1"]),
    ("nonsense", ["the word nonsense", "quotes"]),
    ("", ["no record"]),
  ]

  @Test("one record alone is refused with the key, what was expected and what was found")
  func single() throws {
    let scene = try Scene()
    let client = ControlClient(socketPath: scene.daemon.socket)
    for record in Self.records {
      let error = #expect(throws: KaizenError.self) {
        try client.ask(.recordFeedback, bytes: Array(record.text.utf8))
      }
      for words in record.says {
        #expect(error?.description.contains(words) == true, "\(record.text): \(error as Any)")
      }
    }
    #expect(try scene.ask("stats")["records"]?.integer == 0)
  }

  @Test("of good and bad lines the good ones are stored, and each bad one is named by its number")
  func mixed() throws {
    let scene = try Scene()
    let good = #"{"agent_id":"a","operation_id":"OP","type":"success"}"#
    var lines: [String] = []
    for (index, record) in Self.records.enumerated() where !record.text.isEmpty {
      lines.append(good.replacing("OP", with: "o\(index)"))
      lines.append(record.text)
    }
    let finished = try scene.daemon.kaizen(
      "record", "--ndjson", "-", "--json", input: lines.joined(separator: "\n") + "\n")
    #expect(finished.status == 1)
    let bad = Self.records.count - 1
    let stats = try scene.ask("stats")
    #expect(stats["records"]?.integer == Int64(bad), "\(finished)")
    for line in 1...bad {
      #expect(finished.stdout.contains("\"line\":\(2 * line)"), "\(finished)")
    }
    #expect(finished.stdout.contains("line 24, column 1"), "\(finished.stdout)")
  }

  @Test("a body of 100 MB is refused, with its length and without, and the daemon's memory is flat")
  func hugeBody() throws {
    let scene = try Scene()
    let pid = try #require(scene.daemon.pid)
    let before = try Self.residentKibibytes(pid)
    let body = [UInt8](repeating: 0x20, count: 100 << 20)
    let client = ControlClient(socketPath: scene.daemon.socket)
    let error = #expect(throws: KaizenError.self) {
      try client.ask(.recordFeedback, bytes: body, timeout: .seconds(60))
    }
    #expect(error?.code == "E_TOO_LARGE")
    #expect(error?.says("67108864", "104857600", "smaller parts") == true)
    #expect(try Self.residentKibibytes(pid) < before + 8 << 10)

    #expect(try Self.sendChunked(body, to: scene.daemon.socket).hasPrefix("HTTP/1.1 413"))
    #expect(try Self.residentKibibytes(pid) < before + 32 << 10)
    try scene.expectAlive()
  }

  /// Sends a body whose length nobody knows before its end, and gives the answer's beginning.
  private static func sendChunked(_ body: [UInt8], to path: String) throws -> String {
    let socket = try UnixSocket.connect(path, timeout: .seconds(5))
    try socket.writeAll(
      "POST /v1/feedback HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let part = 1 << 20
    for start in stride(from: 0, to: body.count, by: part) {
      let chunk = body[start..<min(start + part, body.count)]
      try socket.writeAll(String(chunk.count, radix: 16).utf8)
      try socket.writeAll(Array("\r\n".utf8) + chunk + Array("\r\n".utf8))
    }
    try socket.writeAll("0\r\n\r\n".utf8)
    var answer = [UInt8](repeating: 0, count: 4096)
    let raw = socket.raw
    let count = try retrying("read") { read(raw, &answer, answer.count) }
    return String(decoding: answer[..<count], as: UTF8.self)
  }

  private static func residentKibibytes(_ pid: Int32) throws -> Int {
    let text = String(
      decoding: try Files.read("/proc/\(pid)/status", limit: 1 << 16), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return Int(line.filter(\.isNumber)) ?? 0
  }

  @Test("without a daemon nothing is recorded, and that is status 3")
  func noDaemon() throws {
    let scene = try Scene(starts: false)
    let finished = try scene.daemon.kaizen("record", "a", "success")
    #expect(finished.status == 3)
    #expect(finished.stderr.contains(scene.daemon.socket), "\(finished)")
    #expect(finished.stderr.contains("kaizend --home \(scene.daemon.home)"), "\(finished)")
  }

  @Test("what was not understood of a command line is status 2, with the usage or the nearest word")
  func usage() throws {
    let scene = try Scene(starts: false)
    for (words, says) in [
      (["frob"], "kaizen --help"), (["optimize"], "usage: kaizen optimize"),
      (["optimize", "a", "--stratgy", "auto"], "did you mean \"--strategy\""),
      (["optimize", "a", "--strategy", "wild"], "one of minimal"),
      (["record", "a"], "TYPE"), (["record", "a", "bliss"], "one of success"),
      (["record", "a", "success", "--score", "7"], "from 0.0 to 1.0"),
      (["record", "a", "success", "--details", "[1]"], "expected an object"),
      (["approvals", "aprove", "x"], "did you mean \"approve\""),
    ] {
      let finished = try scene.daemon.kaizen(words)
      #expect(finished.status == 2, "\(words): \(finished)")
      #expect(finished.stderr.contains(says), "\(words): \(finished)")
    }
  }
}

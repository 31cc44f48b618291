import Glibc
import Linux
import TestSupport
import Testing

@testable import Sandbox

@Suite("Requests to kaizen-confine") struct RequestTests {
  /// Gives the program these bytes as its request and returns its exit status and what it reports.
  func answer(_ bytes: [UInt8]) throws -> (ChildExit.Status?, ConfineRecord?) {
    let file = try MemoryFile.sealed(name: "request", bytes)
    let channel = try DescriptorPair.packetSockets()
    let child = try ChildProcess(
      ChildCommand(
        words: [try BuildProducts.path("kaizen-confine"), "3", "4"],
        descriptors: [3: file.raw, 4: channel.second.raw]))
    let own = channel.first
    _ = consume channel.second
    let record = try PacketSocket.receive(own, limit: 8192).bytes
    return (try child.wait(timeout: .seconds(10))?.status, ConfineRecord(record))
  }

  func fields(_ fields: String...) -> [UInt8] { fields.flatMap { Array($0.utf8) + [0] } }

  @Test("anything but a whole, known request is refused by name, before anything is set up")
  func refused() throws {
    let start = fields("kaizen-confine 1", "level", "A", "ids", "61184", "61184")
    let requests: [(String, [UInt8])] = [
      ("empty", []),
      ("no NUL", Array("kaizen-confine 1".utf8)),
      ("another version", fields("kaizen-confine 2")),
      ("no level", fields("kaizen-confine 1", "word", "true")),
      ("no command", start),
      ("uid or gid 0", fields("kaizen-confine 1", "level", "A", "ids", "0", "5", "word", "x")),
      ("unheard-of", start + fields("unheard-of", "1")),
      ("cut short", start + fields("place", "writable", "1")),
      ("-1", start + fields("memory-bytes", "-1")),
      ("9999999999999999999", start + fields("processes", "9999999999999999999")),
      ("relative", start + fields("directory", "relative")),
      ("sideways", start + fields("place", "sideways", "0", "/a", "/a")),
      ("kept descriptors", start + fields("keep", "2")),
      ("1 MiB", [UInt8](repeating: 0, count: 1 << 20 + 1)),
      (
        "4096 words",
        start + (0..<4097).flatMap { _ in fields("word", "x") }
      ),
      (
        "128 trees",
        start + (0..<129).flatMap { fields("place", "empty", "0", "", "/a\($0)") }
      ),
    ]
    for (what, bytes) in requests {
      let (status, record) = try answer(bytes)
      #expect(status == .exited(125), "\(what)")
      guard case .failure(let failure) = record else {
        Issue.record("\(what): \(record as Any)")
        continue
      }
      #expect(failure.call == "request" && failure.code == EINVAL)
    }
  }

  @Test("one from a daemon that is gone already starts nothing")
  func goneDaemon() throws {
    let request = fields(
      "kaizen-confine 1", "level", "C", "parent", "1", "ids", "61184", "61184", "word", "true")
    let (status, record) = try answer(request)
    #expect(status == .exited(125))
    #expect(record == nil)
  }

  @Test("started by hand it says how it is used")
  func usage() throws {
    let pipe = try DescriptorPair.pipe()
    let child = try ChildProcess(
      ChildCommand(
        words: [try BuildProducts.path("kaizen-confine"), "--help"],
        descriptors: [2: pipe.second.raw]))
    let reading = pipe.first
    _ = consume pipe.second
    let text = String(decoding: try reading.readAll(limit: 1000), as: UTF8.self)
    #expect(text.hasPrefix("usage: kaizen-confine"))
    #expect(try child.wait(timeout: .seconds(10))?.status == .exited(2))
  }

  @Test("a NUL in what is asked for is refused here already")
  func nul() throws {
    let setting = ConfineRequest.Setting(level: .full)
    #expect(throws: (any Error).self) {
      try ConfineRequest(
        words: ["a\0b"], confinement: Confinement(), setting: setting, timeout: nil, kept: [])
    }
  }

  @Test("outer places come before those in them, and what the system has is not shown twice")
  func order() throws {
    let confinement = Confinement(
      trees: [.empty(at: "/a/b/c"), .init("/stage", at: "/a/b", access: .throwaway)],
      readPaths: ["/usr/lib/x", "/opt/y", "/opt/y", "/a"], pathDirectories: ["/opt/y/bin", "/bin"])
    let setting = ConfineRequest.Setting(level: .full, swiftRuntime: "/opt/swift")
    let request = try ConfineRequest(
      words: ["x"], confinement: confinement, setting: setting, timeout: .seconds(1), kept: [0, 5])
    let text = request.bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    let places = text.indices.filter { text[$0] == "place" }.map { text[$0 + 4] }
    #expect(places == ["/a", "/a/b", "/a/b/c", "/opt/swift", "/opt/y", "/opt/y/bin"])
    #expect(text.indices.filter { text[$0] == "keep" }.map { text[$0 + 1] } == ["5"])
    #expect(text.contains("timeout-ms") && text.contains("1000"))
  }

  @Test("records that are not known are passed over")
  func records() {
    #expect(ConfineRecord(fields("running")) == .running)
    #expect(ConfineRecord(fields("running", "more")) == nil)
    #expect(ConfineRecord([]) == nil)
    #expect(ConfineRecord([0, 0, 0]) == nil)
    #expect(
      ConfineRecord(fields("end", "exited", "3", "7", "1500"))
        == .end(how: "exited", code: 3, peakBytes: 7168, processorMicroseconds: 1500))
    #expect(
      ConfineRecord(fields("memory", "4096", "1"))
        == .memory(peakBytes: 4096, outOfMemoryKills: 1))
  }
}

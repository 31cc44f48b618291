import CKaizenPlugin
import Glibc
import Linux
import TestSupport
import Testing

@Suite("The tuner") struct TunerTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static func agent(_ tunables: String...) -> String {
    "{\"id\":\"a\",\"tunables\":[\(tunables.joined(separator: ","))]}"
  }

  private static func tunable(
    _ pointer: String, _ limits: String, file: String = "c.json"
  ) -> String {
    let parts = limits.split(separator: " ")
    return "{\"file\":\"\(file)\",\"pointer\":\"\(pointer)\",\"min\":\(parts[0]),"
      + "\"max\":\(parts[1]),\"step\":\(parts[2])}"
  }

  private static func history(_ entries: [(note: String, verdict: String)]) -> String {
    let texts = entries.map { "{\"note\":\"\($0.note)\",\"verdict\":\"\($0.verdict)\"}" }
    return "[\(texts.joined(separator: ","))]"
  }

  @discardableResult
  private func apply(
    _ agent: String, history: String = "[]", files: [String] = ["c.json"]
  ) throws -> String? {
    let arena = Arena()
    let item = Item(
      type: "performance_degradation", root: directory.path, files: files, agent: agent,
      history: history)
    return try Component("TunerApplier", "tuner", kind: KZ_KIND_APPLIER)
      .apply(item.item(arena)).notes.first
  }

  private func content(_ file: String = "c.json") throws -> String {
    String(decoding: try Files.read(directory.path + "/" + file, limit: 1 << 22), as: UTF8.self)
  }

  @Test("values come breadth first, within their limits, until all were tried")
  func order() throws {
    let original = "{\"a\": 3, \"b\": 300}"
    let agent = Self.agent(Self.tunable("/a", "1 4 1"), Self.tunable("/b", "50 800 250"))
    var tried: [(note: String, verdict: String)] = []
    for _ in 0..<6 {
      try directory.write("c.json", original)
      let note = try apply(agent, history: Self.history(tried))
      tried.append((try #require(note), "rolled_back"))
    }
    #expect(
      tried.map { $0.note.dropFirst("c.json#/".count) } == [
        "a: 3 -> 2", "b: 300 -> 50", "a: 3 -> 4", "b: 300 -> 550", "a: 3 -> 1", "b: 300 -> 800",
      ])
  }

  @Test("when all values were tried it says so and changes nothing")
  func exhausted() throws {
    try directory.write("c.json", "{\"a\":1}")
    let agent = Self.agent(Self.tunable("/a", "1 2 1"))
    #expect(try apply(agent) == "c.json#/a: 1 -> 2")
    try directory.write("c.json", "{\"a\":1}")
    let failure = #expect(throws: CallFailure.self) {
      try apply(agent, history: Self.history([("c.json#/a: 1 -> 2", "kept")]))
    }
    #expect(failure?.description.contains("all 1 values of the 1 tunables were tried") == true)
    #expect(try content() == "{\"a\":1}")
  }

  @Test("only the number's bytes change")
  func bytes() throws {
    let before = "\u{20}{\r\n\t\"é\" : [ 1,2 , {\"x~/y\":\t0.50 } ],\n\n \"z\":\"0.50\" }  \n"
    try directory.write("c.json", before)
    let note = try apply(Self.agent(Self.tunable("/é/2/x~0~1y", "0 1 0.1")))
    #expect(note == "c.json#/é/2/x~0~1y: 0.50 -> 0.40")
    let parts = before.split(separator: "0.50 }", maxSplits: 1)
    #expect(try content() == parts.joined(separator: "0.40 }"))
  }

  @Test(
    "numbers keep the form they are written in",
    arguments: [
      ("10", "0 20 5", "5"), ("1.0", "0 5 1", "0.0"), ("2", "0 5 0.25", "1.75"),
      ("-3", "-9 0 2", "-5"), ("0.3", "0 1 0.1", "0.2"), ("1e2", "0 200 50", "50.0"),
      ("0.05", "-1 1 0.1", "-0.05"), ("7", "0 5 1", "5"),
    ])
  func numbers(value: String, limits: String, expected: String) throws {
    try directory.write("c.json", "{\"a\":\(value)}")
    try apply(Self.agent(Self.tunable("/a", limits)))
    #expect(try content() == "{\"a\":\(expected)}")
  }

  @Test("a trial that said nothing of the value is made once more")
  func undecided() throws {
    let agent = Self.agent(Self.tunable("/a", "1 9 1"))
    let once = [(note: "c.json#/a: 5 -> 4", verdict: "inconclusive")]
    try directory.write("c.json", "{\"a\":5}")
    #expect(try apply(agent, history: Self.history(once)) == "c.json#/a: 5 -> 4")
    try directory.write("c.json", "{\"a\":5}")
    #expect(try apply(agent, history: Self.history(once + once)) == "c.json#/a: 5 -> 6")
  }

  @Test("what cannot be tuned is left out by name, the rest goes on")
  func leftOut() throws {
    try directory.write("c.json", "{\"a\":5,\"s\":\"5\"}")
    try directory.write("broken.json", "{\"a\":5")
    symlink(directory.path + "/c.json", directory.path + "/link.json")
    symlink("loop.json", directory.path + "/loop.json")
    try directory.write("huge.json", "{\"a\":5}" + String(repeating: " ", count: 1 << 20))
    let bad = [
      Self.tunable("/missing", "1 9 1"), Self.tunable("/s", "1 9 1"),
      Self.tunable("/a", "1 9 1", file: "broken.json"),
      Self.tunable("/a", "1 9 1", file: "protected.json"),
      Self.tunable("/a", "1 9 1", file: "link.json"),
      Self.tunable("/a", "1 9 1", file: "loop.json"),
      Self.tunable("/a", "1 9 1", file: "huge.json"), Self.tunable("/a~2", "1 9 1"),
    ]
    let files = ["broken.json", "c.json", "huge.json", "link.json", "loop.json"]
    let list = bad.joined(separator: ",")
    let failure = #expect(throws: CallFailure.self) {
      try apply("{\"tunables\":[\(list)]}", files: files)
    }
    let message = failure?.description ?? ""
    for part in [
      "c.json#/missing is not in the file", "c.json#/s is no number", "broken.json: JSON:",
      "protected.json is missing or may not be changed", "link.json", "loop.json",
      "huge.json has", "c.json#/a~2 is not in the file",
    ] { #expect(message.contains(part), "\(part)") }
    let good = "{\"tunables\":[\(list),\(Self.tunable("/a", "1 9 1"))]}"
    #expect(try apply(good, files: files) == "c.json#/a: 5 -> 4")
  }

  @Test(
    "a descriptor that makes no sense is refused",
    arguments: [
      ("{}", "declares no tunables"), ("{\"tunables\":[]}", "declares no tunables"),
      ("{\"tunables\":[{}]}", "tunables[0] needs"), ("[", "JSON:"),
      (
        "{\"tunables\":[{\"file\":\"c.json\",\"pointer\":\"/a\",\"min\":3,\"max\":1,\"step\":1}]}",
        "min ≤ max"
      ),
      (
        "{\"tunables\":[{\"file\":\"c.json\",\"pointer\":\"/a\",\"min\":0,\"max\":1,\"step\":0}]}",
        "step > 0"
      ),
    ])
  func nonsense(agent: String, message: String) throws {
    try directory.write("c.json", "{\"a\":5}")
    let failure = #expect(throws: CallFailure.self) { try apply(agent) }
    #expect(failure?.description.contains(message) == true)
    #expect(try content() == "{\"a\":5}")
  }
}

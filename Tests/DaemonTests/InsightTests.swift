import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("Patterns and learnings of a real daemon") struct InsightTests {
  /// The answer of a command that must do what it is asked.
  private func ask(_ daemon: DaemonUnderTest, _ words: String...) throws -> JSONValue {
    let done = try daemon.kaizen(words + ["--json"])
    try #require(done.status == 0, "\(words) \(done)\n\(daemon.log)")
    return try JSONDocument.parse(done.stdout)
  }

  /// What `/metrics` answers.
  private func scrape(_ daemon: DaemonUnderTest) throws -> String {
    let socket = try UnixSocket.connect(daemon.socket, timeout: .seconds(5))
    try socket.writeAll("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n".utf8)
    return String(decoding: try socket.readAll(limit: 1 << 20), as: UTF8.self)
  }

  /// 6 of 8 failures of an agent with the same error, beside 2 successes.
  private func feed(_ daemon: DaemonUnderTest, _ agent: String = "unit") throws {
    var lines = (0..<6).map { index in
      #"{"agent_id":"\#(agent)","operation_id":"t\#(index)","type":"failure","#
        + #""error_type":"TimeoutError","details":{"stderr":"TimeoutError: \#(index) s"}}"#
    }
    for index in 0..<2 {
      lines.append(
        #"{"agent_id":"\#(agent)","operation_id":"v\#(index)","type":"failure","#
          + #""error_type":"Error\#(index)"}"#)
      lines.append(
        #"{"agent_id":"\#(agent)","operation_id":"s\#(index)","type":"success"}"#)
    }
    let file = try daemon.directory.write("feed.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try ask(daemon, "record", "--ndjson", file)["stored"] == 10)
  }

  @Test("are found, listed, told of, counted, and there after a restart")
  func found() throws {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    try feed(daemon)
    let learnt = try ask(daemon, "learn", "unit")
    #expect((learnt["new_patterns"]?.integer ?? 0) > 0)
    #expect(try ask(daemon, "learn", "unit")["new_patterns"] == 0)
    let patterns = try ask(daemon, "patterns", "unit")
    let timeout = try #require(
      patterns["items"]?.array?.first { $0["title"] == "failures end in TimeoutError" })
    #expect(timeout["frequency"] == 6 && timeout["chances"] == 8 && timeout["confidence"] == 0.75)
    // Wilson, 95 %, of 6 of 8.
    #expect(abs((timeout["lower_bound"]?.number ?? 0) - 0.4093) < 0.0005)
    let learnings = try ask(daemon, "learnings")
    let avoid = try #require(
      learnings["items"]?.array?.first { $0["title"] == "avoid TimeoutError" })
    // √(6/10 × 0.4093) = 0.496.
    #expect(avoid["type"] == "error_avoidance" && avoid["impact"] == 0.496)
    let events = try ask(daemon, "events")["items"]?.array ?? []
    #expect(events.contains { $0["kind"] == "pattern.found" && $0["agent"] == "unit" })
    let scrape = try scrape(daemon)
    #expect(scrape.contains(#"kaizen_insights_total{type="error_avoidance"} "#))
    for name in ["insights_applied 0", "active_insights ", "knowledge_base_size "] {
      #expect(scrape.contains("\nkaizen_\(name)"), "\(name)")
    }
    #expect(try daemon.stop() == .exited(0))
    try daemon.start()
    #expect(try ask(daemon, "patterns", "unit") == patterns)
    #expect(try ask(daemon, "learnings") == learnings)
    let analysis = try ask(daemon, "analyze", "unit")
    #expect(analysis["patterns"]?.array?.contains { $0["id"] == timeout["id"] } == true)
    let table = try daemon.kaizen("patterns")
    #expect(table.stdout.contains("failures end in TimeoutError"), "\(table)")
  }

  @Test("of an agent that nobody knows, and learnings that are not there, are refused")
  func refused() throws {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    for words in [["patterns", "x"], ["learnings", "x"], ["learn", "x"]] {
      let done = try daemon.kaizen(words)
      #expect(done.status == 1 && done.stderr.contains("there is no agent \"x\""), "\(done)")
    }
    let apply = try daemon.kaizen("learnings", "apply", "learning-0")
    #expect(apply.status == 1 && apply.stderr.contains("there is no learning"), "\(apply)")
  }

  @Test("a learning is put into the instructions as a trial of its own, and marked")
  func applied() throws {
    let daemon = try DaemonUnderTest()
    let agent = daemon.directory.path + "/unit"
    try daemon.directory.write(
      "unit/agent.json", #"{"id": "unit", "test": {"command": ["/bin/sh", "check.sh"]}}"#)
    try daemon.directory.write("unit/check.sh", "echo 'ok 1 - holds'; echo '1..1'\n")
    try daemon.directory.write("unit/AGENTS.md", "# Unit\n")
    try daemon.start()
    _ = try ask(daemon, "agent", "add", agent)
    try feed(daemon)
    _ = try ask(daemon, "learn", "unit")
    let items = try ask(daemon, "learnings", "unit")["items"]?.array
    let id = try #require(items?.first { $0["title"] == "avoid TimeoutError" }?["id"]?.string)
    let done = try daemon.kaizen("learnings", "apply", id, "--require", "kept")
    #expect(done.status == 0, "\(done)\n\(daemon.log)")
    let page = String(decoding: try Files.read(agent + "/AGENTS.md", limit: 1 << 16), as: UTF8.self)
    #expect(page.hasPrefix("# Unit\n") && page.contains("[learning \(id)"), "\(page)")
    #expect(page.contains("Set a time limit on the call"))
    let after = try ask(daemon, "learnings", "unit")["items"]?.array
    #expect(after?.first { $0["id"]?.string == id }?["applied_generation"] == 2)
    #expect(try ask(daemon, "stats", "unit")["insights"]?["applied"] == 1)
    #expect(try ask(daemon, "summary", "unit")["insights"]?["patterns"]?.array?.isEmpty == false)
  }

  @Test("what a command lacks is learnt from its runs alone")
  func gap() throws {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    for _ in 0..<3 {
      let run = try daemon.kaizen(
        "exec", "py", "--", "python3", "-c", "import nothing_of_that_name")
      #expect(run.status == 1)
    }
    let items = try ask(daemon, "learn", "py")["learnings"]?.array
    let skill = try #require(items?.first { $0["type"] == "skill_enhancement" })
    #expect(skill["title"] == "module nothing_of_that_name is missing")
  }

  @Test("scores and ratings are stored by flags, and their means shown")
  func ratings() throws {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    for words in [
      ["success"], ["failure", "--error-type", "E"], ["quality_score", "--score", "0.5"],
      ["quality_score", "--score", "1"], ["user_rating", "--rating", "5", "--source", "user"],
      ["user_rating", "--rating", "2", "--source", "user"],
    ] {
      let done = try daemon.kaizen(["record", "unit"] + words)
      #expect(done.status == 0, "\(done)")
    }
    for answer in [try ask(daemon, "summary", "unit"), try ask(daemon, "stats", "unit")] {
      // (5 + 2) ÷ 2.
      #expect(answer["rating"] == 3.5, "\(answer.text())")
      #expect((answer["quality"] ?? answer["now"]?["quality"])?.number == 0.75)
    }
    let table = try daemon.kaizen("summary", "unit")
    #expect(table.stdout.contains("rating: 3.50 of 5"), "\(table)")
    #expect(table.stdout.contains("user 2"))
  }

  @Test("a file with a single line that is bad is answered with counts")
  func badLine() throws {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    for bad in ["nonsense", #"{"agent_id":"a","type":"success"}"#] {
      let file = try daemon.directory.write("bad.ndjson", "\n\(bad)\n")
      let done = try daemon.kaizen("record", "--ndjson", file, "--json")
      #expect(done.status == 1)
      let answer = try JSONDocument.parse(done.stdout)
      #expect(answer["stored"] == 0 && answer["rejected_count"] == 1, "\(done)")
      #expect(answer["rejected"]?.array?.first?["line"] == 2, "\(done)")
    }
  }
}

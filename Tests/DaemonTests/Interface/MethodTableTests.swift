import Control
import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// One line of the table of methods in docs/api.md.
private struct Method {
  var name: String
  /// The words behind `kaizen`.
  var command: [String]
  var route: String

  /// The lines of the table.
  static func all() throws -> [Method] {
    let bytes = try Files.read(Compiler.packageRoot + "/docs/api.md", limit: 1 << 20)
    let page = String(decoding: bytes, as: UTF8.self)
    let lines = page.split(separator: "\n").drop { $0 != "| method | command | route |" }
    return lines.dropFirst(2).prefix { $0.hasPrefix("|") }.map { line in
      let cells = line.split(separator: "|").map { cell in
        String(
          cell.drop { $0 == " " || $0 == "`" }.reversed().drop { $0 == " " || $0 == "`" }
            .reversed())
      }
      return Method(
        name: cells[0], command: cells[1].split(separator: " ").dropFirst().map(String.init),
        route: cells[2])
    }
  }
}

@Suite("The table of methods in docs/api.md") struct MethodTableTests {
  /// Runs every command of the table through a relay, and looks at what the daemon was asked.
  @Test("holds line by line: each command is done, and asks the route beside it")
  func holds() throws {
    let scene = try Scene()
    try scene.add("unit")
    let relay = try RequestRelay(before: scene.daemon)
    let methods = try Method.all()
    try #require(methods.count >= 15, "\(methods.count)")
    for method in methods {
      let words = method.command.map { $0 == "AGENT" ? "unit" : $0 }
      let done = try scene.daemon.kaizen(["--home", relay.home] + words)
      #expect(done.status == 0, "\(method.name): \(done)\n\(scene.daemon.log)")
      #expect(!done.stdout.isEmpty, "\(method.name)")
      let asked = relay.taken()
      let route = RouteTable.all.first { "\($0.method.rawValue) \($0.template)" == method.route }
      let template = try #require(route, "\(method.name): no route \"\(method.route)\"").template
      let path = template.split(separator: "{id}", omittingEmptySubsequences: false)
        .joined(separator: "unit")
      let wanted = "\(method.route.split(separator: " ")[0]) \(path)"
      #expect(asked.contains(wanted), "\(method.name): \(asked) has no \(wanted)")
      if words.contains("--json") {
        #expect(try JSONDocument.parse(done.stdout).object != nil, "\(method.name)")
      }
    }
  }

  @Test("names every method of the optimization engine and of the feedback loop")
  func complete() throws {
    let names = Set(try Method.all().map(\.name))
    for name in [
      "analyze", "auto-optimize", "optimization status", "optimization status, formatted",
      "agent health", "list of opportunities", "optimization history", "record feedback",
      "record success", "record failure", "record quality score", "record user rating",
      "detect patterns", "generate learnings", "feedback summary", "feedback status",
      "feedback status, formatted", "feedback stats",
    ] {
      #expect(names.contains(name), "\(name)")
    }
  }
}

@Suite("The metrics of what was learnt and how agents do") struct WorkMetricsTests {
  /// Every line of a scrape as name with labels → value, and `# TYPE` lines as name → type.
  private func scrape(_ scene: Scene) throws -> (values: [String: Double], types: [String: String])
  {
    let client = try UnixSocket.connect(scene.daemon.socket, timeout: .seconds(5))
    try client.writeAll("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
    let text = String(decoding: try client.readAll(limit: 1 << 20), as: UTF8.self)
    var values: [String: Double] = [:]
    var types: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ")
      if words.starts(with: ["#", "TYPE"]), words.count == 4 {
        types[String(words[2])] = String(words[3])
      } else if words.count == 2, let value = Double(words[1]) {
        values[String(words[0])] = value
      }
    }
    return (values, types)
  }

  @Test("are there after real work, each with its type and in its unit")
  func values() throws {
    let scene = try Scene()
    var lines: [String] = []
    for index in 0..<10 {
      let end = index < 4 ? #""failure","error_type":"TimeoutError""# : #""success""#
      lines.append(
        #"{"agent_id":"unit","operation_id":"o\#(index)","duration_ms":250,"type":\#(end)}"#)
    }
    let file = try scene.daemon.directory.write("feed", lines.joined(separator: "\n") + "\n")
    _ = try scene.ask("record", "--ndjson", file)
    _ = try scene.ask("learn", "unit")
    _ = try scene.ask("analyze", "unit")
    let (values, types) = try scrape(scene)
    #expect(types["kaizen_insights_total"] == "counter")
    #expect(types["kaizen_analysis_duration_seconds"] == "histogram")
    for name in [
      "insights_applied", "avg_response_time_seconds", "error_rate", "knowledge_base_size",
      "active_insights", "agent_health",
    ] {
      #expect(types["kaizen_\(name)"] == "gauge", "\(name)")
    }
    // Seconds and percent, whatever the records are in.
    #expect(values["kaizen_avg_response_time_seconds"] == 0.25)
    #expect(values["kaizen_error_rate"] == 40)
    #expect((values["kaizen_analysis_duration_seconds_count"] ?? 0) >= 1)
    #expect((values["kaizen_analysis_duration_seconds_sum"] ?? 99) < 60)
    let insights = try scene.ask("stats", "unit")["insights"]
    let learnt = try scene.ask("learnings", "unit")["items"]?.array ?? []
    let patterns = try scene.ask("patterns", "unit")["items"]?.array ?? []
    #expect(!learnt.isEmpty && !patterns.isEmpty)
    #expect(values["kaizen_active_insights"] == Double(learnt.count))
    #expect(values["kaizen_insights_applied"] == insights?["applied"]?.number)
    #expect(values["kaizen_knowledge_base_size"] == Double(learnt.count + patterns.count))
    let avoid = #"kaizen_insights_total{type="error_avoidance"}"#
    #expect(values[avoid] == Double(learnt.count { $0["type"] == "error_avoidance" }))

    // What was learnt once is not learnt again, and a restart forgets no count.
    _ = try scene.ask("learn", "unit")
    try scene.daemon.stop()
    try scene.daemon.start()
    #expect(try scrape(scene).values[avoid] == values[avoid])
  }
}

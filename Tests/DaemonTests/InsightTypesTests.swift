import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// An agent whose feedback has a pattern of every type, under a real daemon.
private struct Pupil {
  let scene: Scene

  init() throws {
    scene = try Scene(["config.json": #"{"autopilot": {"mode": "off"}}"#])
    try scene.daemon.directory.write("fleet/a/AGENTS.md", "# Pupil\n")
    try scene.add(test: ["sh", "-c", "echo 'ok 1 - holds'; echo '1..1'"], more: ["sla_ms": 1000])
    let now = Int64(time(nil)) - 1000
    var lines: [JSONValue] = []
    for number in 0..<6 {
      let session = "s-\(number)"
      let at = now + Int64(number * 20)
      // A time-out, tried again at once in its session: that works, slowly and not well.
      lines.append(
        record(
          "t-\(number)", "failure", at,
          ["error_type": "TimeoutError", "session_id": .string(session), "duration_ms": 3000]))
      lines.append(
        record(
          "r-\(number)", "success", at + 5,
          ["session_id": .string(session), "domain": "billing", "duration_ms": 4000]))
      lines.append(record("r-\(number)", "quality_score", at + 6, ["score": 0.4]))
    }
    for number in 0..<3 {
      lines.append(
        record(
          "j-\(number)", "failure", now + 500 + Int64(number),
          [
            "error_type": "exit_127",
            "details": ["stderr": "bash: line 1: jq: command not found"],
          ]))
    }
    let text = lines.map { $0.text() + "\n" }.joined()
    let done = try scene.daemon.kaizen(["record", "--ndjson", "-", "--json"], input: text)
    try #require(try JSONDocument.parse(done.stdout)["stored"] == 21, "\(done)")
  }

  private func record(
    _ operation: String, _ type: String, _ time: Int64, _ more: [String: JSONValue]
  ) -> JSONValue {
    let members: [String: JSONValue] = [
      "agent_id": "a", "operation_id": .string(operation), "type": .string(type),
      "time": .integer(time),
    ]
    return .object(members.merging(more) { own, _ in own })
  }
}

@Suite("Each type of pattern and of learning, from feedback that a real daemon recorded")
struct InsightTypesTests {
  @Test("comes about, and each learning goes into the instructions when it is asked for")
  func all() throws {
    let scene = try Pupil().scene
    _ = try scene.ask("learn", "a")
    let patterns = try scene.ask("patterns", "a")["items"]?.array ?? []
    #expect(
      Set(patterns.compactMap { $0["type"]?.string })
        == ["failure", "success", "quality", "performance", "behavior"],
      "\(patterns.map { $0.text() })")
    for pattern in patterns {
      #expect(
        (pattern["frequency"]?.integer ?? 0) >= 3 && (pattern["confidence"]?.number ?? 0) >= 0.6)
    }
    let learnings = try scene.ask("learnings", "a")["items"]?.array ?? []
    let kinds = Learning.Kind.allCases.map(\.rawValue)
    #expect(Set(learnings.compactMap { $0["type"]?.string }) == Set(kinds))
    for kind in kinds {
      let learning = try #require(learnings.first { $0["type"]?.string == kind })
      let id = try #require(learning["id"]?.string)
      let done = try scene.daemon.kaizen("learnings", "apply", id, "--require", "kept")
      #expect(done.status == 0, "\(kind): \(done)")
      let page = try scene.files()["AGENTS.md"] ?? ""
      #expect(page.contains("[learning \(id)"), "\(kind): \(page)")
    }
    let after = try scene.ask("learnings", "a")["items"]?.array ?? []
    let applied = after.filter { $0["applied_generation"]?.integer != nil }
    #expect(Set(applied.compactMap { $0["type"]?.string }) == Set(kinds))
    #expect(try scene.ask("stats", "a")["insights"]?["applied"] == 5)
    // The lines are the playbook's, one for each, and nothing else changed.
    let page = try scene.files()["AGENTS.md"] ?? ""
    #expect(
      page.contains("# Pupil\n") && page.split(separator: "\n").count <= 1 + 15 + 2, "\(page)")
  }
}

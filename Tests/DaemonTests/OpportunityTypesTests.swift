import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// An agent with everything wrong with it, under a real daemon, with two weeks of feedback.
private struct Sorry {
  let daemon: DaemonUnderTest
  private static let day: Int64 = 86_400

  init() throws {
    daemon = try DaemonUnderTest()
    try daemon.write("config.json", #"{"tools": {"catalogue": {"bash": "99.0", "six": "99.0"}}}"#)
    try daemon.directory.write(
      "sorry/agent.json",
      #"""
      {"id": "sorry", "paths": ["**"], "sla_ms": 100, "tools": [
        {"name": "bash", "version": "1.0", "check": ["bash", "--version"]},
        {"name": "frobnicator", "version": "2.0", "check": ["frobnicator", "--version"]}]}
      """#)
    try daemon.directory.write("sorry/AGENTS.md", "# Sorry\n\nAnswer politely.\n")
    try daemon.directory.write("sorry/.tool-versions", "bash 1.0\n")
    try daemon.directory.write("sorry/requirements.txt", "six==1.0\n")
    // Somebody's careless code: swallows every error, evaluates what it was sent.
    try daemon.directory.write(
      "sorry/agent.py",
      "def answer(q):\n    try:\n        return eval(q)\n    except:\n        pass\n"
        + "def again(q):\n    try:\n        return answer(q)\n    except:\n        pass\n")
    try daemon.directory.write("sorry/open.sh", "#!/bin/sh\necho hi\n", mode: 0o666)
    chmod(daemon.directory.path + "/sorry/open.sh", 0o666)
    try daemon.start()
    try run("agent", "add", daemon.directory.path + "/sorry")
    let now = Int64(time(nil))
    let before = (0..<40).map { number in
      record("old-\(number)", now - 10 * Self.day + Int64(number), "success", #""duration_ms":50"#)
    }
    let recent = (0..<40).map { number in
      let fields = #""duration_ms":400,"memory_mb":900,"cpu_percent":95"#
      let at = now - 2 * Self.day + Int64(number)
      return number % 2 == 0
        ? record("new-\(number)", at, "success", fields)
        : record(
          "new-\(number)", at, "failure",
          fields + #","error_type":"exit_127","#
            + #""details":{"stderr":"bash: line 1: jq: command not found"}"#)
    }
    let scores = (0..<10).map { number in
      record(
        "new-\(number)", now - Self.day + Int64(number), "quality_score",
        "\"score\":0.\(40 + number)")
    }
    try send(before + recent + scores)
  }

  private func record(_ id: String, _ time: Int64, _ type: String, _ more: String) -> String {
    #"{"agent_id":"sorry","operation_id":"\#(id)","type":"\#(type)","time":\#(time),\#(more)}"#
  }

  private func send(_ lines: [String]) throws {
    let done = try daemon.kaizen(
      ["record", "--ndjson", "-"], input: lines.joined(separator: "\n") + "\n")
    if done.status != 0 { throw DaemonUnderTest.Failure("\(done)\n\(daemon.log)") }
  }

  @discardableResult
  func run(_ words: String...) throws -> FinishedProgram {
    let done = try daemon.kaizen(words)
    if done.status != 0 { throw DaemonUnderTest.Failure("\(done)\n\(daemon.log)") }
    return done
  }

  func opportunities() throws -> [JSONValue] {
    try run("analyze", "sorry")
    let done = try run("opportunities", "sorry", "--json")
    return try JSONDocument.parse(done.stdout)["items"]?.array ?? []
  }
}

@Suite("What a daemon finds in real data") struct OpportunityTypesTests {
  /// The opportunity of a type by one component.
  private func of(_ type: String, _ component: String, _ all: [JSONValue]) throws -> JSONValue {
    let found = all.first { $0["type"]?.string == type && $0["component"]?.string == component }
    return try #require(found, "\(type) by \(component) is not in \(all.map { $0.text() })")
  }

  @Test("is each of the ten types, with its severity, strength and evidence")
  func all() throws {
    let sorry = try Sorry()
    try sorry.run("learn", "sorry")
    let found = try sorry.opportunities()
    #expect(
      Set(found.compactMap { $0["type"]?.string })
        == Set(OpportunityType.allCases.map(\.rawValue)), "\(sorry.daemon.log)")
    for opportunity in found {
      let type = OpportunityType(rawValue: opportunity["type"]?.string ?? "")
      #expect(opportunity["severity"]?.string == type?.severity.rawValue)
      #expect((0...1).contains(opportunity["strength"]?.number ?? -1), "\(opportunity.text())")
      #expect(opportunity["evidence"]?.object?.isEmpty == false, "\(opportunity.text())")
    }
    // Each can move the loop alone, by what its type calls strong in an agent that is well.
    let strong: [OpportunityType: Double] = [
      .successRateDecline: 0.99, .performanceDegradation: 0.99, .resourceInefficiency: 0.99,
      .qualityIssues: 0.99, .errorPattern: 0.05, .capabilityGap: 0.05, .trainingNeeded: 0.3,
      .toolUpgrade: 0.75, .codeSmell: 0.75, .securityVulnerability: 0.75,
    ]
    for type in OpportunityType.allCases {
      let most = found.filter { $0["type"]?.string == type.rawValue }
        .compactMap { $0["strength"]?.number }.max()
      #expect((most ?? 0) >= strong[type] ?? 1, "\(type): \(most ?? 0)")
    }
    let gap = try of("capability_gap", "capability-gap", found)
    #expect(found.contains { $0["title"] == "command jq is missing" }, "\(gap.text())")
    #expect(found.contains { $0["title"] == "tool frobnicator is missing" })
    let smell = try of("code_smell", "quality", found)
    #expect(smell["evidence"]?["file"] == "agent.py")
    let resources = try of("resource_inefficiency", "resources", found)
    #expect((resources["strength"]?.number ?? 0) > 0.99)
    let lesson = try of("training_needed", "training-needs", found)
    #expect(lesson["evidence"]?["file"] == "AGENTS.md")
    let told = lesson["evidence"]?["learnings"]?.array ?? []
    let jq = try #require(told.first { $0["title"] == "command jq is missing" }, "\(told)")
    // As many operations failed for want of it.
    #expect(jq["type"] == "skill_enhancement" && jq["evidence_count"] == 20)
    let upgrades = found.filter { $0["type"] == "tool_upgrade" }
    #expect(
      upgrades.compactMap { $0["evidence"]?["file"]?.string }.sorted() == [
        ".tool-versions", "requirements.txt",
      ])
    let bash = upgrades.first { $0["evidence"]?["tool"] == "bash" }
    #expect(bash?["evidence"]?["installed"]?.string?.hasPrefix("5.") == true)
    #expect(bash?["strength"]?.number == 0.95)
    let eval = found.filter { $0["type"] == "security_vulnerability" }
    #expect(eval.contains { $0["evidence"]?["file"] == "agent.py" }, "\(eval.map { $0.text() })")
    #expect(eval.contains { $0["evidence"]?["rule"] == "world-writable" })
  }
}

import Model
import Testing

@testable import PluginHost

/// A component for tests, with what is not named by default.
func component(
  _ kind: ComponentKind, emits: [OpportunityType] = [.codeSmell],
  dimensions: [String] = ["security"]
) throws -> ComponentManifest {
  ComponentManifest(
    id: try #require(ComponentID("probe")), kind: kind, version: "1.0", description: "",
    entry: .library("lib.so"), emits: kind == .analyzer ? emits : [],
    handles: kind == .applier ? emits : [], dimensions: kind == .scorer ? dimensions : [],
    config: [:], deadline: .seconds(1), placement: .worker, isPure: false, risk: .low, weight: 1,
    needs: Needs(), pins: [:])
}

@Suite("Answers of a component") struct AnswerCollectorTests {
  private func collector(_ kind: ComponentKind) throws -> AnswerCollector {
    AnswerCollector(
      try component(kind), agent: try #require(AgentID("a")), pathInside: "/srv/agent")
  }

  private func opportunity(
    _ type: String = "code_smell", title: String = "smells", severity: Severity? = nil,
    strength: Double? = nil, evidence: JSONValue = [:]
  ) -> Answer {
    .opportunity(
      OpportunityAnswer(
        type: type, severity: severity, title: title, strength: strength, evidence: evidence))
  }

  private func finding(_ file: String, line: Int? = nil, rule: String = "r") -> Answer {
    .finding(Finding(rule: rule, level: .note, file: file, line: line, message: "m\nn"))
  }

  @Test("become opportunities of the agent and the component")
  func opportunities() throws {
    var collector = try collector(.analyzer)
    try collector.take(opportunity(title: " two\nlines ", severity: .critical, strength: 1))
    try collector.take(opportunity(severity: .low))
    #expect(collector.opportunities.map(\.title) == ["two lines", "smells"])
    #expect(collector.opportunities.map(\.severity) == [.critical, .medium])
    #expect(collector.opportunities.map(\.strength) == [1, AnswerCollector.defaultStrength])
    #expect(collector.opportunities[0].component.text == "probe")
    #expect(collector.opportunities[0].agent.text == "a")
  }

  @Test("become scores and findings, files relative to the agent")
  func scores() throws {
    var collector = try collector(.scorer)
    try collector.take(.score(dimension: "security", value: 0.25))
    try collector.take(finding("./a.py", line: 3))
    try collector.take(finding("/srv/agent/lib//b.py"))
    #expect(collector.dimensions == [DimensionScore(dimension: "security", value: 0.25)])
    #expect(collector.findings.map(\.file) == ["a.py", "lib/b.py"])
    #expect(collector.findings.map(\.message) == ["m n", "m n"])
  }

  @Test(
    "that lie are an error naming the component and the value",
    arguments: [
      (ComponentKind.analyzer, 0, "an opportunity of type \"error_pattern\""),
      (.analyzer, 1, "an opportunity of type \"luck\""), (.analyzer, 2, "a title of 0 bytes"),
      (.analyzer, 3, "a title of 513 bytes"), (.analyzer, 4, "strength nan"),
      (.analyzer, 5, "strength 1.5"), (.analyzer, 6, "evidence of "), (.scorer, 7, "the score nan"),
      (.scorer, 8, "the score -0.1"), (.scorer, 9, "the score inf"),
      (.scorer, 10, "the dimension \"speed\""), (.scorer, 11, "\"../x\""),
      (.scorer, 12, "\"/etc/passwd\""), (.scorer, 13, "line 0"), (.scorer, 14, "a rule of 0 bytes"),
      (.scorer, 15, "an opportunity"), (.applier, 16, "a score"), (.applier, 17, "a finding"),
      (.analyzer, 18, "progress 2.0"), (.scorer, 19, "a finding in"),
    ])
  func lies(kind: ComponentKind, which: Int, found: String) throws {
    let long = JSONValue.string(String(repeating: "x", count: 64 << 10))
    let answers: [Answer] = [
      opportunity("error_pattern"), opportunity("luck"), opportunity(title: "\n \t"),
      opportunity(title: String(repeating: "x", count: 513)), opportunity(strength: .nan),
      opportunity(strength: 1.5), opportunity(evidence: ["long": long]),
      .score(dimension: "security", value: .nan), .score(dimension: "security", value: -0.1),
      .score(dimension: "security", value: .infinity), .score(dimension: "speed", value: 1),
      finding("../x"), finding("/etc/passwd"), finding("a", line: 0), finding("a", rule: ""),
      opportunity(), .score(dimension: "security", value: 1), finding("a"), .progress(2),
      finding("../\u{301}x"),
    ]
    var collector = try collector(kind)
    let error = #expect(throws: KaizenError.self) { try collector.take(answers[which]) }
    #expect(error?.code == "E_PLUGIN_VALUE")
    #expect(error?.message.contains("component \"probe\" 1.0 answered") == true)
    #expect(error?.message.contains(found) == true, "\(error?.message ?? "")")
  }

  @Test("may give each dimension one score")
  func twice() throws {
    var collector = try collector(.scorer)
    try collector.take(.score(dimension: "security", value: 1))
    #expect(throws: KaizenError.self) {
      try collector.take(.score(dimension: "security", value: 1))
    }
  }

  @Test("have counts that end")
  func counts() throws {
    var analyzer = try collector(.analyzer)
    for _ in 0..<AnswerCollector.Limit.opportunityCount { try analyzer.take(opportunity()) }
    #expect(throws: KaizenError.self) { try analyzer.take(opportunity()) }
    var scorer = try collector(.scorer)
    for _ in 0..<AnswerCollector.Limit.findingCount { try scorer.take(finding("a")) }
    #expect(throws: KaizenError.self) { try scorer.take(finding("a")) }
  }

  @Test("for people are cut and counted, never an error")
  func remarks() throws {
    var collector = try collector(.applier)
    let long = String(repeating: "é", count: 8192)
    for _ in 0..<(AnswerCollector.Limit.noteCount + 5) { try collector.take(.note(long)) }
    try collector.take(.log(ComponentLog(level: .info, message: long)))
    #expect(collector.remarks.notes.count == AnswerCollector.Limit.noteCount)
    #expect(collector.remarks.droppedCount == 5)
    #expect(collector.remarks.notes[0] == String(repeating: "é", count: 4096) + "…")
    #expect(collector.remarks.logs[0].message.utf8.count <= 8192 + 3)
  }

  @Test("are cut between characters", arguments: [0, 1, 2, 3, 4, 5, 6, 7])
  func cut(limit: Int) {
    let cut = AnswerCollector.cut("a€b😀", limit)
    #expect(cut.utf8.count <= limit + 3)
    #expect("a€b😀".hasPrefix(cut.dropLast()))
  }
}

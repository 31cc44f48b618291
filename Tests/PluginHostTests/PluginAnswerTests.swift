import CPluginRuntime
import Model
import Testing

@testable import PluginHost

@Suite("Answers of a library") struct PluginAnswerTests {
  private let arena = CallArena()

  private func opportunity(_ evidence: String, severity: Int32 = 0) -> kz_opportunity {
    var found = kz_opportunity()
    found.severity = UInt32(severity)
    found.type = arena.text("code_smell")
    found.title = arena.text("t")
    found.strength = 0.25
    found.evidence_json = arena.text(evidence)
    return found
  }

  @Test("are opportunities with their evidence as JSON")
  func opportunity() throws {
    let answer = try Answer(opportunity(#"{"a": [1]}"#), of: try id("probe"))
    #expect(
      answer
        == .opportunity(
          OpportunityAnswer(
            type: "code_smell", severity: nil, title: "t", strength: 0.25, evidence: ["a": [1]])))
  }

  @Test(
    "have the severities of the contract",
    arguments: [
      (KZ_SEVERITY_OF_TYPE, Severity?.none), (KZ_SEVERITY_LOW, .low),
      (KZ_SEVERITY_MEDIUM, .medium), (KZ_SEVERITY_HIGH, .high), (KZ_SEVERITY_CRITICAL, .critical),
    ])
  func severity(number: Int, severity: Severity?) throws {
    let answer = try Answer(opportunity("", severity: Int32(number)), of: try id("probe"))
    guard case .opportunity(let found) = answer else { throw KaizenError("E_TEST", "\(answer)") }
    #expect(found.severity == severity)
    #expect(found.evidence == [:])
    if let severity { #expect(CallViews.severity(severity) == UInt32(number)) }
  }

  @Test("whose evidence is no object are a lie", arguments: ["[1]", "7", "{", "{\"a\": 1} x"])
  func evidence(text: String) {
    let error = #expect(throws: KaizenError.self) {
      try Answer(opportunity(text), of: try id("probe"))
    }
    #expect(error?.code == "E_PLUGIN_VALUE")
    #expect(error?.message.contains("component \"probe\" answered evidence") == true)
  }

  @Test(
    "are findings with level and line",
    arguments: [
      (KZ_LEVEL_NOTE, Finding.Level.note, UInt32(0), Int?.none),
      (KZ_LEVEL_WARNING, .warning, 1, 1), (KZ_LEVEL_ERROR, .error, 70_000, 70_000),
    ])
  func finding(number: Int, level: Finding.Level, line: UInt32, expected: Int?) {
    var finding = kz_finding()
    finding.level = UInt32(number)
    finding.rule = arena.text("r")
    finding.file = arena.text("lib/a.py")
    finding.line = line
    finding.message = arena.text("m")
    #expect(
      Answer(finding)
        == .finding(
          Finding(rule: "r", level: level, file: "lib/a.py", line: expected, message: "m")))
  }

  @Test(
    "are log lines with their level",
    arguments: [
      (KZ_LOG_DEBUG, ComponentLog.Level.debug), (KZ_LOG_INFO, .info), (KZ_LOG_WARNING, .warning),
      (KZ_LOG_ERROR, .error), (99, .info),
    ])
  func log(number: Int, level: ComponentLog.Level) {
    let answer = Answer(level: UInt32(number), message: arena.text("é"))
    #expect(answer == .log(ComponentLog(level: level, message: "é")))
  }

  @Test("texts that are not UTF-8 are repaired")
  func text() {
    let bytes: [CChar] = [65, -1, 66]
    bytes.withUnsafeBufferPointer { buffer in
      #expect(kz_text(data: buffer.baseAddress, length: 3).string == "A\u{FFFD}B")
    }
    #expect(kz_text(data: nil, length: 0).string == "")
  }
}

@Suite("Holding a library against its manifest") struct DescriptionTests {
  private let arena = CallArena()

  private func description(
    _ id: String = "probe", kind: Int = KZ_KIND_ANALYZER, version: String = "1.0",
    topics: [String] = ["code_smell"], isPure: Bool = false
  ) -> kzr_description {
    var description = kzr_description()
    description.id = arena.text(id)
    description.kind = UInt32(kind)
    description.version = arena.text(version)
    description.flags = isPure ? UInt32(KZ_FLAG_PURE) : 0
    description.topics = arena.texts(topics)
    description.topic_count = UInt32(topics.count)
    return description
  }

  @Test("finds nothing where they agree, in whatever order")
  func same() throws {
    let manifest = try component(.analyzer, emits: [.codeSmell, .toolUpgrade])
    #expect(throws: Never.self) {
      try manifest.check(description(topics: ["tool_upgrade", "code_smell"]))
    }
  }

  @Test("names every difference, and the value on both sides")
  func differences() throws {
    let error = #expect(throws: KaizenError.self) {
      try component(.analyzer).check(
        description(
          "other", kind: KZ_KIND_SCORER, version: "2", topics: ["speed", "luck"], isPure: true))
    }
    #expect(error?.code == "E_PLUGIN_MISMATCH")
    for words in [
      #"id: "probe" in the manifest, "other" in the library"#,
      "kind: analyzer in the manifest, scorer in the library",
      #"version: "1.0" in the manifest, "2" in the library"#,
      "pure: false in the manifest, true in the library",
      "emits: code_smell in the manifest, luck, speed in the library",
    ] {
      #expect(error?.message.contains(words) == true, "\(words)")
    }
  }

  @Test("calls the topics by the manifest's own key")
  func keys() throws {
    let applier = #expect(throws: KaizenError.self) {
      try component(.applier).check(description(kind: KZ_KIND_APPLIER, topics: ["x"]))
    }
    #expect(
      applier?.message.hasSuffix("handles: code_smell in the manifest, x in the library") == true)
    let scorer = #expect(throws: KaizenError.self) {
      try component(.scorer).check(description(kind: KZ_KIND_SCORER, topics: ["x"]))
    }
    #expect(scorer?.message.contains("dimensions: security in the manifest") == true)
  }
}

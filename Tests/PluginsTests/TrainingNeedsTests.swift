import CKaizenPlugin
import Model
import TestSupport
import Testing

@Suite("The training-needs analyzer") struct TrainingNeedsTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("training") }

  private func analyze(_ files: [String: String]) throws -> [Emitted.Opportunity] {
    for (name, text) in files { try folder.write(name, text) }
    let arena = Arena()
    let facts: JSONValue = [
      "learnings": [
        [
          "id": "l-1", "type": "error_avoidance", "title": "Timeouts",
          "text": "Retry a search once, then answer from the cache.", "impact": 0.8,
          "expires": "2026-12-01T00:00:00Z", "evidence_count": 6,
        ],
        ["id": "l-12", "type": "optimization", "title": "Slow", "text": "Batch.", "impact": 0.4],
      ]
    ]
    let view = Window(facts: facts.text()).view(
      arena, root: folder.path, files: files.keys.sorted())
    return try Component("TrainingNeedsAnalyzer", "training-needs", kind: KZ_KIND_ANALYZER)
      .analyze(view).opportunities
  }

  private func lacking(_ files: [String: String]) throws -> [String] {
    (try analyze(files).first?.evidence["learnings"]?.array ?? []).compactMap { $0["id"]?.string }
  }

  @Test("what the instructions lack is one opportunity, ready for the playbook")
  func lacks() throws {
    let found = try #require(try analyze(["AGENTS.md": "Be kind.\n"]).first)
    #expect(found.type == "training_needed" && found.strength == 0.8)
    #expect(found.title == "AGENTS.md lacks what the agent's feedback taught")
    #expect(found.evidence["file"] == "AGENTS.md")
    let first = found.evidence["learnings"]?.array?.first
    #expect(first?["id"] == "l-1" && first?["impact"]?.number == 0.8)
    #expect(first?["expires"] == "2026-12-01T00:00:00Z" && first?["type"] == "error_avoidance")
    #expect(first?["evidence_count"] == 6)
  }

  @Test("a learning is there by its id or word for word, wherever the agent reads it")
  func there() throws {
    #expect(try lacking(["AGENTS.md": "- x [learning l-1, impact 80 %]\n"]) == ["l-12"])
    #expect(
      try lacking(["README.md": "* retry a SEARCH\n  once; then answer from the cache\n"])
        == ["l-12"])
    #expect(try lacking(["prompts/system.txt": "[learning l-12, x] batch"]) == ["l-1"])
    #expect(try lacking(["notes.txt": "Batch."]) == ["l-1", "l-12"])
    #expect(try analyze(["CLAUDE.md": "[learning l-1, a] [learning l-12, b]"]).isEmpty)
  }

  @Test("CLAUDE.md is named where it stands alone")
  func claude() throws {
    #expect(try analyze(["CLAUDE.md": "x"]).first?.evidence["file"] == "CLAUDE.md")
    #expect(
      try analyze(["CLAUDE.md": "x", "AGENTS.md": "y"]).first?.evidence["file"] == "AGENTS.md")
  }

  @Test("an agent without files, and one without learnings, say nothing")
  func silent() throws {
    let component = try Component(
      "TrainingNeedsAnalyzer", "training-needs", kind: KZ_KIND_ANALYZER)
    let arena = Arena()
    let learnings = #"{"learnings":[{"id":"l","text":"t","impact":1}]}"#
    #expect(try component.analyze(Window(facts: learnings).view(arena)).opportunities.isEmpty)
    let bare = Window().view(arena, root: folder.path, files: [])
    #expect(try component.analyze(bare).opportunities.isEmpty)
  }
}

import CKaizenPlugin
import Model
import Testing

@Suite("The quality analyzer") struct QualityTests {
  private func analyze(_ window: Window, config: String = "{}") throws -> [Emitted.Opportunity] {
    let arena = Arena()
    return try Component(
      "QualityAnalyzer", "quality", kind: KZ_KIND_ANALYZER, config: config
    ).analyze(window.view(arena)).opportunities
  }

  @Test("a mean quality below 0.8 is reported with its p-value; 0.8 is not")
  func quality() throws {
    let found = try #require(try analyze(Window(quality: [0.5, 0.55, 0.6, 0.5, 0.52])).first)
    #expect(found.type == "quality_issues" && found.title == "quality below 0.8")
    #expect(found.strength > 0.99)
    #expect(found.evidence["samples"]?.integer == 5)
    #expect(try analyze(Window(quality: [0.8, 0.8])).isEmpty)
    #expect(try analyze(Window()).isEmpty)
  }

  @Test("scores that scatter round the limit are reported and weak")
  func weak() throws {
    let found = try analyze(Window(quality: [0.2, 1, 1, 0.9, 0.85]))
    #expect(found.count == 1)
    #expect((0.5..<0.8).contains(found.first?.strength ?? 1))
  }

  private static let facts = #"""
    {"findings":[
    {"dimension":"maintainability","rule":"long-function","level":"warning","file":"a.py","line":3,"message":"m"},
    {"dimension":"maintainability","rule":"long-function","level":"warning","file":"a.py","line":90,"message":"n"},
    {"dimension":"documentation","rule":"no-docstring","level":"note","file":"b.py","message":"o"},
    {"dimension":"security","rule":"eval","level":"error","file":"b.py","line":1,"message":"p"}]}
    """#

  @Test("findings become one smell for each file and rule; those of security are another's")
  func smells() throws {
    let found = try analyze(Window(facts: Self.facts))
    #expect(found.map(\.type) == ["code_smell", "code_smell"])
    #expect(found.map(\.title) == ["a.py: long-function", "b.py: no-docstring"])
    #expect(found[0].evidence["count"]?.integer == 2)
    #expect(found[0].evidence["lines"] == [3, 90])
    // 1 − 0.4² and 0.3, as the page says.
    #expect(abs(found[0].strength - 0.84) < 1e-9 && abs(found[1].strength - 0.3) < 1e-9)
    #expect(found[1].evidence["line"] == .null)
  }

  @Test("a hostile host is bounded: many findings, broken facts, odd elements")
  func hostile() throws {
    let one = #"{"dimension":"x","rule":"r","level":"?","file":"f"#
    let many = (0..<500).map { one + "\($0)\"}" }.joined(separator: ",")
    #expect(try analyze(Window(facts: "{\"findings\":[\(many)]}")).count == 50)
    #expect(try analyze(Window(facts: #"{"findings":[1,null,{}],"tools":7}"#)).isEmpty)
    #expect(throws: CallFailure.self) { try analyze(Window(facts: "{")) }
  }

  @Test("a host of the first release, whose view ends before the facts, is no failure")
  func older() throws {
    let arena = Arena()
    var view = Window(quality: [0.1, 0.2], facts: Self.facts).view(arena)
    view.size = 136
    let found = try Component("QualityAnalyzer", "quality", kind: KZ_KIND_ANALYZER).analyze(view)
    #expect(found.opportunities.map(\.type) == ["quality_issues"])
  }
}

import CKaizenPlugin
import Model
import Testing

@Suite("The error-patterns analyzer") struct ErrorPatternsTests {
  private func analyze(
    _ types: [String?], operations: [UInt64] = [], config: String = "{}"
  ) throws -> [Emitted.Opportunity] {
    let arena = Arena()
    let window = Window(errorTypes: types, operations: operations)
    return try Component(
      "ErrorPatternsAnalyzer", "error-patterns", kind: KZ_KIND_ANALYZER, config: config
    ).analyze(window.view(arena)).opportunities
  }

  @Test("three of a sort are a pattern, two are not; the most frequent comes first")
  func recurring() throws {
    let found = try analyze(
      ["b", "b", "b", nil, "a", "a", "a", "a", "c", "c"] + Array(repeating: nil, count: 10))
    #expect(found.map(\.title) == ["a keeps coming back", "b keeps coming back"])
    #expect(found.first?.evidence["share"]?.number == 0.2)
    #expect(found.first?.evidence["last_seconds"]?.integer == 7)
  }

  // Oracle: the Wilson bounds computed for 3/5 and 20/20 in the literature on small samples.
  @Test("strength is the Wilson lower bound of the share")
  func wilson() throws {
    let few = try analyze(["x", "x", "x", nil, nil]).first
    #expect(abs((few?.strength ?? 0) - 0.2307) < 1e-4)
    let all = try analyze(Array(repeating: "x", count: 20)).first
    #expect(abs((all?.strength ?? 0) - 0.8389) < 1e-4)
  }

  @Test("records of one operation count once")
  func distinct() throws {
    #expect(try analyze(["x", "x", "x"], operations: [7, 7, 7]).isEmpty)
    let found = try analyze(["x", "x", "x", "x"], operations: [1, 2, 3, 3]).first
    #expect(found?.evidence["operations"]?.integer == 3)
  }

  @Test("a hostile window is bounded: many types, long types, line breaks, no rows")
  func hostile() throws {
    let many = (0..<3000).flatMap { Array(repeating: "type\($0)", count: 3) }
    #expect(try analyze(many).count == 20)
    let long = "line\nbreak \"quote\"" + String(repeating: "é", count: 5000)
    let found = try #require(try analyze(Array(repeating: long, count: 3)).first)
    #expect(found.title.count < 300)
    #expect(!found.title.contains("\n"))
    #expect(found.evidence["error_type"]?.string?.hasPrefix("line break \"quote\"") == true)
    let escape = try analyze(Array(repeating: "\u{1B}]0;E\u{7}\r\nF", count: 3)).first
    #expect(escape?.title == " ]0;E  F keeps coming back")
    #expect(try analyze([]).isEmpty)
  }

  @Test("the least count is the config's", arguments: ["1", "2.5", "\"3\""])
  func config(value: String) throws {
    #expect(try analyze(["x", "x"], config: #"{"min_operations":2}"#).count == 1)
    #expect(throws: CallFailure.self) {
      try analyze([], config: "{\"min_operations\":\(value)}")
    }
  }
}

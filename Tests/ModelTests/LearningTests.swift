import Model
import Testing

@Suite("A learning") struct LearningTests {
  private func learning(_ kind: Learning.Kind, _ evidence: JSONValue) throws -> Learning {
    Learning(
      id: "learning-1", agent: try #require(AgentID("a")), kind: kind, title: "t", text: "x",
      impact: 0.5, evidence: evidence, createdAt: Instant(seconds: 1_795_176_000),
      expiresAt: Instant(seconds: 1_795_176_000))
  }

  @Test("changes instructions unasked where it is sure and asks for something else than now")
  func instructions() throws {
    #expect(try learning(.errorAvoidance, ["lower_bound": 0.5]).isForInstructions)
    #expect(try !learning(.errorAvoidance, ["lower_bound": 0.4999]).isForInstructions)
    #expect(try !learning(.positiveReinforcement, ["lower_bound": 0.9]).isForInstructions)
    #expect(try learning(.optimization, [:]).isForInstructions)
  }

  @Test("is told to components by seven members")
  func brief() throws {
    #expect(
      try learning(.skillEnhancement, [:]).brief == [
        "id": "learning-1", "type": "skill_enhancement", "title": "t", "text": "x", "impact": 0.5,
        "expires": "2026-11-20T12:00:00.000Z", "evidence_count": .null,
      ])
  }
}

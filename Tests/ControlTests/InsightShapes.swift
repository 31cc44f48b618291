import Control
import Model
import Testing

/// The messages of what feedback taught, each with a value in every member.
enum InsightShapes {
  static let pattern: JSONValue = [
    "id": "pattern-1", "agent": "a", "type": "behavior", "title": "b follows a", "frequency": 3,
    "chances": 5, "confidence": 0.6, "lower_bound": 0.25,
    "first_seen": "2026-11-20T10:00:00.000Z", "last_seen": "2026-11-20T12:00:00.000Z",
    "evidence": ["any": ["o1"]],
  ]

  static let learning: JSONValue = [
    "id": "learning-1", "agent": "a", "type": "skill_enhancement", "title": "jq is missing",
    "text": "Install jq.", "impact": 0.5, "evidence": ["any": "pattern-1"],
    "created_at": "2026-11-20T10:00:00.000Z", "expires_at": "2026-12-20T10:00:00.000Z",
    "applied_generation": 4,
  ]

  static let counts: JSONValue = [
    "patterns": [Full.countInfo], "learnings": [Full.countInfo], "active": 3, "applied": 1,
  ]

  static let all = [
    Shape(
      PatternInfo.self, pattern,
      required: [
        "id", "agent", "type", "title", "frequency", "chances", "confidence", "lower_bound",
        "first_seen", "last_seen",
      ]),
    Shape(
      LearningInfo.self, learning,
      required: [
        "id", "agent", "type", "title", "text", "impact", "created_at", "expires_at",
      ]),
    Shape(
      LearnAnswer.self,
      ["agent": "a", "new_patterns": 1, "patterns": [pattern], "learnings": [learning]],
      required: ["agent", "new_patterns"]),
    Shape(InsightCountsInfo.self, counts, required: ["active", "applied"]),
  ]
}

public import Model

/// A shape that recurs in an agent's feedback.
public struct PatternInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a pattern"
  /// Its id.
  public var id: String
  /// The agent.
  public var agent: String
  /// What recurs.
  public var type: Pattern.Kind
  /// One line for people.
  public var title: String
  /// Operations that show it.
  public var frequency: Int
  /// Operations that could have.
  public var chances: Int
  /// frequency ÷ chances.
  public var confidence: Double
  /// The Wilson lower bound of the confidence, 95 %.
  public var lowerBound: Double
  /// When it was first seen.
  public var firstSeen: Instant
  /// When an operation last showed it.
  public var lastSeen: Instant
  /// What it stands on.
  public var evidence: JSONValue

  /// What a pattern says.
  public init(_ pattern: Pattern) {
    id = pattern.id
    agent = pattern.agent.text
    type = pattern.kind
    title = pattern.title
    frequency = pattern.frequency
    chances = pattern.chances
    confidence = pattern.confidence
    lowerBound = pattern.lowerBound
    firstSeen = pattern.firstSeen
    lastSeen = pattern.lastSeen
    evidence = pattern.evidence
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    agent = reader.text("agent")
    type = reader.word("type", Pattern.Kind.self, required: true) ?? .failure
    title = reader.text("title")
    frequency = reader.count("frequency")
    chances = reader.count("chances")
    confidence = reader.real("confidence")
    lowerBound = reader.real("lower_bound")
    firstSeen = reader.moment("first_seen")
    lastSeen = reader.moment("last_seen")
    evidence = reader.value("evidence") ?? .null
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id), "agent": JSONValue(agent), "type": JSONValue(type),
      "title": JSONValue(title), "frequency": JSONValue(frequency), "chances": JSONValue(chances),
      "confidence": JSONValue(confidence), "lower_bound": JSONValue(lowerBound),
      "first_seen": JSONValue(firstSeen), "last_seen": JSONValue(lastSeen), "evidence": evidence,
    ]
  }
}

/// The lesson drawn from a pattern.
public struct LearningInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a learning"
  /// Its id.
  public var id: String
  /// The agent.
  public var agent: String
  /// What sort of lesson it is.
  public var type: Learning.Kind
  /// One line for people.
  public var title: String
  /// What to do.
  public var text: String
  /// How much following it may change, in [0, 1].
  public var impact: Double
  /// What it stands on.
  public var evidence: JSONValue
  /// When it was first drawn.
  public var createdAt: Instant
  /// When it lapses unless it is seen again.
  public var expiresAt: Instant
  /// The generation whose instructions hold it.
  public var appliedGeneration: Int?

  /// What a learning says.
  public init(_ learning: Learning) {
    id = learning.id
    agent = learning.agent.text
    type = learning.kind
    title = learning.title
    text = learning.text
    impact = learning.impact
    evidence = learning.evidence
    createdAt = learning.createdAt
    expiresAt = learning.expiresAt
    appliedGeneration = learning.appliedGeneration?.value
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    agent = reader.text("agent")
    type = reader.word("type", Learning.Kind.self, required: true) ?? .errorAvoidance
    title = reader.text("title")
    text = reader.text("text")
    impact = reader.real("impact")
    evidence = reader.value("evidence") ?? .null
    createdAt = reader.moment("created_at")
    expiresAt = reader.moment("expires_at")
    appliedGeneration = reader.optionalCount("applied_generation")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id), "agent": JSONValue(agent), "type": JSONValue(type),
      "title": JSONValue(title), "text": JSONValue(text), "impact": JSONValue(impact),
      "evidence": evidence, "created_at": JSONValue(createdAt),
      "expires_at": JSONValue(expiresAt), "applied_generation": JSONValue(appliedGeneration),
    ]
  }
}

/// What a search for patterns found.
public struct LearnAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "what was learnt"
  /// The agent.
  public var agent: String
  /// Patterns that were not known before.
  public var newPatterns: Int
  /// The patterns that hold, the surest first.
  public var patterns: [PatternInfo]
  /// The learnings that hold, those with the most impact first.
  public var learnings: [LearningInfo]

  /// Makes the value from its parts.
  public init(
    agent: String, newPatterns: Int, patterns: [PatternInfo] = [], learnings: [LearningInfo] = []
  ) {
    self.agent = agent
    self.newPatterns = newPatterns
    self.patterns = patterns
    self.learnings = learnings
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent")
    newPatterns = reader.count("new_patterns")
    patterns = reader.items("patterns", PatternInfo.self)
    learnings = reader.items("learnings", LearningInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent), "new_patterns": JSONValue(newPatterns),
      "patterns": JSONValue(patterns), "learnings": JSONValue(learnings),
    ]
  }
}

/// How much was learnt from feedback.
public struct InsightCountsInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "counts of patterns and learnings"
  /// Patterns that hold now, by type.
  public var patterns: [CountInfo]
  /// Learnings stored, by type.
  public var learnings: [CountInfo]
  /// Learnings that have not expired.
  public var active: Int
  /// Learnings that a generation has in its instructions.
  public var applied: Int

  /// Makes the value from its parts.
  public init(
    patterns: [CountInfo] = [], learnings: [CountInfo] = [], active: Int, applied: Int
  ) {
    self.patterns = patterns
    self.learnings = learnings
    self.active = active
    self.applied = applied
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    patterns = reader.items("patterns", CountInfo.self)
    learnings = reader.items("learnings", CountInfo.self)
    active = reader.count("active")
    applied = reader.count("applied")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "patterns": JSONValue(patterns), "learnings": JSONValue(learnings),
      "active": JSONValue(active), "applied": JSONValue(applied),
    ]
  }
}

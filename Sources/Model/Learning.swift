/// The lesson drawn from a pattern, for as long as it holds.
public struct Learning: Hashable, Sendable {
  /// What sort of lesson it is.
  public enum Kind: String, CaseIterable, Sendable {
    case errorAvoidance = "error_avoidance"
    case positiveReinforcement = "positive_reinforcement"
    case optimization
    case patternRecognition = "pattern_recognition"
    case skillEnhancement = "skill_enhancement"
  }

  /// Its id, the same whenever the same lesson is drawn for the same agent.
  public var id: String
  /// Whom it is for.
  public var agent: AgentID
  /// What sort of lesson it is.
  public var kind: Kind
  /// One line for people.
  public var title: String
  /// What to do, in one or two sentences.
  public var text: String
  /// How much following it may change, in [0, 1].
  public var impact: Double
  /// The pattern behind it, its figures, and sample operations.
  public var evidence: JSONValue
  /// When it was first drawn.
  public var createdAt: Instant
  /// When it lapses unless it is seen again.
  public var expiresAt: Instant
  /// The generation whose instructions hold it; nil: none yet.
  public var appliedGeneration: GenerationNumber?

  /// Makes a learning from its parts.
  public init(
    id: String, agent: AgentID, kind: Kind, title: String, text: String, impact: Double,
    evidence: JSONValue, createdAt: Instant, expiresAt: Instant,
    appliedGeneration: GenerationNumber? = nil
  ) {
    self.id = id
    self.agent = agent
    self.kind = kind
    self.title = title
    self.text = text
    self.impact = impact
    self.evidence = evidence
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.appliedGeneration = appliedGeneration
  }

  /// The lower bound from which a learning is sure enough to change instructions unasked.
  private static let sureLowerBound = 0.5

  /// Whether it may go into the agent's instructions without anybody asking.
  ///
  /// It is sure, and asks for something else than going on as now; `kaizen learnings apply` is asking.
  public var isForInstructions: Bool {
    kind != .positiveReinforcement
      && evidence["lower_bound"]?.number ?? 1 >= Self.sureLowerBound
  }

  /// How many operations show the pattern behind it; nil where the evidence does not say.
  public var evidenceCount: Int? { evidence["frequency"]?.integer.map { Int($0) } }

  /// What components are told of it:
  /// `{"id","type","title","text","impact","expires","evidence_count"}`.
  public var brief: JSONValue {
    [
      "id": .string(id), "type": .string(kind.rawValue), "title": .string(title),
      "text": .string(text), "impact": .number(impact), "expires": .string(expiresAt.description),
      "evidence_count": evidenceCount.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}

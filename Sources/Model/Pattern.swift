/// A shape that recurs in an agent's feedback.
public struct Pattern: Hashable, Sendable {
  /// What recurs.
  public enum Kind: String, CaseIterable, Sendable {
    case failure, success, quality, performance, behavior
  }

  /// Its id, the same whenever the same shape is found of the same agent.
  public var id: String
  /// Whose feedback shows it.
  public var agent: AgentID
  /// What recurs.
  public var kind: Kind
  /// One line for people, without figures, so that it stays the same.
  public var title: String
  /// Operations that show it.
  public var frequency: Int
  /// Operations of the same agent and kind that could have shown it.
  public var chances: Int
  /// frequency ÷ chances, in [0, 1].
  public var confidence: Double
  /// The lower bound of the confidence: Wilson, 95 %.
  public var lowerBound: Double
  /// When it was first seen.
  public var firstSeen: Instant
  /// When an operation last showed it.
  public var lastSeen: Instant
  /// What it stands on: sample operations, the trend, the error's text.
  public var evidence: JSONValue

  /// Makes a pattern from its parts.
  public init(
    id: String, agent: AgentID, kind: Kind, title: String, frequency: Int, chances: Int,
    confidence: Double, lowerBound: Double, firstSeen: Instant, lastSeen: Instant,
    evidence: JSONValue
  ) {
    self.id = id
    self.agent = agent
    self.kind = kind
    self.title = title
    self.frequency = frequency
    self.chances = chances
    self.confidence = confidence
    self.lowerBound = lowerBound
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.evidence = evidence
  }
}

public import Model

/// The files a scorer looks at.
public struct SourceTree: Hashable, Sendable {
  /// The absolute path of their root.
  public var path: String
  /// The agent they belong to; nil for any other folder.
  public var agent: AgentID?
  /// Files the change at hand touches, relative to the root: a hint, the whole tree is scored.
  public var changedFiles: [String]

  /// Names a tree.
  public init(path: String, agent: AgentID? = nil, changedFiles: [String] = []) {
    self.path = path
    self.agent = agent
    self.changedFiles = changedFiles
  }
}

/// What one scorer says of one tree.
public struct ScoreReport: Hashable, Sendable {
  /// Scores by dimension, in [0, 1].
  public var scores: [DimensionScore]
  /// What it found.
  public var findings: [Finding]

  /// Makes a report.
  public init(scores: [DimensionScore] = [], findings: [Finding] = []) {
    self.scores = scores
    self.findings = findings
  }
}

/// Who scores trees for the Guardian: a component, whatever it is made of.
public protocol QualityScorer: Sendable {
  /// The component.
  var id: ComponentID { get }
  /// How much it counts beside the other scorers of a dimension; positive.
  var weight: Double { get }
  /// The dimensions it is registered for: n/a where it fails.
  var dimensions: [String] { get }
  /// Scores `tree`, and changes nothing in it.
  func score(_ tree: SourceTree) throws(KaizenError) -> ScoreReport
}

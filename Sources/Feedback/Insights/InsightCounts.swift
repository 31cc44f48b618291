public import Model

/// How much was learnt, of one agent or of all.
public struct InsightCounts: Hashable, Sendable {
  /// Learnings stored, by kind; only those that occur.
  public var learnings: [Learning.Kind: Int] = [:]
  /// Patterns that hold now, by kind; only those that occur.
  public var patterns: [Pattern.Kind: Int] = [:]
  /// Learnings that have not expired.
  public var active = 0
  /// Learnings that a generation has in its instructions.
  public var applied = 0

  /// Patterns and learnings together.
  public var knowledgeCount: Int {
    learnings.values.reduce(0, +) + patterns.values.reduce(0, +)
  }
}

/// What one search found.
public struct LearnResult: Hashable, Sendable {
  /// The patterns that hold, the surest first.
  public var patterns: [Pattern]
  /// Those of them that were not known before.
  public var newPatterns: [Pattern]
  /// The learnings that hold, those with the most impact first.
  public var learnings: [Learning]
}

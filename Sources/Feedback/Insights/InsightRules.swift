/// When a shape in feedback counts as a pattern, and how long its lesson holds.
///
/// The defaults of `frequencyMin` and `confidenceMin` let through 3 of 5, whose lower bound is only
/// 0.23; so the bound stands beside every pattern, and whoever acts alone asks for more.
public struct InsightRules: Hashable, Sendable {
  /// Least occurrences.
  public var frequencyMin = 3
  /// Least occurrences ÷ chances.
  public var confidenceMin = 0.6
  /// Days of feedback that are looked at.
  public var windowDays = 7
  /// Below this a score is low.
  public var qualityLow = 0.8
  /// From this on a score is high.
  public var qualityHigh = 0.95
  /// Response time that is too long where the agent declares none, in milliseconds.
  public var serviceLevelMilliseconds = 2000.0
  /// Memory above which an operation takes too much, in MiB.
  public var memoryMegabytesMax = 500.0
  /// CPU time ÷ wall time above which an operation takes too much, in percent.
  public var cpuPercentMax = 80.0
  /// Days a learning holds after its pattern was last seen.
  public var learningDays = 30

  /// Most patterns kept of one agent; those with the highest lower bounds.
  public static let patternsMax = 100
  /// Most learnings kept of one agent; those applied, then those with the highest impact.
  public static let learningsMax = 50
  /// Operations without a session belong together where less than this lies between them: 5 min.
  static let sessionGapNanoseconds: Int64 = 300_000_000_000
  /// Days on which an hour of work must recur; a single busy hour is no habit.
  static let habitDaysMin = 3

  /// Makes the default rules.
  public init() {}
}

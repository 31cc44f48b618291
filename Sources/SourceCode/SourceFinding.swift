public import KaizenPluginSDK

/// One thing wrong in one file.
public struct SourceFinding: Sendable {
  /// The rule's name, as its page lists it.
  public var rule: String
  /// How bad it is.
  public var level: ScorerSink.Level
  /// How much it counts in the score.
  public var weight: Double
  /// The line, from 1.
  public var line: Int
  /// What is wrong and what to do, in one line.
  public var message: String

  /// Makes a finding.
  public init(
    _ rule: String, _ level: ScorerSink.Level, weight: Double, line: Int, _ message: String
  ) {
    self.rule = rule
    self.level = level
    self.weight = weight
    self.line = line
    self.message = message
  }
}

/// The score of a tree by how densely findings stand in it: 1 without one, falling towards 0.
public struct DensityScore: Sendable {
  /// Weighted findings per 100 lines of code at which the score has fallen to a half.
  private static let halfScoreDensity = 10.0
  /// Below this a tree counts as if it had so many lines: one finding in three lines is no 0.
  private static let codeLinesMin = 50

  /// Lines with code, of all files.
  public private(set) var codeLineCount = 0
  /// The weights of all findings, summed.
  public private(set) var weight = 0.0
  /// Files that were read.
  public private(set) var fileCount = 0

  /// No file yet.
  public init() {}

  /// Takes one file in.
  public mutating func add(weights: some Sequence<Double>, codeLines: Int) {
    fileCount += 1
    codeLineCount += codeLines
    weight += weights.reduce(0, +)
  }

  /// 1 ÷ (1 + density ÷ 10), density being the weights summed per 100 lines of code.
  public var value: Double {
    let lines = Double(max(codeLineCount, Self.codeLinesMin))
    return 1 / (1 + 100 * weight / lines / Self.halfScoreDensity)
  }
}

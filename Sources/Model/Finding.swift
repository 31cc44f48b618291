/// One thing a scorer found in one file.
public struct Finding: Hashable, Sendable {
  /// How bad it is, in the words of SARIF 2.1.0, section 3.27.10.
  public enum Level: String, CaseIterable, Sendable { case note, warning, error }

  /// The rule that was broken.
  public var rule: String
  /// How bad it is.
  public var level: Level
  /// The file, relative to the agent's root.
  public var file: String
  /// The line, from 1; nil for the file as a whole.
  public var line: Int?
  /// What is wrong, for people.
  public var message: String
  /// The quality dimension its scorer scores; nil where that has several, or none is known.
  public var dimension: String?

  /// Makes a finding from its parts.
  public init(
    rule: String, level: Level, file: String, line: Int?, message: String, dimension: String? = nil
  ) {
    self.dimension = dimension
    self.rule = rule
    self.level = level
    self.file = file
    self.line = line
    self.message = message
  }
}

/// One dimension's score in [0, 1] with what was found.
public struct DimensionScore: Hashable, Sendable {
  /// correctness, maintainability, security, documentation or coverage, or a component's own.
  public var dimension: String
  /// In [0, 1].
  public var value: Double

  /// Makes a score.
  public init(dimension: String, value: Double) {
    self.dimension = dimension
    self.value = value
  }
}

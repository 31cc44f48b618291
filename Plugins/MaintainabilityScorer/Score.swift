/// How maintainable a tree is: 1 without a smell, falling towards 0.
struct MaintainabilityScore {
  /// Weighted smells per 100 lines of code at which the score has fallen to a half.
  private static let halfScoreDensity = 10.0
  /// Below this a tree counts as if it had so many lines: one smell in three lines is no 0.
  private static let codeLinesMin = 50

  /// Physical lines with code, of all files.
  private(set) var codeLineCount = 0
  /// The weights of all smells, summed.
  private(set) var weight = 0.0
  /// Files that were read.
  private(set) var fileCount = 0

  /// Takes one file in.
  mutating func add(_ smells: [Smell], codeLines: Int) {
    fileCount += 1
    codeLineCount += codeLines
    weight += smells.reduce(0) { $0 + $1.rule.weight }
  }

  /// 1 ÷ (1 + density ÷ 10), density being the weights summed per 100 lines of code.
  var value: Double {
    let lines = Double(max(codeLineCount, Self.codeLinesMin))
    return 1 / (1 + 100 * weight / lines / Self.halfScoreDensity)
  }
}

internal import Model

/// A learning as it follows from a pattern.
struct LearningDraft {
  var kind: Learning.Kind
  var title: String
  var text: String
  /// In [0, 1].
  var impact: Double

  /// Longest text, in bytes; it ends up in an agent's instructions.
  static let textBytesMax = 600
  /// A p-value from which a trend is no trend.
  private static let trendPValueMax = 0.05

  /// The learning of a pattern; nil where there is nothing to learn, as from high scores.
  init?(_ found: PatternSearch.Found, in search: PatternSearch) {
    let words = LessonText(found, search)
    guard let lesson = words.lesson() else { return nil }
    kind = lesson.kind
    title = LessonText.plain(lesson.title)
    text = LessonText.plain(lesson.text)
    if text.utf8.count > Self.textBytesMax { text = ErrorLine.cut(text, Self.textBytesMax) }
    impact = Self.impact(
      kind, found, operationCount: search.operations.count)
  }

  /// weight × √(reach × lower bound), halved where the pattern is on the wane.
  ///
  /// reach = occurrences ÷ all operations: how much of the agent's work it touches; the lower bound:
  /// how sure it is. Their geometric mean is small where either is. The weight says how much there
  /// is to win: an error avoided counts whole, a habit confirmed least.
  static func impact(
    _ kind: Learning.Kind, _ found: PatternSearch.Found, operationCount: Int
  ) -> Double {
    guard operationCount > 0 else { return 0 }
    let reach = Double(found.candidate.occurrences.count) / Double(operationCount)
    var impact = weight(kind) * (min(1, reach) * found.lowerBound).squareRoot()
    if let trend = found.trend, trend.slopePerDay < 0, trend.pValue < trendPValueMax { impact /= 2 }
    return (impact * 1000).rounded() / 1000
  }

  static func weight(_ kind: Learning.Kind) -> Double {
    switch kind {
    case .errorAvoidance, .skillEnhancement: 1
    case .optimization: 0.8
    case .patternRecognition: 0.5
    case .positiveReinforcement: 0.3
    }
  }
}

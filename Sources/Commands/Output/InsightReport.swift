internal import Control
internal import Model

/// Patterns and learnings in lines.
enum InsightReport {
  static func lines(_ list: ListAnswer<PatternInfo>) -> [String] {
    lines(list.items) + list.cutLines
  }

  static func lines(_ list: ListAnswer<LearningInfo>) -> [String] {
    lines(list.items) + list.cutLines
  }

  static func lines(_ patterns: [PatternInfo]) -> [String] {
    if patterns.isEmpty { return ["no patterns"] }
    var table = TextTable([
      "TYPE", "AGENT", ">SEEN", ">OF", ">CONFIDENCE", ">AT LEAST", "LAST SEEN", "PATTERN",
    ])
    for pattern in patterns {
      table.add([
        pattern.type.rawValue, pattern.agent, "\(pattern.frequency)", "\(pattern.chances)",
        Figures.ratio(pattern.confidence), Figures.ratio(pattern.lowerBound),
        Figures.moment(pattern.lastSeen), pattern.title + trend(pattern.evidence["trend"]),
      ])
    }
    return table.lines
  }

  /// `, rising` where the daily share does, at the 5 % level.
  private static func trend(_ trend: JSONValue?) -> String {
    guard let slope = trend?["slope_per_day"]?.number, let p = trend?["p_value"]?.number,
      p < 0.05, slope != 0
    else { return "" }
    return slope > 0 ? ", rising" : ", falling"
  }

  static func lines(_ learnings: [LearningInfo]) -> [String] {
    if learnings.isEmpty { return ["no learnings"] }
    return learnings.flatMap { learning in
      let applied = learning.appliedGeneration.map { ", in generation \($0)" } ?? ""
      return [
        "\(learning.id)  \(learning.type.rawValue) of \(learning.agent), impact "
          + "\(Figures.ratio(learning.impact)), until \(Figures.moment(learning.expiresAt))\(applied)",
        "  \(learning.title): \(learning.text)",
      ]
    }
  }

  /// How much was learnt, in a line or two.
  static func lines(_ counts: InsightCountsInfo?) -> [String] {
    guard let counts else { return [] }
    let learnings =
      counts.active > 0 || counts.applied > 0
      ? ["learnings: \(counts.active) hold, \(counts.applied) applied"] : []
    return SummaryReport.counts("patterns", counts.patterns) + learnings
      + SummaryReport.counts("learnings by type", counts.learnings)
  }
}

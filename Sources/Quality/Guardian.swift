internal import Model

/// Scores trees by dimension, from the scorers it was given.
///
/// A scorer that fails or lies costs its dimensions their score, never the assessment.
public struct Guardian: Sendable {
  /// Most findings kept of one tree.
  public static let findingCountMax = 10_000

  private let scorers: [any QualityScorer]
  private let weights: DimensionWeights

  /// A Guardian over `scorers`, whose order does not matter.
  public init(scorers: [any QualityScorer], weights: DimensionWeights = .standard) {
    self.scorers = scorers.sorted { $0.id < $1.id }
    self.weights = weights
  }

  /// Scores `tree` with every scorer, one after the other.
  public func assess(_ tree: SourceTree) -> Assessment {
    var ledger = ScoreLedger()
    var findings: [Finding] = []
    for scorer in scorers {
      do throws(KaizenError) {
        let report = try scorer.score(tree)
        ledger.add(report.scores, from: scorer)
        findings += report.findings
      } catch {
        ledger.fail(scorer, "\(scorer.id) failed: \(error)")
      }
    }
    findings.sort(by: Self.isBefore)
    return Assessment(
      dimensions: ledger.outcomes(dimensions: weights.dimensions),
      findings: Array(findings.prefix(Self.findingCountMax)),
      droppedFindingCount: max(0, findings.count - Self.findingCountMax), weights: weights)
  }

  private static func isBefore(_ a: Finding, _ b: Finding) -> Bool {
    if a.file != b.file { return a.file < b.file }
    if a.line != b.line { return (a.line ?? 0) < (b.line ?? 0) }
    return (a.rule, a.message) < (b.rule, b.message)
  }
}

/// The scores of one tree while they come in.
private struct ScoreLedger {
  private var sums: [String: (weighted: Double, weight: Double)] = [:]
  private var broken: [String: Assessment.Outcome] = [:]
  private var expected: [String: [ComponentID]] = [:]

  mutating func add(_ scores: [DimensionScore], from scorer: any QualityScorer) {
    guard scorer.weight.isFinite, scorer.weight > 0 else {
      let found = "weight \(scorer.weight) of \(scorer.id) is no positive number"
      for name in scorer.dimensions { broken[name] = .invalid(found) }
      return
    }
    for name in scorer.dimensions { expected[name, default: []].append(scorer.id) }
    for score in scores {
      if (0...1).contains(score.value) {  // NaN is in no range
        let sum = sums[score.dimension] ?? (0, 0)
        sums[score.dimension] = (
          sum.weighted + score.value * scorer.weight, sum.weight + scorer.weight
        )
      } else {
        broken[score.dimension] = .invalid(
          "\(scorer.id) gave \(score.value) for \(score.dimension), which is not in [0, 1]")
      }
    }
  }

  mutating func fail(_ scorer: any QualityScorer, _ reason: String) {
    for name in scorer.dimensions where broken[name] == nil { broken[name] = .unavailable(reason) }
  }

  /// How each dimension came out: `dimensions`, and those somebody scored or should have.
  func outcomes(dimensions: [String]) -> [String: Assessment.Outcome] {
    var all: [String: Assessment.Outcome] = [:]
    for name in dimensions { all[name] = .unavailable("no scorer for it") }
    for (name, ids) in expected {
      let silent = ids.map(\.text).joined(separator: ", ")
      all[name] = .unavailable("\(silent) gave no score for it")
    }
    for (name, sum) in sums { all[name] = .scored(sum.weighted / sum.weight) }
    // What broke wins: a mean without the broken scorer could not be compared with one that has it.
    return all.merging(broken) { _, broken in broken }
  }
}

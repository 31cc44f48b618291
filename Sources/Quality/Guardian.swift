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
    var assessment = Assessment(
      dimensions: ledger.outcomes(dimensions: weights.dimensions),
      findings: Array(findings.prefix(Self.findingCountMax)),
      droppedFindingCount: max(0, findings.count - Self.findingCountMax), weights: weights)
    (assessment.shares, assessment.absent) = ledger.details
    return assessment
  }

  private static func isBefore(_ a: Finding, _ b: Finding) -> Bool {
    if a.file != b.file { return a.file < b.file }
    if a.line != b.line { return (a.line ?? 0) < (b.line ?? 0) }
    return (a.rule, a.message) < (b.rule, b.message)
  }
}

/// The scores of one tree while they come in.
private struct ScoreLedger {
  private var shares: [String: [Assessment.Share]] = [:]
  private var invalid: [String: String] = [:]
  private var silent: [String: [String]] = [:]

  mutating func add(_ scores: [DimensionScore], from scorer: any QualityScorer) {
    guard scorer.weight.isFinite, scorer.weight > 0 else {
      let found = "weight \(scorer.weight) of \(scorer.id) is no positive number"
      for name in scorer.dimensions { invalid[name] = found }
      return
    }
    for score in scores {
      if (0...1).contains(score.value) {  // NaN is in no range
        shares[score.dimension, default: []].append(
          Assessment.Share(scorer: scorer.id, weight: scorer.weight, value: score.value))
      } else {
        invalid[score.dimension] =
          "\(scorer.id) gave \(score.value) for \(score.dimension), which is not in [0, 1]"
      }
    }
    for name in scorer.dimensions where !scores.contains(where: { $0.dimension == name }) {
      silent[name, default: []].append("\(scorer.id) gave no score for it")
    }
  }

  mutating func fail(_ scorer: any QualityScorer, _ reason: String) {
    for name in scorer.dimensions { silent[name, default: []].append(reason) }
  }

  /// How each dimension came out: `dimensions`, and those somebody scored or should have.
  ///
  /// A scorer that failed takes its own share out of the mean, not the others' shares; the gate
  /// compares two trees by the scorers that answered for both.
  func outcomes(dimensions: [String]) -> [String: Assessment.Outcome] {
    var all: [String: Assessment.Outcome] = [:]
    for name in dimensions { all[name] = .unavailable("no scorer for it") }
    for (name, reasons) in silent { all[name] = .unavailable(reasons.joined(separator: "; ")) }
    for (name, parts) in shares { all[name] = .scored(Assessment.Share.mean(of: parts)) }
    for (name, reason) in invalid { all[name] = .invalid(reason) }
    return all
  }

  /// Who scored what, and who did not although it should have.
  var details: (shares: [String: [Assessment.Share]], absent: [String: [String]]) {
    (shares, silent.filter { shares[$0.key] != nil })
  }
}

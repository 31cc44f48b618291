import Model
import Quality

/// Why a trial ended as it did: every figure that decided it, and the sum in words.
///
/// Pure, made of what was stored at the time; only the health afterwards is of now.
public struct TrialExplanation: Hashable, Sendable {
  /// One dimension on base and clone.
  public struct Dimension: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// On the base; nil where nobody scored it.
    public var before: Double?
    /// On the clone.
    public var after: Double?
  }

  /// A health and what it stands on.
  public struct HealthFigure: Hashable, Sendable {
    /// From 0 to 100.
    public var score: Double
    /// Operations; nil where they were not kept.
    public var operationCount: Int?

    /// Makes one.
    public init(score: Double, operationCount: Int? = nil) {
      self.score = score
      self.operationCount = operationCount
    }
  }

  /// The health that the run began from.
  public var healthBefore: HealthFigure?
  /// The health of what the generation that came of it has done since.
  public var healthAfter: HealthFigure?
  /// Cases that passed on the base and not on the clone.
  public var regressed: [String]
  /// The dimensions, by name.
  public var dimensions: [Dimension]
  /// The Guardian's score as a whole, on base and clone.
  public var overall: Dimension?
  /// Why the gate refused; empty where it passed, nil where it was not reached.
  public var gateReasons: [String]?
  /// All of it, one sentence a line, in the order it was decided.
  public var lines: [String]

  /// Cases named one by one.
  private static let namedCaseCountMax = 20

  /// Explains `trial`.
  public init(
    _ trial: TrialRecord, healthBefore: HealthFigure? = nil, healthAfter: HealthFigure? = nil
  ) {
    let evidence = trial.evidence
    self.healthBefore = healthBefore
    self.healthAfter = healthAfter
    regressed = []
    if let base = evidence.baseTests, let clone = evidence.cloneTests,
      case .regressed(let names) = TestJudgement.judge(base: base, clone: clone)
    {
      regressed = Array(names.prefix(Self.namedCaseCountMax))
    }
    let before = evidence.scores["base"]
    let after = evidence.scores["clone"]
    let names = Set((before?["dimensions"]?.object ?? [:]).keys)
      .union((after?["dimensions"]?.object ?? [:]).keys)
    dimensions = names.sorted().map { name in
      Dimension(
        name: name, before: before?["dimensions"]?[name]?["score"]?.number,
        after: after?["dimensions"]?[name]?["score"]?.number)
    }
    if before?["overall"]?.number != nil || after?["overall"]?.number != nil {
      overall = Dimension(
        name: "overall", before: before?["overall"]?.number, after: after?["overall"]?.number)
    }
    gateReasons = evidence.scores["gate"]?["reasons"]?.array?.compactMap { $0["text"]?.string }
    lines = []
    lines =
      healthLines() + trial.leftOutLines + testLines(trial) + changeLines(trial) + scoreLines()
      + endLines(trial)
  }

  private func healthLines() -> [String] {
    var lines: [String] = []
    if let healthBefore {
      lines.append(
        "health \(Self.figure(healthBefore.score, digits: 1)) before"
          + (healthBefore.operationCount.map { ", from \($0) operations" } ?? ""))
    }
    if let healthAfter {
      let change = healthBefore.map {
        " (\(Self.signed(healthAfter.score - $0.score, digits: 1)))"
      }
      lines.append(
        "health \(Self.figure(healthAfter.score, digits: 1)) since\(change ?? "")"
          + (healthAfter.operationCount.map { ", from \($0) operations of its generation" } ?? ""))
    }
    return lines
  }

  private func testLines(_ trial: TrialRecord) -> [String] {
    var lines: [String] = []
    if let base = trial.evidence.baseTests { lines.append("tests on the base: \(base.summary)") }
    guard let base = trial.evidence.baseTests, let clone = trial.evidence.cloneTests else {
      return lines
    }
    lines.append("tests on the clone: \(clone.summary)")
    if base.caseCount > 0, !base.isOutputCut, !clone.isOutputCut {
      lines.append(
        "\(regressed.count) of \(base.passedCount) cases that passed on the base fail on the clone"
          + (regressed.isEmpty ? "" : ": " + regressed.joined(separator: ", ")))
    }
    return lines
  }

  private func changeLines(_ trial: TrialRecord) -> [String] {
    let changes = trial.evidence.changes
    if changes.isEmpty { return [] }
    func sum(_ key: String) -> Int64 { changes.reduce(0) { $0 + ($1[key]?.integer ?? 0) } }
    let strategy = trial.plan.strategy
    return [
      "\(changes.count) files changed, +\(sum("added")) −\(sum("removed")) lines; "
        + "\(strategy.name.rawValue) allows \(strategy.lineCountMax)"
    ]
  }

  private func scoreLines() -> [String] {
    let bound = Guardian.noiseBound
    var lines = dimensions.map { dimension in
      guard let before = dimension.before, let after = dimension.after else {
        return "\(dimension.name) \(Self.figure(dimension.before)) → "
          + "\(Self.figure(dimension.after)): not compared"
      }
      let isHeld = after >= before - bound
      return "\(dimension.name) \(Self.figure(before)) → \(Self.figure(after)) "
        + "(\(Self.signed(after - before)), noise \(bound)): \(isHeld ? "held" : "fell")"
    }
    if let overall {
      lines.append("overall \(Self.figure(overall.before)) → \(Self.figure(overall.after))")
    }
    if let gateReasons {
      lines.append(
        gateReasons.isEmpty
          ? "the gate passed it"
          : "the gate refused it: "
            + gateReasons.joined(separator: "; "))
    }
    return lines
  }

  private func endLines(_ trial: TrialRecord) -> [String] {
    var lines: [String] = []
    if let approval = trial.approval { lines.append("a person was asked: \(approval)") }
    guard let ending = trial.endingOrWait else {
      return lines + ["it goes on: \(trial.state.name)"]
    }
    return lines + [
      "so \(ending.verdict.rawValue)\(ending.wasLive ? ", was live" : ", never live"): "
        + ending.reason
    ]
  }

  private static func figure(_ value: Double?, digits: Int = 3) -> String {
    guard let value else { return "n/a" }
    let scale = digits == 1 ? 10.0 : 1000.0
    return "\((value * scale).rounded() / scale)"
  }

  private static func signed(_ value: Double, digits: Int = 3) -> String {
    (value < 0 ? "−" : "+") + figure(abs(value), digits: digits)
  }
}

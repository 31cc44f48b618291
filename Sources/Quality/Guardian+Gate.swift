public import Model

extension Guardian {
  /// How far a score may fall and still count as the same: one point of a hundred.
  public static let noiseBound = 0.01
  /// Most new findings named one by one.
  public static let reasonCountMax = 20

  /// Judges the change from `base` to `stage`.
  ///
  /// It passes when no dimension and not the whole fell beyond the noise bound, every dimension the
  /// base has a score for has one still, and no new finding stands on changed lines.
  /// - Complexity: O(n log n) for n findings.
  public static func gate(
    base: Assessment, stage: Assessment, changedLines: ChangedLines,
    weights: DimensionWeights = .standard
  ) -> GateDecision {
    var decision = GateDecision(reasons: [], unjudged: [:])
    compareDimensions(base, stage, into: &decision)
    compareOverall(base, stage, weights, into: &decision)
    compareFindings(base, stage, changedLines, into: &decision)
    return decision
  }

  private static func compareDimensions(
    _ base: Assessment, _ stage: Assessment, into decision: inout GateDecision
  ) {
    for name in Set(base.dimensions.keys).union(stage.dimensions.keys).sorted() {
      let before = base.dimensions[name] ?? .unavailable("not scored on the base")
      let after = stage.dimensions[name] ?? .unavailable("not scored on the change")
      switch (before, after) {
      case (_, .invalid(let reason)):
        decision.reasons.append(.init(.invalidScore, "\(name): \(reason)"))
      case (_, .scored(let value)) where !value.isFinite:
        decision.reasons.append(.init(.invalidScore, "\(name): the score is \(value)"))
      case (.scored(let old), .scored(let new)):
        compareShares(name, base, stage, old, new, into: &decision)
      case (.scored(let old), .unavailable(let reason)):
        decision.reasons.append(
          .init(.dimensionLost, "\(name) was \(figure(old)) and has no score now: \(reason)"))
      case (.unavailable(let reason), _), (.invalid(let reason), _):
        decision.unjudged[name] = reason
      }
    }
  }

  /// Compares by the scorers that answered for both trees; without shares, the scores as they are.
  ///
  /// A scorer that answered for the base and fails on the change is held against the change, which
  /// may have made it fail.
  private static func compareShares(
    _ name: String, _ base: Assessment, _ stage: Assessment, _ old: Double, _ new: Double,
    into decision: inout GateDecision
  ) {
    let before = base.shares[name] ?? []
    let after = stage.shares[name] ?? []
    let common = Set(before.map(\.scorer)).intersection(after.map(\.scorer))
    let lost = before.map(\.scorer).filter { !common.contains($0) }
    if !after.isEmpty, !lost.isEmpty {
      let ids = lost.map(\.text).joined(separator: ", ")
      let why = stage.absent[name]?.joined(separator: "; ") ?? "it is gone"
      decision.reasons.append(
        .init(.dimensionLost, "\(name) has no score of \(ids) now: \(why)"))
    }
    var (old, new) = (old, new)
    if !common.isEmpty {
      old = Assessment.Share.mean(of: before.filter { common.contains($0.scorer) })
      new = Assessment.Share.mean(of: after.filter { common.contains($0.scorer) })
    }
    if !(new >= old - noiseBound) {
      decision.reasons.append(.init(.dimensionFell, fall(name, old, new)))
    }
  }

  /// Compares over the dimensions both have, so that a new score cannot lift the whole.
  private static func compareOverall(
    _ base: Assessment, _ stage: Assessment, _ weights: DimensionWeights,
    into decision: inout GateDecision
  ) {
    let old = base.dimensions.compactMapValues(\.score)
    let new = stage.dimensions.compactMapValues(\.score)
    guard let before = weights.mean(of: old.filter { new[$0.key] != nil }),
      let after = weights.mean(of: new.filter { old[$0.key] != nil }),
      !(after >= before - noiseBound)
    else { return }
    decision.reasons.append(.init(.overallFell, fall("the overall score", before, after)))
  }

  private static func compareFindings(
    _ base: Assessment, _ stage: Assessment, _ changedLines: ChangedLines,
    into decision: inout GateDecision
  ) {
    if base.droppedFindingCount + stage.droppedFindingCount > 0 {
      decision.reasons.append(
        .init(
          .tooManyFindings,
          "over \(findingCountMax) findings in a tree, so new ones cannot be told; narrow the scorer"
        ))
    }
    let new = newFindings(base: base.findings, stage: stage.findings, changedLines: changedLines)
    for finding in new.prefix(reasonCountMax) {
      let place = finding.line.map { "\(finding.file):\($0)" } ?? finding.file
      decision.reasons.append(
        .init(.newFinding, "new \(finding.rule) at \(place): \(finding.message)"))
    }
    if new.count > reasonCountMax {
      decision.reasons.append(.init(.newFinding, "and \(new.count - reasonCountMax) more"))
    }
  }

  /// The findings of the stage that the base has not, on changed lines.
  ///
  /// Findings are the same when rule, file and message are: lines move. Of several alike, as many
  /// are new as there are more than before, and those on changed lines are taken for the new ones.
  public static func newFindings(
    base: [Finding], stage: [Finding], changedLines: ChangedLines
  ) -> [Finding] {
    var knownCounts: [Finding: Int] = [:]
    for finding in base { knownCounts[finding.withoutLine, default: 0] += 1 }
    var surplus: [Finding: Int] = [:]
    for finding in stage { surplus[finding.withoutLine, default: 0] += 1 }
    for (finding, count) in knownCounts { surplus[finding]? -= count }
    return stage.filter { finding in
      guard changedLines.contains(finding.file, line: finding.line),
        let left = surplus[finding.withoutLine], left > 0
      else { return false }
      surplus[finding.withoutLine] = left - 1
      return true
    }
  }

  private static func fall(_ name: String, _ old: Double, _ new: Double) -> String {
    "\(name) fell from \(figure(old)) to \(figure(new)), more than the noise of \(noiseBound)"
  }

  /// A score with three decimals.
  private static func figure(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    return "\((value * 1000).rounded() / 1000)"
  }
}

extension Finding {
  /// What stays of a finding when lines move; its level may change with a linter's settings.
  fileprivate var withoutLine: Finding {
    Finding(rule: rule, level: .note, file: file, line: nil, message: message)
  }
}

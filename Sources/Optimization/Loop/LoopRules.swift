import Model

/// What the loop does alone about one analysis.
enum LoopDecision: Hashable, Sendable {
  /// Nothing, and why.
  case wait(String)
  /// Plan for these opportunities.
  case act(Set<String>)
}

/// When the loop acts without anybody asking, purely.
enum LoopRules {
  /// From this health on an agent is well, and only what is very sure moves the loop.
  static let healthMin = 80.0
  /// Trials of one agent that may wait for people; each keeps a clone on the disk.
  static let waitingCountMax = 3

  /// The least strength of an opportunity that the loop acts on alone.
  ///
  /// What strength means is its type's affair. A claim about rates or times carries 1 − p: windows
  /// overlap, so a week of looking is about one independent test a day, and p ≤ 0.01 lets an agent
  /// with nothing wrong through some four times a year, p ≤ 0.05 one that is unwell anyway. An error
  /// pattern carries the 95 % lower bound of its share of operations: 1 in 20, or 1 in 50. The rest
  /// was seen, not inferred: clearly more likely than not is enough, since tests and gate follow; a
  /// component that does not say how sure it is says 0.5, and is not.
  static func strengthMin(_ type: OpportunityType, isUnwell: Bool) -> Double {
    switch type {
    case .successRateDecline, .performanceDegradation, .resourceInefficiency:
      isUnwell ? 0.95 : 0.99
    case .errorPattern: isUnwell ? 0.02 : 0.05
    case .qualityIssues, .toolUpgrade, .capabilityGap, .trainingNeeded, .codeSmell,
      .securityVulnerability:
      0.75
    }
  }

  /// What to do about an analysis, given until when each opportunity is left alone.
  static func decide(
    _ analysis: Analysis, leaveAlone: (Opportunity) -> Instant?
  ) -> LoopDecision {
    let health = analysis.health
    let isUnwell = !health.isProvisional && (health.score ?? 100) < healthMin
    let strong = analysis.opportunities.filter { known in
      known.opportunity.strength >= strengthMin(known.opportunity.type, isUnwell: isUnwell)
    }
    if strong.isEmpty {
      let count = analysis.opportunities.count
      return .wait(
        count == 0
          ? "nothing was found" : "none of \(count) opportunities is strong enough to act on alone")
    }
    var ready: Set<String> = []
    var earliest: Instant?
    for known in strong {
      if let until = leaveAlone(known.opportunity), until > analysis.time {
        earliest = earliest.map { min($0, until) } ?? until
      } else {
        ready.insert(known.id)
      }
    }
    if !ready.isEmpty { return .act(ready) }
    return .wait(
      "\(strong.count) strong opportunities were tried lately"
        + (earliest.map { ": the next again from \($0) on" } ?? ""))
  }
}

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
  /// What strength means is its type's affair, and so is what is strong:
  ///
  /// - Claims about means and rates carry 1 − p of their test. Windows overlap, so a week of looking
  ///   is about one independent test a day: p ≤ 0.01 lets an agent with nothing wrong through some
  ///   four times a year; p ≤ 0.05 is for one that is unwell anyway.
  /// - What recurs carries the 95 % lower bound (Wilson) of its share of all operations: 1 in 20, or
  ///   1 in 50 of an agent that is unwell. 3 of 20 are enough for the first, 3 of 50 for the second.
  ///   A declared tool that cannot be run was seen to be missing, and carries 1.
  /// - What was learnt carries the impact of its strongest lesson: weight × √(reach × lower bound),
  ///   reach being the share of operations it touches, and the bound at least 0.5 for lessons that
  ///   may go into instructions unasked. 0.3 is an error (weight 1) that one operation in five ends
  ///   in at that bound, or slowness (0.8) in 3 of 10; 0.2 is one in twelve, or 1 in 8.
  /// - What was seen in files or told by a tool carries the chance that it is right: a version that
  ///   the tool itself told 0.95, one that only a catalogue names 0.6; findings 1 − Π(1 − p) with p
  ///   0.9 for an error, 0.6 for a warning, 0.3 for a note: an error, or two warnings of one rule in
  ///   one file. Clearly more likely than not is enough, since tests and gate follow; a component
  ///   that does not say how sure it is says 0.5, and is not.
  static func strengthMin(_ type: OpportunityType, isUnwell: Bool) -> Double {
    switch type {
    case .successRateDecline, .performanceDegradation, .resourceInefficiency, .qualityIssues:
      isUnwell ? 0.95 : 0.99
    case .errorPattern, .capabilityGap: isUnwell ? 0.02 : 0.05
    case .trainingNeeded: isUnwell ? 0.2 : 0.3
    case .toolUpgrade, .codeSmell, .securityVulnerability: 0.75
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

import Model

/// How long the loop leaves an opportunity alone after it was tried, purely.
struct CoolDown: Sendable {
  /// After the first try; each further one in a row that was not kept doubles it.
  var first: Duration
  /// The longest, and at once what a person's refusal brings.
  static let longest = Duration.seconds(30 * 86_400)

  /// Endings that say nothing of the change itself.
  private static let silentCodes: Set<String> = [
    "E_STOPPING", "E_AGENT_BUSY", "E_BASE_MOVED", "E_FROZEN", "agent_removed",
  ]
  /// Endings that are a person's no.
  private static let refusals: Set<String> = ["rejected", "E_CANCELLED"]

  /// Until when `opportunity` is left alone; nil where it was never tried.
  ///
  /// What was kept cools down too: its window still holds the days before it.
  /// - Parameter history: the agent's trials, newest first.
  func until(_ opportunity: Opportunity, history: [TrialRecord]) -> Instant? {
    let identity = opportunity.identity
    let tries = history.filter { trial in
      guard let ending = trial.state.ending, trial.endedAt != nil else { return false }
      return !Self.silentCodes.contains(ending.code)
        && trial.plan.items.contains { $0.opportunity.identity == identity }
    }
    guard let last = tries.first, let ended = last.endedAt, let ending = last.state.ending else {
      return nil
    }
    if Self.refusals.contains(ending.code) { return ended + Self.longest }
    // A plan may be kept without an item whose applier failed.
    let failures = tries.prefix { trial in
      trial.state.ending?.verdict != .kept
        || !trial.items.contains { $0.opportunity.identity == identity }
    }.count
    return ended + duration(afterFailures: failures)
  }

  private func duration(afterFailures count: Int) -> Duration {
    var duration = min(first, Self.longest)
    for _ in 1..<max(2, count) where count > 1 { duration = min(duration * 2, Self.longest) }
    return duration
  }
}

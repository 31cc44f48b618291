public import Model

/// Where a trial stands.
///
/// Each state but the last names the one thing that happens next.
/// The order is that of the switching protocol: everything up to `placing` happens beside the live
/// agent; only `switching`, `onTrial` and `switchingBack` can have the clone live.
public enum TrialState: Hashable, Sendable {
  /// A person decides whether to try at all; nothing is cloned yet.
  case proposed
  /// D1: from here on a clone may exist.
  case cloning
  /// The base's tests run on the clone while it still equals the base.
  case provingBase
  /// The appliers change the clone.
  case applying
  /// The change is computed, not believed, and held against the rules.
  case inspecting
  /// The agent's own tests run on the clone.
  case testing
  /// The Guardian scores base and clone.
  case scoring
  /// A person decides; the clone waits, sealed.
  case awaitingApproval
  /// D2: the clone is made durable beside the live tree.
  case placing
  /// The live tree is held against the base once more.
  case checkingDrift
  /// D3: either tree may be live until D4.
  case switching
  /// D5: the clone is live until its health is known.
  case onTrial
  /// The base becomes live again.
  case switchingBack(TrialEnding)
  /// The clone, which is not live, is removed.
  case discarding(TrialEnding)
  /// The clone is live for good and becomes a generation; the old tree goes to the store.
  case committing(TrialEnding)
  /// Nothing is left to do.
  case finished(TrialEnding)
}

/// How a trial ended, and why.
public struct TrialEnding: Hashable, Sendable {
  /// The verdict.
  public var verdict: Verdict
  /// Whether the clone was live at any moment.
  public var wasLive: Bool
  /// What decided it, for programs.
  public var code: String
  /// What decided it, for people.
  public var reason: String

  /// Makes an ending.
  public init(_ verdict: Verdict, wasLive: Bool = false, code: String, reason: String) {
    self.verdict = verdict
    self.wasLive = wasLive
    self.code = code
    self.reason = reason
  }
}

/// What happened to a trial.
public enum TrialEvent: Hashable, Sendable {
  /// The next thing was done and all is well.
  case done
  /// The change passed, but a person must agree before it goes live.
  case needsApproval
  /// The next thing was done and speaks against the change, or could not be done.
  case stopped(TrialEnding)
  /// An applier failed and what it left is gone with the clone: the plan goes on without it, on a
  /// new one.
  case again
  /// A person agreed to exactly this change.
  case approved
  /// The daemon started and found this trial unfinished, with that tree live.
  case restarted(live: LiveTree)

  /// Which tree the agent's path shows.
  public enum LiveTree: String, CaseIterable, Sendable { case base, clone }
}

/// The one thing to do in a state.
public enum TrialEffect: Hashable, Sendable {
  case clone, proveBase, apply, inspect, test, score
  case place, checkDrift, exchange, checkHealth, exchangeBack
  case discardClone, commitGeneration
}

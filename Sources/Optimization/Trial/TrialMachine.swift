import Model

/// The trial as a pure function: state + event → state, and state → the effect to run.
///
/// The runner stores each state durably before it runs the state's effect, so that a crash at any
/// point leaves a stored state that is at most one effect behind the truth. `restarted` says what
/// follows from each.
public enum TrialMachine {
  /// Where a trial begins: at once, or with a question to people.
  public static func start(needsApproval: Bool) -> TrialState {
    needsApproval ? .proposed : .cloning
  }

  /// What is to be done in `state`; nil where somebody else must act, or nothing is left.
  public static func effect(of state: TrialState) -> TrialEffect? {
    switch state {
    case .cloning: .clone
    case .provingBase: .proveBase
    case .applying: .apply
    case .inspecting: .inspect
    case .testing: .test
    case .scoring: .score
    case .proposed, .awaitingApproval, .finished: nil
    case .placing: .place
    case .checkingDrift: .checkDrift
    case .switching: .exchange
    case .onTrial: .checkHealth
    case .switchingBack: .exchangeBack
    case .discarding: .discardClone
    case .committing: .commitGeneration
    }
  }

  /// The state that follows; nil where `event` cannot happen in `state`.
  public static func next(_ state: TrialState, _ event: TrialEvent) -> TrialState? {
    switch event {
    case .done: afterSuccess(state)
    case .needsApproval: state == .scoring ? .awaitingApproval : nil
    case .again: state == .applying ? .cloning : nil
    case .approved: afterApproval(state)
    case .stopped(let ending): afterFailure(state, ending)
    case .restarted(let live): afterRestart(state, live)
    }
  }

  private static func afterSuccess(_ state: TrialState) -> TrialState? {
    switch state {
    case .cloning: .provingBase
    case .provingBase: .applying
    case .applying: .inspecting
    case .inspecting: .testing
    case .testing: .scoring
    case .scoring: .placing
    case .placing: .checkingDrift
    case .checkingDrift: .switching
    case .switching: .onTrial
    case .onTrial: .committing(kept)
    case .switchingBack(let ending): .discarding(ending)
    case .discarding(let ending), .committing(let ending): .finished(ending)
    case .proposed, .awaitingApproval, .finished: nil
    }
  }

  private static func afterApproval(_ state: TrialState) -> TrialState? {
    switch state {
    case .proposed: .cloning
    case .awaitingApproval: .placing
    default: nil
    }
  }

  /// Before the exchange the clone is thrown away; after it the base is brought back first.
  private static func afterFailure(_ state: TrialState, _ ending: TrialEnding) -> TrialState? {
    switch state {
    case .proposed, .cloning, .provingBase, .applying, .inspecting, .testing, .scoring,
      .awaitingApproval, .placing, .checkingDrift, .switching:
      .discarding(ending)
    case .onTrial: .switchingBack(ending.afterBeingLive)
    case .switchingBack, .discarding, .committing, .finished: nil
    }
  }

  /// Never resumes on stale evidence: what was not live is discarded, and what was live without
  /// recorded health goes back, unless the crash fell between exchange and record.
  private static func afterRestart(_ state: TrialState, _ live: TrialEvent.LiveTree) -> TrialState?
  {
    switch (state, live) {
    case (.proposed, .base), (.awaitingApproval, .base): state
    case (.switching, .clone): .onTrial
    case (.onTrial, .clone): .switchingBack(interrupted.afterBeingLive)
    case (.onTrial, .base): .discarding(interrupted.afterBeingLive)
    case (.switchingBack(let ending), .clone): .switchingBack(ending)
    case (.switchingBack(let ending), .base): .discarding(ending)
    case (.discarding(let ending), .base): .discarding(ending)
    case (.committing(let ending), .clone): .committing(ending)
    case (.finished, _): nil
    case (.cloning, .base), (.provingBase, .base), (.applying, .base), (.inspecting, .base),
      (.testing, .base), (.scoring, .base), (.placing, .base), (.checkingDrift, .base),
      (.switching, .base):
      .discarding(interrupted)
    // The protocol never has these; whatever made them, the proven tree goes live again.
    case (.committing, .base): .discarding(interrupted.afterBeingLive)
    case (_, .clone): .switchingBack(interrupted.afterBeingLive)
    }
  }

  private static let kept = TrialEnding(
    .kept, wasLive: true, code: "kept", reason: "tests, gate and health passed")

  /// The ending of a trial that the daemon did not live to see through.
  static let interrupted = TrialEnding(
    .failed, code: "E_INTERRUPTED", reason: "the daemon stopped during the trial; run it again")
}

extension TrialEnding {
  /// The same ending of a clone that had been live: it was rolled back, whatever stopped it.
  var afterBeingLive: TrialEnding {
    TrialEnding(.rolledBack, wasLive: true, code: code, reason: reason)
  }
}

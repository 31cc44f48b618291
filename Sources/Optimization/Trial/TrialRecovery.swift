import Model

/// What recovery found of one trial, and the event that this is to it.
///
/// Pure, so that a test can walk every stored state against everything that can be found.
public struct TrialRecovery: Hashable, Sendable {
  /// The agent's path shows this trial's clone.
  public var isCloneLive: Bool
  /// The clone had been live, and the workspace itself brought the base back.
  public var wasTakenBack: Bool

  /// Makes a finding.
  public init(isCloneLive: Bool, wasTakenBack: Bool) {
    self.isCloneLive = isCloneLive
    self.wasTakenBack = wasTakenBack
  }

  /// The event that this finding is to a trial in `state`.
  public func event(in state: TrialState) -> TrialEvent {
    if wasTakenBack, !isCloneLive, state == .switching {
      return .stopped(TrialMachine.interrupted.afterBeingLive)
    }
    return .restarted(live: isCloneLive ? .clone : .base)
  }
}

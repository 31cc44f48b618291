public import Model

/// What is found at a place where a tree should be.
enum FoundTree: Hashable, Sendable, CaseIterable { case base, new, other, nothing }

/// What recovery does about a switch that was under way, decided from what is found alone.
///
/// Pure, so that every pair of phase and finding can be walked in a test.
enum RecoveryPlan: Hashable, Sendable {
  /// The base is live: the new tree is removed, or taken back to the store.
  case undo
  /// The base is live, and the sealed clone waits on, if it is what it was.
  case keepWaiting
  /// The new tree is live, and was just about to be: checked byte by byte, then made durable.
  case verifyNew
  /// The new tree is live and on trial, or was kept: made durable.
  case keepNew
  /// The new tree is live, and must not be: exchanged back.
  case switchBack
  /// Nothing is live, and the base lies beside: it gets its name back.
  case restoreBase
  /// Nothing is live, and the new tree, which was proven and about to be live or was, lies beside: as
  /// `restoreBase` with what there is.
  case restoreNew
  /// Nothing is live and nothing that may be lies beside: the newest stored generation goes there.
  case restoreStored
  /// Somebody put another folder there: it stays; the others are stored or removed.
  case leaveRoot

  static func decide(
    _ phase: SwitchIntent.Phase, live: FoundTree, beside: FoundTree
  ) -> RecoveryPlan {
    switch (live, phase) {
    case (.base, .waiting): beside == .new ? .keepWaiting : .undo
    case (.base, _): .undo
    case (.new, .switching): .verifyNew
    case (.new, .trial), (.new, .committing): .keepNew
    // The protocol never has a new tree live before D3; whatever did that, the base is proven.
    case (.new, .switchingBack), (.new, .preparing), (.new, .waiting):
      beside == .base ? .switchBack : .keepNew
    case (.nothing, _):
      switch (beside, phase) {
      case (.base, _): .restoreBase
      case (.new, .switching), (.new, .trial), (.new, .committing): .restoreNew
      // Half made, unapproved or failed: no such tree goes live, be it the only one.
      case (.new, _), (.other, _), (.nothing, _): .restoreStored
      }
    case (.other, _): .leaveRoot
    }
  }
}

/// What recovery found and did for one agent.
public struct RecoveryReport: Hashable, Sendable {
  /// Which tree is live now, for the caller to go on from.
  public enum Outcome: String, CaseIterable, Sendable {
    /// No switch was under way.
    case quiet
    /// The base is live, and nothing is left of the new tree.
    case undone
    /// The base is live, and the sealed clone still waits for a person.
    case waiting
    /// The new tree is live and durable; its health is to be checked, or recorded already.
    case newIsLive = "new_is_live"
    /// The new tree was live but damaged or edited; the base is live again, what was there is stored.
    case switchedBack = "switched_back"
    /// The agent's path was missing and is there again: `E_POINTER_REPAIRED`.
    case repaired
    /// Somebody put another folder at the agent's path; it was left alone.
    case rootReplaced = "root_replaced"
    /// The agent's path is missing, and no generation could be put there.
    case lost
  }

  /// What is live now.
  public var outcome: Outcome
  /// What was done, a sentence each, for the log.
  public var actions: [String] = []
  /// Generations that were stored on the way.
  public var stored: [GenerationNumber] = []
}

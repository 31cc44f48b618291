import Model
import Testing

@testable import Workspace

@Suite("What recovery decides") struct RecoveryPlanTests {
  typealias Phase = SwitchIntent.Phase

  /// Every pair of a phase and what can be found.
  private static let all = Phase.allCases.flatMap { phase in
    FoundTree.allCases.flatMap { live in
      FoundTree.allCases.map { (phase, live, $0) }
    }
  }

  @Test("a tree that is not live is never made live, but the base, or where nothing is")
  func neverForward() {
    for (phase, live, beside) in Self.all where live == .base {
      let plan = RecoveryPlan.decide(phase, live: live, beside: beside)
      #expect(plan == .undo || plan == .keepWaiting, "\(phase) \(beside)")
    }
  }

  @Test(
    "a new tree that is live stays only where it may be: on trial, or kept, or just switched to")
  func newIsLive() {
    for (phase, live, beside) in Self.all where live == .new {
      let plan = RecoveryPlan.decide(phase, live: live, beside: beside)
      switch phase {
      case .switching: #expect(plan == .verifyNew)
      case .trial, .committing: #expect(plan == .keepNew)
      case .preparing, .waiting, .switchingBack:
        // Without the base there is nothing to go back to.
        #expect(plan == (beside == .base ? .switchBack : .keepNew))
      }
    }
  }

  @Test("a missing path gets the base, else a new tree that was let go live, else a stored one")
  func missing() {
    for (phase, live, beside) in Self.all where live == .nothing {
      let plan = RecoveryPlan.decide(phase, live: live, beside: beside)
      switch beside {
      case .base: #expect(plan == .restoreBase)
      case .new:
        let wasLetGo = [.switching, .trial, .committing].contains(phase)
        #expect(plan == (wasLetGo ? .restoreNew : .restoreStored), "\(phase)")
      case .other, .nothing: #expect(plan == .restoreStored)
      }
    }
  }

  @Test("a folder that somebody else put there stays")
  func replaced() {
    for (phase, live, beside) in Self.all where live == .other {
      #expect(RecoveryPlan.decide(phase, live: live, beside: beside) == .leaveRoot)
    }
  }

  @Test("only a clone that waits is kept, and only where it is there")
  func waiting() {
    for (phase, live, beside) in Self.all
    where RecoveryPlan.decide(phase, live: live, beside: beside) == .keepWaiting {
      #expect(phase == .waiting && live == .base && beside == .new)
    }
    #expect(RecoveryPlan.decide(.waiting, live: .base, beside: .new) == .keepWaiting)
  }

  @Test("an intent is read back as it was written", arguments: Phase.allCases)
  func json(phase: Phase) {
    let full = SwitchIntent(
      kind: .rollback, base: GenerationNumber(3), new: GenerationNumber(1),
      baseRoot: FileIdentity(device: 1, inode: UInt64.max),
      newRoot: FileIdentity(device: 1, inode: 7),
      digest: Digest(hex: String(repeating: "a", count: 64)), phase: phase)
    #expect(SwitchIntent(json: full.json) == full)
    let first = SwitchIntent(
      kind: .trial, base: GenerationNumber(3), new: GenerationNumber(4),
      baseRoot: FileIdentity(device: 1, inode: 2), phase: phase)
    #expect(SwitchIntent(json: first.json) == first)
    #expect(SwitchIntent(json: .object(["phase": .string(phase.rawValue)])) == nil)
  }
}

import Linux
public import Model

extension GenerationStore {
  /// Brings the agent's files to a state that is wholly one generation, after any crash.
  ///
  /// To be called for every agent before anything else touches it, with the intent stored last, or
  /// nil. Idempotent: a crash in it is recovered from by calling it again. What it does is decided by
  /// `RecoveryPlan`; in short, the base live: undone; the new tree live: verified and made durable;
  /// neither: repaired from what is there. It never exchanges a new tree into place.
  /// - Parameter waiting: numbers of clones that wait for a person, and stay.
  public func recover(
    _ intent: SwitchIntent?, waiting: Set<GenerationNumber> = []
  ) throws(KaizenError) -> RecoveryReport {
    var report = RecoveryReport(outcome: .quiet)
    try sweepProbes()
    try sweepLinks()
    if let attachment = try Attachment.read(layout.attachment), !attachment.isComplete {
      if try undoAttach(attachment) {
        report.actions.append("undid an attachment that was under way")
      } else {
        report.actions.append("ended an attachment that was under way: either tree was edited")
      }
      return report
    }
    if try liveRoot() == nil, Files.exists(layout.root) {
      report.outcome = .rootReplaced
      report.actions.append("\"\(layout.root)\" is no folder any more; nothing was touched")
      return report
    }
    if let intent { try run(intent, &report) }
    if try liveRoot() == nil {
      try restoreStored(&report)
      if let intent, report.outcome == .repaired, !waiting.contains(intent.new) {
        try dropUnused(intent, &report)
      }
    }
    try sortOutSiblings(except: report.outcome, intent, waiting, &report)
    try sweepStore()
    try emptyTrash()
    return report
  }

  private func found(_ path: String, _ intent: SwitchIntent) throws(KaizenError) -> FoundTree {
    guard let root = try identity(of: path) else { return .nothing }
    // The device's number may be another one since the start of the machine; the inode is not.
    if root.inode == intent.baseRoot.inode { return .base }
    if let new = intent.newRoot { return root.inode == new.inode ? .new : .other }
    return root.inode == markedInode(intent.new) ? .new : .other
  }

  private func run(
    _ intent: SwitchIntent, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    let live = try found(layout.root, intent)
    let beside = try found(layout.stage(intent.new), intent)
    switch RecoveryPlan.decide(intent.phase, live: live, beside: beside) {
    case .undo: try undo(intent, beside, &report)
    case .keepWaiting: try keepWaiting(intent, &report)
    case .verifyNew: try verifyNew(intent, beside, &report)
    case .keepNew: try keepNew(intent, beside, &report)
    case .switchBack: try switchBack(intent, &report)
    case .restoreBase, .restoreNew:
      try restoreSibling(intent, &report)
      try run(intent, &report)
      if report.outcome != .lost { report.outcome = .repaired }
    case .restoreStored:
      // A generation on its way from the store is as whole as it was there, and may be the only one.
      if intent.kind == .rollback, beside == .new,
        !Files.exists(layout.tree(intent.new))
      {
        try store(layout.stage(intent.new), as: intent.new)
        forgetMarker(intent.new)
      }
    case .leaveRoot: try leaveRoot(intent, beside, &report)
    }
  }

  /// Removes a clone that never was live, once another tree stands where nothing was.
  private func dropUnused(
    _ intent: SwitchIntent, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    guard intent.kind == .trial, intent.phase == .preparing || intent.phase == .waiting,
      try found(layout.stage(intent.new), intent) == .new
    else { return }
    try discard(intent.new)
    report.actions.append("removed the clone of generation \(intent.new), which was never live")
  }

  private func undo(
    _ intent: SwitchIntent, _ beside: FoundTree, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    report.outcome = .undone
    if beside == .other { return }  // not ours to remove; sorted out with the other siblings
    let wasLive = intent.phase == .trial || intent.phase == .switchingBack
    if intent.kind == .rollback {
      try putBack(intent)
      report.actions.append("took generation \(intent.new) back to the store")
    } else if wasLive || intent.phase == .committing {
      try retire(intent, &report)
    } else {
      try discard(intent.new)
      report.actions.append("removed the clone of generation \(intent.new), which was not live")
    }
  }

  /// Removes a new tree that was live for a while, its edits stored.
  private func retire(
    _ intent: SwitchIntent, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    guard Files.exists(layout.stage(intent.new)) else { return try discard(intent.new) }
    let retired = try retire(
      intent.new, try manifest(intent.new), isWorthKeeping: intent.kind == .rollback)
    if let stored = retired.stored { report.stored.append(stored) }
    report.actions.append(
      retired.edits.isEmpty
        ? "removed generation \(intent.new), which is not live any more"
        : "stored the edits made in generation \(intent.new): \(listed(retired.edits))")
  }

  private func keepWaiting(
    _ intent: SwitchIntent, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    do throws(KaizenError) {
      _ = try reopen(intent)
      report.outcome = .waiting
    } catch {
      report.actions.append("gave up the clone that waited: \(error)")
      try undo(intent, .new, &report)
    }
  }

  private func verifyNew(
    _ intent: SwitchIntent, _ beside: FoundTree, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    let damage = try differences(of: try openRoot(), from: try manifest(intent.new))
    if damage.isEmpty || beside != .base { return try keepNew(intent, beside, &report) }
    report.actions.append(
      "generation \(intent.new) is not what was placed: \(listed(damage)); the base is live again")
    try switchBack(intent, &report)
  }

  private func keepNew(
    _ intent: SwitchIntent, _ beside: FoundTree, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    let parent = try openParent()
    try io(layout.parent, "making durable") { () throws(SystemError) in try parent.sync() }
    if beside == .base {
      let late = try settle(try resume(intent)).lateEdits
      if !late.isEmpty { report.actions.append("edited just before the switch: \(listed(late))") }
    }
    report.outcome = .newIsLive
    report.actions.append("generation \(intent.new) is live")
    // A rollback has no trial: once live, it is done.
    if intent.phase == .committing || intent.kind == .rollback, beside == .base {
      let retired = try commit(try resume(intent))
      if let stored = retired.stored { report.stored.append(stored) }
      report.actions.append("stored generation \(intent.base)")
    }
  }

  private func switchBack(
    _ intent: SwitchIntent, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    let retired = try switchBack(try resume(intent))
    if let stored = retired.stored { report.stored.append(stored) }
    report.outcome = .switchedBack
    report.actions.append("generation \(intent.base) is live again")
  }

  private func restoreSibling(
    _ intent: SwitchIntent, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    let parent = try openParent()
    try io(layout.root, "putting back") { () throws(SystemError) in
      try Files.moveWithoutReplacing(
        parent.descriptor, FileName(layout.stageName(intent.new)).characters, parent.descriptor,
        FileName(layout.name).characters)
      try parent.sync()
    }
    report.actions.append(
      "E_POINTER_REPAIRED: \"\(layout.root)\" was missing, and has its tree again")
  }

  private func leaveRoot(
    _ intent: SwitchIntent, _ beside: FoundTree, _ report: inout RecoveryReport
  ) throws(KaizenError) {
    if let live = try liveRecord() {
      report.outcome = .undone
      report.actions.append("generation \(live.number) was put live meanwhile, and stays")
    } else {
      report.outcome = .rootReplaced
      report.actions.append(
        "\"\(layout.root)\" is a folder that Kaizen did not put there; it stays")
    }
    let wasLive = intent.phase != .preparing && intent.phase != .waiting
    switch beside {
    case .base:
      let retired = try retire(intent.new, try manifest(intent.base), isWorthKeeping: true)
      if let stored = retired.stored { report.stored.append(stored) }
    case .new where intent.kind == .rollback: try putBack(intent)
    case .new where wasLive: try retire(intent, &report)
    case .new: try discard(intent.new)
    case .other, .nothing: break
    }
  }
}

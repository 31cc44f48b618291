import Approval
import Model
import Quality
import Workspace

// Placing, switching, going back, keeping.

extension TrialRunner {
  /// Takes up the sealed clone that waited for a person; false where it is not there as it was.
  func reopenWaiting() -> Bool {
    guard let intent = trial.switchIntent else { return false }
    do {
      (stage, sealed) = try workspace.reopen(intent)
      return true
    } catch {
      say("the clone that waited is gone: \(error.message)")
      return false
    }
  }

  func place() throws(KaizenError) -> TrialEvent {
    let stage = try requireStage()
    guard let sealed else { fatalError("a clone is sealed before it is placed") }
    placed = try workspace.place(stage, sealed)
    return .done
  }

  func checkDrift() throws(KaizenError) -> TrialEvent {
    try engine.requireUnfrozen(site.agent.id)
    try workspace.requireUnmoved(from: base)
    return .done
  }

  /// Makes the clone live (D4); where it is unsure whether that happened, asks the file system.
  func exchange() throws(KaizenError) -> TrialEvent {
    guard let placed else { fatalError("a clone is placed before it is switched to") }
    do {
      try workspace.switchTo(placed)
      return .done
    } catch {
      if try workspace.liveRoot() == placed.intent.newRoot {
        engine.noteAttention("\(trial.name) of \(site.agent.id): \(error.description)")
        return .restarted(live: .clone)
      }
      return .stopped(TrialEnding(error))
    }
  }

  func checkHealth() throws(KaizenError) -> TrialEvent {
    let placed = try requirePlaced()
    let settled = try workspace.settle(placed)
    if let edited = settled.lateEdits.first {
      return .stopped(
        TrialEnding(
          .inconclusive, wasLive: true, code: "E_BASE_MOVED",
          reason: "\"\(edited)\" was edited at the moment of the switch"))
    }
    var problem = try site.commands.reloadProblem()
    if problem == nil { problem = try site.commands.healthProblem() }
    if let problem {
      return .stopped(
        TrialEnding(.rolledBack, wasLive: true, code: "health_failed", reason: problem))
    }
    return .done
  }

  func exchangeBack() throws(KaizenError) -> TrialEvent {
    let retired = try workspace.switchBack(try requirePlaced())
    if let stored = retired.stored {
      trial.evidence.remarks.append("edits made meanwhile are generation \(stored)")
    }
    if let problem = try site.commands.reloadProblem() {
      engine.noteAttention("\(site.agent.id) is rolled back, but \(problem)")
    }
    return .done
  }

  func discardClone() throws(KaizenError) -> TrialEvent {
    if let intent = trial.switchIntent { try workspace.discard(intent) }
    return .done
  }

  func commitGeneration() throws(KaizenError) -> TrialEvent {
    let placed = try requirePlaced()
    let retired = try workspace.commit(placed)
    if let stored = retired.stored, !retired.edits.isEmpty {
      say("edits found on the old files are generation \(stored)")
      trial.evidence.remarks.append("edits found on the old files are generation \(stored)")
    }
    trial.generation = placed.manifest.number
    try store.insertGeneration(
      placed.manifest.number, of: site.agent.id, digest: placed.manifest.digest,
      origin: trial.name, at: engine.now())
    try store.setQuality(
      stageAssessment?.overall ?? trial.evidence.scores["clone"]?["overall"]?.number,
      of: placed.manifest.number, agent: site.agent.id)
    return .done
  }

  /// The switch under way: from this run, or as the stored intent has it after a restart.
  private func requirePlaced() throws(KaizenError) -> PlacedTree {
    if let placed { return placed }
    guard let intent = trial.switchIntent else {
      throw KaizenError(
        "E_CORRUPT", "\(trial.name) is \(trial.state.name) and has no intent",
        hint: "`kaizen generations \(site.agent.id)` shows what is live")
    }
    let resumed = try workspace.resume(intent)
    placed = resumed
    return resumed
  }
}

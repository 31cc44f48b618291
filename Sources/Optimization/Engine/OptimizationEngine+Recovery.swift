import Approval
import Linux
public import Model
import Telemetry
import Workspace

extension OptimizationEngine {
  /// Brings every agent to a state that is wholly one generation, before the socket opens.
  ///
  /// What cannot be brought there is noted for people, and the others go on.
  public func recover() throws(KaizenError) {
    let agents = try parts.store.agents()
    undoAdditions(known: Set(agents.map(\.id)))
    for agent in agents {
      do {
        let (site, lock) = try locked(agent, "recovery")
        defer { withExtendedLifetime(lock) {} }
        do throws(KaizenError) {
          try adoptOffline(site)
        } catch {
          // What it says is for the audit; the files are made whole without it.
          noteAttention("rollbacks of \(agent.id) without a daemon are not noted: \(error)")
        }
        try recover(site)
        collectOldGenerations(of: site)
      } catch {
        noteAttention("\(agent.id) could not be recovered: \(error)")
      }
    }
    settleWaiting()
  }

  /// Gives folders back whose addition a crash cut short.
  private func undoAdditions(known: Set<AgentID>) {
    for leftover in GenerationStore.undoAdditions(agents: storeRoot, known: known) {
      if leftover.needsAttention { noteAttention(leftover.message) }
      parts.log.warning(
        "recovery: \(leftover.message)", ["agent": .string(leftover.id.text)])
    }
  }

  /// Notes what was done to an agent while no daemon lived; one that was cut short is ended first.
  private func adoptOffline(_ site: TrialSite) throws(KaizenError) {
    let id = site.agent.id
    try site.workspace.completeAttachment(home: Files.parent(of: storeRoot))
    let known = try parts.store.unfinishedTrials().filter { $0.plan.agent == id }
      .compactMap { $0.switchIntent?.new }
    for rollback in try site.workspace.adoptOffline(waiting: Set(known)) {
      _ = try parts.admiral.audit.append(
        AuditEntry.Act(
          "generation.rolled_back", by: .user(rollback.user), agent: id, subject: "\(rollback.to)",
          details: [
            "from": .integer(Int64(rollback.from.value)), "to": .integer(Int64(rollback.to.value)),
            "without_daemon": true, "time": .string(rollback.time.description),
          ]))
      // Only now: a crash in between has it noted twice, which its time shows, but never not at all.
      try site.workspace.forgetOffline(rollback)
      parts.events.publish(
        "generation.rolled_back", agent: id,
        "\(id): \(rollback.from) to \(rollback.to), while no daemon lived")
    }
  }

  /// Ends what a failed run left of an agent, whose lock the caller holds.
  func endInterrupted(_ site: TrialSite) throws(KaizenError) {
    let unfinished = try parts.store.unfinishedTrials().filter { trial in
      trial.plan.agent == site.agent.id && !trial.isWaiting
    }
    let rollback = try parts.store.rollbackIntent(of: site.agent.id)
    if !unfinished.isEmpty || rollback != nil { try recover(site) }
  }

  /// Recovers one agent; a crash in it is recovered from in the same way.
  ///
  /// The last interrupted trial is the one that may have switched; clones of earlier ones and of
  /// those that wait for people are kept out of its way.
  private func recover(_ site: TrialSite) throws(KaizenError) {
    let id = site.agent.id
    let unfinished = try parts.store.unfinishedTrials().filter { $0.plan.agent == id }
    let interrupted = unfinished.filter { !$0.isWaiting }
    let last = interrupted.last { trial in
      // A clone that is being discarded is not live, and its base may have been left behind.
      if case .discarding = trial.state { false } else { true }
    }
    let rollback = try parts.store.rollbackIntent(of: id).flatMap { SwitchIntent(json: $0) }
    let others = unfinished.filter { $0.id != last?.id }.compactMap { $0.switchIntent?.new }
    let report = try site.workspace.recover(
      last?.switchIntent ?? rollback, waiting: Set(others))
    note(report, of: site, trial: last)
    for trial in interrupted {
      try end(trial, site: site, report: trial.id == last?.id ? report : nil)
    }
    // A rollback that had switched is committed by now; one that had not is undone.
    if rollback != nil { try parts.store.setRollbackIntent(nil, of: id) }
    let hasChangedSides =
      report.outcome == .switchedBack || report.outcome == .repaired
      || report.outcome == .newIsLive && last == nil
    if hasChangedSides, let problem = try site.commands.reloadProblem() {
      noteAttention("\(id) was recovered, but \(problem)")
    }
  }

  private func end(
    _ trial: TrialRecord, site: TrialSite, report: RecoveryReport?
  ) throws(KaizenError) {
    let live = try site.workspace.liveRoot()
    let found = TrialRecovery(
      isCloneLive: live != nil && live?.inode == trial.switchIntent?.newRoot?.inode,
      wasTakenBack: report?.outcome == .switchedBack)
    let base = try manifestOfBase(trial, site)
    let runner = TrialRunner(self, site, trial, base: base) { line in
      self.parts.log.info(line, ["agent": .string(site.agent.id.text)])
    }
    try runner.take(found.event(in: trial.state))
    try finish(runner)
  }

  /// The manifest of a trial's base; where that is gone, what is live, since ending needs no more.
  func manifestOfBase(
    _ trial: TrialRecord, _ site: TrialSite
  ) throws(KaizenError) -> GenerationManifest {
    do {
      return try site.workspace.manifest(trial.base)
    } catch {
      if error.code != "E_GENERATION_UNKNOWN" { throw error }
      return try site.workspace.base()
    }
  }

  private func note(_ report: RecoveryReport, of site: TrialSite, trial: TrialRecord?) {
    let id = site.agent.id
    for action in report.actions {
      parts.log.warning("recovery: \(action)", ["agent": .string(id.text)])
    }
    if report.outcome == .quiet { return }
    parts.events.publish("agent.recovered", agent: id, "\(id): \(report.outcome.rawValue)")
    audit(
      "agent.recovered", by: .daemon, agent: id, subject: trial?.name,
      ["outcome": .string(report.outcome.rawValue)])
    if report.outcome == .lost || report.outcome == .rootReplaced {
      noteAttention("\(id): " + report.actions.joined(separator: "; "))
    }
  }
}

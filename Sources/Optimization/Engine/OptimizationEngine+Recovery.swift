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
    for agent in try parts.store.agents() {
      do {
        let site = try site(agent)
        let lock = try AgentLock.acquire(site.layout, purpose: "recovery")
        defer { withExtendedLifetime(lock) {} }
        try recover(site)
      } catch {
        noteAttention("\(agent.id) could not be recovered: \(error)")
      }
    }
    try resumeApproved()
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
  private func recover(_ site: TrialSite) throws(KaizenError) {
    let id = site.agent.id
    let unfinished = try parts.store.unfinishedTrials().filter { $0.plan.agent == id }
    let waiting = Set(unfinished.filter(\.isWaiting).map(\.intentNumber))
    let interrupted = unfinished.filter { !$0.isWaiting }
    let rollback = try parts.store.rollbackIntent(of: id).flatMap { SwitchIntent(json: $0) }
    let intent = interrupted.last?.intent.flatMap { SwitchIntent(json: $0) } ?? rollback
    let report = try site.workspace.recover(intent, waiting: waiting)
    for action in report.actions {
      parts.log.warning("recovery: \(action)", ["agent": .string(id.text)])
    }
    if report.outcome != .quiet {
      parts.events.publish("agent.recovered", agent: id, "\(id): \(report.outcome.rawValue)")
      audit(
        "agent.recovered", by: .daemon, agent: id, subject: interrupted.last?.name,
        ["outcome": .string(report.outcome.rawValue)])
    }
    for trial in interrupted {
      try end(trial, site: site, report: report)
    }
    // A rollback that had switched is committed by now; one that had not is undone.
    if rollback != nil { try parts.store.setRollbackIntent(nil, of: id) }
    if report.outcome == .lost || report.outcome == .rootReplaced {
      noteAttention("\(id): " + report.actions.joined(separator: "; "))
    }
  }

  private func end(
    _ trial: TrialRecord, site: TrialSite, report: RecoveryReport
  ) throws(KaizenError) {
    let isNewLive = report.outcome == .newIsLive
    let base = try site.workspace.manifest(trial.base)
    let runner = TrialRunner(self, site, trial, base: base) { line in
      self.parts.log.info(line, ["agent": .string(site.agent.id.text)])
    }
    try runner.take(.restarted(live: isNewLive ? .clone : .base))
    try finish(runner)
  }

  /// Goes on with plans that were approved just before the daemon stopped.
  private func resumeApproved() throws(KaizenError) {
    for trial in try parts.store.unfinishedTrials() where trial.isWaiting {
      guard let approval = trial.approval, let agent = try parts.store.agent(trial.plan.agent)
      else { continue }
      let request = try parts.admiral.show(approval)
      if request.state == .approved {
        _ = try carryOutApproved(trial, request: request, agent: agent, user: trial.requestedBy)
      }
    }
  }
}

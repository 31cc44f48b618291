import Approval
public import Model
import Sandbox
import Telemetry

/// What became of a request to cancel.
public struct Cancellation: Hashable, Sendable {
  /// The trial, where there is one yet.
  public var trial: String?
  /// The run, where one is under way.
  public var run: String?
  /// The agent.
  public var agent: AgentID
  /// How the trial or run ended; nil while it still ends.
  public var ending: TrialEnding?
}

extension OptimizationEngine {
  /// How long a cancellation waits for the end it asked for: a sandbox has 5 s to go.
  static let cancelTimeout = Duration.seconds(10)

  /// Ends a trial (`t-7`) or a run (`r-3`) that is under way, or withdraws a trial that waits.
  ///
  /// What runs for it is stopped at once, and the clone is discarded; where the clone is live already,
  /// the base goes back live. Once its health was found good it stays: that is what rollback is for.
  /// - Throws: `E_UNKNOWN_TRIAL`, `E_UNKNOWN_RUN`, `E_OVER`.
  public func cancel(
    _ name: String, reason: String?, user: UInt32
  ) throws(KaizenError) -> Cancellation {
    if name.hasPrefix("r-") { return try cancelRun(name, reason: reason, user: user) }
    guard let id = name.hasPrefix("t-") ? Int64(name.dropFirst(2)) : nil,
      let trial = try parts.store.trial(id)
    else {
      throw KaizenError(
        "E_UNKNOWN_TRIAL", "there is no trial \"\(name.prefix(40))\"",
        hint: "`kaizen history AGENT` names them; `t-7` is a trial, `r-3` a run")
    }
    if let run = runs.active(trial: id) { return try cancelRun(run.id, reason: reason, user: user) }
    guard trial.isWaiting else {
      throw KaizenError(
        "E_OVER", "\(trial.name) has ended: \(trial.endingOrWait?.verdict.rawValue ?? "failed")",
        hint: trial.state.ending?.verdict == .kept
          ? "`kaizen rollback \(trial.plan.agent)` puts the generation before it live" : nil)
    }
    return try withdraw(trial, Self.cancelled(reason, by: user), user: user)
  }

  /// Ends every run that nobody asked for; the loop takes it up after the next start.
  func cancelUnattended() {
    for run in runs.activeRuns() where run.origin != .user {
      runs.stopToken(run.id)?.stop(
        KaizenError("E_STOPPING", "the daemon is stopping", hint: nil))
    }
  }

  private func cancelRun(
    _ id: String, reason: String?, user: UInt32
  ) throws(KaizenError) -> Cancellation {
    guard let run = runs.wait(for: id, beyond: .max, timeout: .zero) else {
      throw KaizenError(
        "E_UNKNOWN_RUN", "there is no run \"\(id.prefix(40))\" under way",
        hint: "`kaizen status` tells those that are")
    }
    guard run.ending == nil, let token = runs.stopToken(id) else {
      throw KaizenError(
        "E_OVER", "\(id) has ended: \(run.ending?.verdict.rawValue ?? "failed")",
        hint: "`kaizen history \(run.agent)` tells its plans")
    }
    audit("run.cancelled", by: .user(user), agent: run.agent, subject: id)
    token.stop(Self.cancelled(reason, by: user))
    let ended = runs.wait(for: id, beyond: .max, timeout: Self.cancelTimeout)
    // The trial that was under way is the last one that has an id.
    let trial = ended?.outcomes.last { $0.trial != nil }
    return Cancellation(
      trial: trial?.trial.map { "t-\($0)" }, run: id, agent: run.agent,
      ending: trial?.ending ?? ended?.ending)
  }

  private func withdraw(
    _ trial: TrialRecord, _ reason: KaizenError, user: UInt32
  ) throws(KaizenError) -> Cancellation {
    let agent = try requireAgent(trial.plan.agent)
    let ending = TrialEnding(.expired, code: reason.code.rawValue, reason: reason.message)
    audit("trial.cancelled", by: .user(user), agent: agent.id, subject: trial.name)
    // The question first: with that withdrawn nobody can approve what is being discarded.
    if let approval = trial.approval { try parts.admiral.withdraw(approval) }
    try end(trial, ending, agent: agent)
    let ended = try parts.store.trial(trial.id)
    return Cancellation(
      trial: trial.name, agent: agent.id, ending: ended?.state.ending ?? ending)
  }

  private static func cancelled(_ reason: String?, by user: UInt32) -> KaizenError {
    let why = reason.map { ": \($0.prefix(500))" } ?? ""
    return KaizenError("E_CANCELLED", "user \(user) cancelled it\(why)")
  }
}

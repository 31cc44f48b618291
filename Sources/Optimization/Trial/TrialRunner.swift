import Approval
import Linux
import Model
import PluginHost
import Quality
import Sandbox
import Telemetry
import Workspace

/// Carries one trial through its states: stores each before it runs the state's effect.
///
/// It lives on one thread, holds the agent's lock, and ends when the trial does or must wait.
final class TrialRunner {
  let engine: OptimizationEngine
  let site: TrialSite
  var trial: TrialRecord
  /// Tells whoever follows the run.
  let say: (String) -> Void
  /// What ends it early.
  let stop: StopToken
  /// What people approved, to be used up when exactly that is placed.
  let approval: GivenApproval?
  /// What is asked of people, in the same transaction as the state that waits for them.
  var question: (ApprovalRequest.Question, Policy.Requirement)?
  /// What the appliers may write, as their manifests had it when they were called.
  var writable: [String] = []
  /// Why items were left out, the first reason first.
  var failures: [KaizenError] = []

  // What effects leave for later ones; none of it outlives a restart.
  var base: GenerationManifest
  var stage: Stage?
  var sealed: GenerationManifest?
  var change: TreeDiff?
  var placed: PlacedTree?
  var baseAssessment: Assessment?
  var stageAssessment: Assessment?

  init(
    _ engine: OptimizationEngine, _ site: TrialSite, _ trial: TrialRecord,
    base: GenerationManifest, approval: GivenApproval? = nil, stop: StopToken? = nil,
    say: @escaping (String) -> Void
  ) {
    self.engine = engine
    let token = stop ?? StopToken()
    var site = site
    site.commands.stop = token
    self.site = site
    self.stop = token
    self.trial = trial
    self.base = base
    self.approval = approval
    self.say = say
  }

  /// An approval that was given and not used yet.
  struct GivenApproval {
    var id: String
    var digest: Digest
  }

  var workspace: GenerationStore { site.workspace }
  var store: EngineStore { engine.parts.store }

  /// Runs until nothing is left to do, or somebody else must act.
  func run() throws(KaizenError) {
    while let effect = TrialMachine.effect(of: trial.state) {
      var event = stopping
      if event == nil { event = try perform(effect) }
      do {
        if let event { try take(event) }
      } catch {
        // The last moment at which a freeze can hold the switch: its transaction.
        guard error.code == "E_FROZEN" else { throw error }
        try take(.stopped(TrialEnding(error)))
      }
    }
    engine.collectOldGenerations(of: site)
  }

  /// That the trial is to end, where somebody asked for it and it still can.
  private var stopping: TrialEvent? {
    guard let reason = stop.reason else { return nil }
    let event = TrialEvent.stopped(TrialEnding(reason))
    return TrialMachine.next(trial.state, event) == nil ? nil : event
  }

  /// Goes to the state that follows `event`, and stores it before anything else happens.
  func take(_ event: TrialEvent) throws(KaizenError) {
    guard let next = TrialMachine.next(trial.state, event) else {
      throw KaizenError(
        "E_INTERNAL", "\(trial.name) is \(trial.state.name), where this cannot happen: \(event)",
        hint: "`kaizen history \(trial.plan.agent)` shows what became of it")
    }
    var following = trial
    following.state = next
    following.intent = intent(for: next)?.json ?? trial.intent
    if case .finished = next { following.endedAt = engine.now() }
    try store.record(following) { connection in
      if next == .switching { try engine.requireUnfrozen(site.agent.id, on: connection) }
      if let approval, usesApproval(next) {
        try engine.parts.admiral.consume(approval.id, digest: approval.digest, on: connection)
      }
      if let (question, requirement) = question, next == .awaitingApproval || next == .proposed {
        try engine.parts.admiral.request(question, requirement, on: connection)
      }
      for act in [allowedAct(next), auditedAct(next)].compactMap({ $0 }) {
        try engine.parts.admiral.audit.append(act, on: connection)
      }
    }
    trial = following
    announce(next)
  }

  /// An approval is used up in the same transaction as the step it allows, so never twice.
  private func usesApproval(_ next: TrialState) -> Bool {
    switch next {
    case .cloning: trial.state == .proposed && approval?.digest == Self.digest(of: trial.plan)
    case .placing: trial.evidence.digest == approval?.digest.hex
    default: false
    }
  }

  /// That nobody is asked is a decision too, by the policy: it is audited where it takes effect.
  private func allowedAct(_ state: TrialState) -> AuditEntry.Act? {
    guard state == .placing, trial.state == .scoring, approval == nil else { return nil }
    return AuditEntry.Act(
      "trial.allowed", by: .policy, agent: trial.plan.agent, subject: trial.plan.id,
      details: [
        "trial": .string(trial.name), "origin": .string(trial.origin.rawValue),
        "digest": trial.evidence.digest.map { .string($0) } ?? .null,
        "types": .array(trial.items.map { .string($0.opportunity.type.rawValue) }),
        "severity": .string((trial.items.map(\.opportunity.severity).max() ?? .low).rawValue),
      ])
  }

  /// What of a switch goes into the audit, in the transaction that makes it so.
  private func auditedAct(_ state: TrialState) -> AuditEntry.Act? {
    switch state {
    case .switching, .onTrial, .switchingBack, .finished: break
    default: return nil
    }
    var details: [String: JSONValue] = [
      "trial": .string(trial.name), "base": .integer(Int64(trial.base.value)),
    ]
    if let digest = trial.evidence.digest { details["digest"] = .string(digest) }
    if let ending = state.ending {
      details["verdict"] = .string(ending.verdict.rawValue)
      details["reason"] = .string(ending.reason)
    }
    return AuditEntry.Act(
      "trial.\(state.name)", by: .daemon, agent: trial.plan.agent, subject: trial.plan.id,
      details: details)
  }

  /// The workspace's own intent in the phase that belongs to `state`; nil leaves it as it is.
  private func intent(for state: TrialState) -> SwitchIntent? {
    guard let current = trial.switchIntent else { return nil }
    switch state {
    case .cloning: return current.unmade
    // It waits no more: after a crash from here on it is discarded like any other.
    case .placing: return current.with(phase: .preparing)
    case .switching: return placed?.intent
    case .onTrial: return current.with(phase: .trial)
    case .switchingBack: return current.with(phase: .switchingBack)
    case .committing: return current.with(phase: .committing)
    default: return nil
    }
  }

  private func announce(_ state: TrialState) {
    let subject = "\(trial.name) of \(trial.plan.agent)"
    switch state {
    case .testing: say("testing the change on the clone")
    case .scoring: say("tests passed, scoring base and clone")
    case .switching: say("switching \(trial.plan.agent) to its new generation")
    case .awaitingApproval: say("\(trial.approval ?? "") awaits approval")
    case .finished(let ending):
      if ending.verdict == .kept { engine.noteLearnings(of: trial) }
      say("\(trial.name): \(ending.verdict.rawValue), \(ending.reason)")
    default: break
    }
    engine.parts.events.publish(
      "trial.\(state.name)", agent: trial.plan.agent, subject,
      fields: ["trial": .string(trial.name), "plan": .string(trial.plan.id)])
  }

  private func perform(_ effect: TrialEffect) throws(KaizenError) -> TrialEvent {
    switch effect {
    case .clone: attempt(clone)
    case .proveBase: attempt(proveBase)
    case .apply: attempt(apply)
    case .inspect: attempt(inspect)
    case .test: attempt(test)
    case .score: attempt(score)
    case .place: attempt(place)
    case .checkDrift: attempt(checkDrift)
    case .exchange: try exchange()
    case .checkHealth: attempt(checkHealth)
    // From here on a failure has no event: the state stays stored, and recovery takes it up.
    case .exchangeBack: try exchangeBack()
    case .discardClone: try discardClone()
    case .commitGeneration: try commitGeneration()
    }
  }

  /// What an effect gives; whatever it throws ends the trial.
  ///
  /// One that was cut short, by whoever asked for the end, says nothing of the change.
  private func attempt(_ effect: () throws(KaizenError) -> TrialEvent) -> TrialEvent {
    let event: TrialEvent
    do {
      event = try effect()
    } catch {
      event = .stopped(TrialEnding(error))
    }
    return stopping ?? event
  }

}

extension TrialRecord {
  /// What the workspace needs to find both trees again; nil before anything may be cloned.
  var switchIntent: SwitchIntent? { intent.flatMap { SwitchIntent(json: $0) } }
}

extension TrialEnding {
  /// The ending that an error of an effect before the switch means.
  init(_ error: KaizenError) {
    let verdicts: [String: Verdict] = [
      "E_NO_CHANGE": .nothingToDo, "E_CHANGE_REFUSED": .refused, "E_FROZEN": .refused,
      "E_BASE_MOVED": .inconclusive, "E_AGENT_BUSY": .inconclusive,
      "E_INTERPRETER_MISSING": .inconclusive, "E_SANDBOX_UNAVAILABLE": .inconclusive,
    ]
    self.init(
      verdicts[error.code.rawValue] ?? .failed, code: error.code.rawValue,
      reason: error.message + (error.hint.map { "; \($0)" } ?? ""))
  }
}

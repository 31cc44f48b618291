import Approval
public import Model

extension OptimizationEngine {
  /// Records a person's approval; once enough agree, a run carries the plan out.
  /// - Returns: the run, or nil while more approvals are needed or a run has the agent.
  public func approve(
    _ id: String, digest: String?, user: UInt32
  ) throws(KaizenError) -> Run? {
    let trial = try waitingTrial(id)
    let request = try parts.admiral.show(id)
    _ = try parts.admiral.decide(
      id, approve: true, by: .user(user), digest: try Self.digest(digest, of: request))
    guard let trial else { return nil }
    do {
      return try settle(trial)
    } catch {
      // The decision stands: what keeps it from being carried out now is tried again soon.
      if error.code == "E_BUSY" || error.code == "E_AGENT_BUSY" { return nil }
      throw error
    }
  }

  /// Records a person's refusal and removes the clone that waited.
  public func reject(
    _ id: String, reason: String?, user: UInt32
  ) throws(KaizenError) {
    let trial = try waitingTrial(id)
    let request = try parts.admiral.show(id)
    _ = try parts.admiral.decide(
      id, approve: false, by: .user(user), reason: reason, digest: request.question.digest)
    guard let trial else { return }
    do {
      try settle(trial)
    } catch {
      if error.code != "E_AGENT_LOCKED" { throw error }
    }
  }

  /// The trial that waits for an answer to `approval`; nil where that was given already.
  private func waitingTrial(_ approval: String) throws(KaizenError) -> TrialRecord? {
    let request = try parts.admiral.show(approval)
    let agent = try requireAgent(request.question.agent)
    if let trial = try parts.store.trial(awaiting: approval), trial.isWaiting { return trial }
    guard request.state == .pending || request.state == .approved else { return nil }
    try parts.admiral.withdraw(approval)
    throw KaizenError(
      "E_EXPIRED", "\(approval) asks about a trial of \(agent.id) that is over",
      hint: "`kaizen optimize \(agent.id)` tries again")
  }

  private static func digest(
    _ text: String?, of request: ApprovalRequest
  ) throws(KaizenError) -> Digest {
    guard let text else { return request.question.digest }
    guard let digest = Digest(hex: text) else {
      throw KaizenError(
        "E_DIGEST", "\"\(text.prefix(80))\" is no SHA-256 digest: 64 hexadecimal digits",
        hint: "`kaizen approvals show \(request.id)` prints it")
    }
    return digest
  }
}

extension TrialRecord {
  /// Whether a person must act before it goes on.
  public var isWaiting: Bool { state == .proposed || state == .awaitingApproval }
}

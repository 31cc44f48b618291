import Approval
import Control
import Model
import Optimization
import Quality

extension ApprovalInfo {
  init(_ request: ApprovalRequest, trial: TrialRecord?) {
    let question = request.question
    self.init(
      id: request.id, agent: question.agent.text, plan: question.plan, run: question.run,
      stage: question.stage.rawValue, state: request.state.rawValue, severity: question.severity,
      title: question.title, rule: request.rules.joined(separator: ", "), needed: request.needed,
      decisions: request.decisions.map(DecisionInfo.init), digest: question.digest.hex,
      requestedBy: question.requestedBy.uid.map(Int.init), createdAt: request.createdAt,
      expiresAt: request.expiresAt, items: trial?.plan.items.map(PlanItemInfo.init) ?? [],
      trial: trial.map(TrialInfo.init))
  }
}

extension DecisionInfo {
  init(_ decision: ApprovalRequest.Decision) {
    self.init(
      uid: Int(decision.uid), approved: decision.isApproval, reason: decision.reason,
      time: decision.time)
  }
}

extension AuditInfo {
  init(_ entry: AuditEntry) {
    self.init(
      sequence: Int(entry.sequence), time: entry.time, actor: entry.actor, action: entry.action,
      agent: entry.agent, subject: entry.subject, details: .string(entry.details),
      hash: entry.hash)
  }
}

extension GenerationInfo {
  init(_ view: GenerationView) {
    self.init(
      number: view.number.value, isLive: view.isLive,
      state: view.isLive ? "live" : view.isStored ? "stored" : "removed",
      digest: view.digest.hex, parent: view.parent?.value, origin: view.origin,
      createdAt: view.time, files: view.fileCount, bytes: Int(view.byteCount))
  }
}

extension QualityAnswer {
  init(agent: String, _ generation: GenerationNumber, _ assessment: Assessment) {
    let dimensions = assessment.dimensions.sorted { $0.key < $1.key }
    self.init(
      agent: agent, generation: generation.value, overall: assessment.overall,
      scores: dimensions.compactMap { name, outcome in
        outcome.score.map { ScoreInfo(DimensionScore(dimension: name, value: $0)) }
      },
      findings: assessment.findings.map(FindingInfo.init),
      notes: dimensions.compactMap { name, outcome in
        outcome.reason.map { ComponentNote(component: name, message: $0) }
      }
        + assessment.absent.sorted { $0.key < $1.key }.flatMap { name, reasons in
          reasons.map { ComponentNote(component: name, message: $0) }
        })
  }
}

import Approval
import Control
import Model
import Optimization

// Requests for approval, and the audit.

extension RequestHandler {
  func listApprovals(_ call: Call) throws(KaizenError) -> ListAnswer<ApprovalInfo> {
    let state = call.query.text("state").flatMap(ApprovalRequest.State.init(rawValue:))
    let agent = try call.query.text("agent").map(Self.agentID)
    let limit = call.query.limit
    let requests = try parts.admiral.list(agent: agent, state: state, limit: limit + 1)
    // A removed agent has no more than its requests; one without any was never here.
    if requests.isEmpty, let agent { try parts.engine.requireKnown(agent) }
    return ListAnswer(requests.map { ApprovalInfo($0, trial: nil) }, limit: limit)
  }

  func showApproval(_ call: Call) throws(KaizenError) -> ApprovalInfo {
    try info(call.matched.id)
  }

  func approve(_ call: Call) throws(KaizenError) -> DecisionAnswer {
    let asked = try call.body(ApproveRequest.self)
    let run = try parts.engine.approve(call.matched.id, digest: asked.digest, user: call.user)
    return DecisionAnswer(approval: try info(call.matched.id), run: run?.id)
  }

  func reject(_ call: Call) throws(KaizenError) -> DecisionAnswer {
    let asked = try call.body(RejectRequest.self)
    try parts.engine.reject(call.matched.id, reason: asked.reason, user: call.user)
    return DecisionAnswer(approval: try info(call.matched.id), run: nil)
  }

  private func info(_ id: String) throws(KaizenError) -> ApprovalInfo {
    ApprovalInfo(
      try parts.admiral.show(id), trial: try parts.engine.trial(awaiting: id))
  }

  func listAudit(_ call: Call) throws(KaizenError) -> ListAnswer<AuditInfo> {
    let limit = call.query.limit
    let audit = parts.admiral.audit
    if let after = call.query.integer("after") {
      let entries = try audit.list(after: Int64(after), limit: limit + 1)
      return ListAnswer(entries.map(AuditInfo.init), limit: limit)
    }
    // The newest ones, the oldest of them first; more means earlier ones.
    let entries = try audit.list(limit: limit + 1)
    return ListAnswer(
      entries.prefix(limit).reversed().map(AuditInfo.init), hasMore: entries.count > limit)
  }

  func verifyAudit() throws(KaizenError) -> AuditVerifyAnswer {
    switch try parts.admiral.audit.verify() {
    case .intact(let count, let head):
      AuditVerifyAnswer(
        isIntact: true, entries: Int(count), head: head,
        message: "\(count) entries, each with the hash of the one before it")
    case .broken(let sequence, let why):
      AuditVerifyAnswer(
        isIntact: false, entries: Int(sequence), brokenAt: Int(sequence), message: why)
    }
  }
}

internal import Control
internal import Model

/// `approvals …`: what waits for a person.
enum ApprovalCommands {
  static let all = [
    Command(
      words: ["approvals", "list"],
      options: [
        .init(
          name: "--state",
          kind: .word("STATE", ["pending", "approved", "rejected", "expired", "used"]),
          help: "in that state only"),
        .agent, .limit,
      ], summary: "requests for approval, newest first", run: list),
    Command(
      words: ["approvals", "show"], operands: [.init(name: "ID")],
      summary: "one request with its evidence: diff, tests and scores", run: show),
    Command(
      words: ["approvals", "approve"], operands: [.init(name: "ID")],
      options: [
        .init(name: "--wait", kind: .flag, help: "follow the run to its verdict"),
        .init(
          name: "--digest", kind: .text("DIGEST"),
          help: "what you saw; refused where it is no longer that"),
      ], summary: "approve exactly what the request's digest names", run: approve),
    Command(
      words: ["approvals", "reject"], operands: [.init(name: "ID")],
      options: [.init(name: "--reason", kind: .text("TEXT"), help: "why")],
      summary: "reject a request", run: reject),
  ]

  private static func list(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    var query = call.limitQuery
    if let state = call.text("--state") { query.append(("state", state)) }
    if let agent = call.text("--agent") { query.append(("agent", agent)) }
    let answer = try call.client().ask(
      .listApprovals, ListAnswer<ApprovalInfo>.self, query: query)
    return call.answer(answer) { list in
      if list.items.isEmpty {
        return [call.has("--state") ? "no such request" : "nothing was asked for yet"]
      }
      var table = TextTable(["ID", "STATE", "SEVERITY", "AGENT", "EXPIRES", "WHAT"])
      for item in list.items {
        table.add([
          item.id, item.state, item.severity.rawValue.uppercased(), item.agent,
          Figures.moment(item.expiresAt), item.title,
        ])
      }
      return table.lines + list.cutLines
    }
  }

  private static func show(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(.showApproval, ApprovalInfo.self, ["id": call.operand(0)])
    return call.answer(answer, lines)
  }

  private static func approve(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let client = try call.client()
    let answer = try client.ask(
      .approve, DecisionAnswer.self, ["id": call.operand(0)],
      body: ApproveRequest(digest: call.text("--digest")).json)
    guard call.has("--wait"), let run = answer.value.run else {
      return call.answer(answer) { ["\($0.approval.id) is \($0.approval.state)"] }
    }
    let first = try client.ask(.showRun, RunInfo.self, ["id": run])
    return try RunFollower(call).follow(first, wanted: nil)
  }

  private static func reject(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .reject, DecisionAnswer.self, ["id": call.operand(0)],
      body: RejectRequest(reason: call.text("--reason")).json)
    return call.answer(answer) { ["\($0.approval.id) is \($0.approval.state)"] }
  }

  private static func lines(_ approval: ApprovalInfo) -> [String] {
    let when = approval.stage.split(separator: "_").joined(separator: " ")
    var lines = [
      "\(approval.id) (\(approval.state)): \(approval.title)",
      "agent     \(approval.agent), plan \(approval.plan), "
        + approval.severity.rawValue.uppercased(),
      "needs     \(Figures.counted(approval.needed, "approval")) \(when)"
        + (approval.rule.map { ", by policy: \($0)" } ?? ""),
      "asked     \(Figures.moment(approval.createdAt)), expires "
        + Figures.moment(approval.expiresAt),
      "digest    \(approval.digest)",
    ]
    lines += approval.decisions.map { decision in
      "decision  \(decision.approved ? "approved" : "rejected") by "
        + "\(decision.name ?? "uid \(decision.uid)") "
        + Figures.moment(decision.time) + (decision.reason.map { ": \($0)" } ?? "")
    }
    lines += ["", "what it would do:"] + approval.items.map(PlanReport.line)
    lines += approval.trial.map(Evidence.lines) ?? []
    guard approval.state == "pending" else { return lines }
    return lines + [
      "", "yes: kaizen approvals approve \(approval.id) --wait",
      "no:  kaizen approvals reject \(approval.id) --reason TEXT",
    ]
  }
}

internal import Control
internal import Model

/// `audit …`: the record of decisions and switches.
enum AuditCommands {
  static let all = [
    Command(words: ["audit", "verify"], summary: "check the audit's hash chain", run: verify),
    Command(
      words: ["audit", "list"],
      options: [
        .init(name: "--after", kind: .integer("N", 0...Int.max), help: "after entry number N"),
        .limit,
      ], summary: "decisions and switches, oldest first; the newest where no --after is given",
      run: list),
  ]

  private static func verify(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .verifyAudit, AuditVerifyAnswer.self, timeout: .seconds(120))
    let status = call.answer(answer) { audit in
      ["\(audit.isIntact ? "intact" : "BROKEN"): \(audit.entries) entries; \(audit.message)"]
    }
    return answer.value.isIntact ? status : .failed
  }

  private static func list(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let query = (call.text("--after").map { [(name: "after", value: $0)] } ?? []) + call.limitQuery
    let answer = try call.client().ask(.listAudit, ListAnswer<AuditInfo>.self, query: query)
    return call.answer(answer) { list in
      if list.items.isEmpty { return ["no entries"] }
      let lines = list.items.map { entry in
        let subject = [entry.agent, entry.subject].compactMap { $0 }.joined(separator: " ")
        return "\(entry.sequence) \(Figures.moment(entry.time)) \(entry.actor) \(entry.action)"
          + " \(subject)"
      }
      // Without --after these are the newest, and with it the next.
      return call.has("--after") || !list.hasMore ? lines + list.cutLines : list.cutLines + lines
    }
  }
}

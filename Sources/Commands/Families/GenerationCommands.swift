internal import Control
internal import Model

/// What became of an agent's files: history, generations, differences, rollback.
enum GenerationCommands {
  static let all = [
    Command(
      words: ["history"], operands: [.agent()],
      options: [
        .limit,
        .init(
          name: "--explain", kind: .flag,
          help: "the arithmetic of each verdict: tests, scores, gate, health before and since"),
      ], summary: "plans that were tried and how they ended", run: history),
    Command(
      words: ["generations"], operands: [.agent()],
      options: [.limit], summary: "the versions of the agent's files", run: generations),
    Command(
      words: ["diff"],
      operands: [
        .agent(), .init(name: "A", kind: number, isOptional: true),
        .init(name: "B", kind: number, isOptional: true),
      ], summary: "what changed between two generations; by default the last two", run: diff),
    Command(
      words: ["rollback"], operands: [.agent()],
      options: [
        .init(
          name: "--to", kind: .integer("N", 1...Int(Int32.max)),
          help: "the generation (the one before the live one)")
      ], summary: "put an earlier generation live",
      notes: """
        Edits found on the live files are stored as a generation first. Where no daemon lives the
        command rolls back itself, and the daemon notes it in the audit when it starts; the agent's
        reload command is not run then.
        """, run: rollback),
  ]

  private static let number = Command.Operand.Kind.integer(1...Int(Int32.max))

  private static func history(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let isExplained = call.has("--explain")
    let answer = try call.client().ask(
      .history, ListAnswer<HistoryInfo>.self, ["id": call.operand(0)],
      query: call.limitQuery + (isExplained ? [("explain", "yes")] : []))
    return call.answer(answer) { list in
      if list.items.isEmpty { return ["nothing was tried yet"] }
      if isExplained {
        return Array(list.items.map(explanation).joined(separator: [""])) + list.cutLines
      }
      var table = TextTable([
        "STARTED", "TRIAL", "VERDICT", "LIVE", ">BASE", ">NEW", "WHAT", "WHY",
      ])
      for item in list.items {
        table.add([
          Figures.moment(item.startedAt), item.trial ?? item.id,
          item.verdict?.rawValue ?? "running",
          Figures.yesNo(item.wasLive), Figures.count(item.base), Figures.count(item.generation),
          item.titles.joined(separator: "; "), why(item),
        ])
      }
      return table.lines + list.cutLines
    }
  }

  private static func why(_ item: HistoryInfo) -> String {
    if item.verdict == .awaitingApproval, let approval = item.approval {
      return "kaizen approvals show \(approval)"
    }
    return item.reason ?? ""
  }

  private static func explanation(_ item: HistoryInfo) -> [String] {
    let who = item.origin == "user" ? "" : ", by the loop (\(item.origin ?? ""))"
    let name = [item.id, item.trial, item.run].compactMap(\.self).joined(separator: ", ")
    var lines = [
      "\(name) of \(Figures.moment(item.startedAt)): \(item.verdict?.rawValue ?? "running")\(who)",
      "  generation \(Figures.count(item.base))"
        + (item.generation.map { " → \($0)" } ?? "") + ", strategy \(item.strategy)",
    ]
    for (title, applier) in zip(item.titles, item.appliers) {
      lines.append("  \(title) → \(applier)")
    }
    return lines + (item.explanation?.lines.map { "  " + $0 } ?? [])
  }

  private static func generations(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .generations, ListAnswer<GenerationInfo>.self, ["id": call.operand(0)],
      query: call.limitQuery)
    return call.answer(answer) { list in
      var table = TextTable([
        ">GENERATION", "LIVE", "STATE", "MADE", "FROM", ">FILES", ">SIZE", "WHY",
      ])
      for item in list.items {
        let origin = item.origin + (item.parent.map { " of \($0)" } ?? "")
        table.add([
          "\(item.number)", item.isLive ? "live" : item.isPinned ? "pinned" : "", item.state,
          Figures.moment(item.createdAt), origin, Figures.count(item.files),
          Figures.bytes(item.bytes), item.reason ?? "",
        ])
      }
      return table.lines + list.cutLines
    }
  }

  private static func diff(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    var query: [(name: String, value: String)] = []
    if let a = call.optionalOperand(1) { query.append(("a", a)) }
    if let b = call.optionalOperand(2) { query.append(("b", b)) }
    let answer = try call.client().ask(
      .diff, DiffAnswer.self, ["id": call.operand(0)], query: query)
    return call.answer(answer) { diff in
      [
        "generation \(diff.a) → \(diff.b): \(Figures.counted(diff.changed.count, "file")) "
          + (diff.changed.count == 1 ? "differs" : "differ")
      ]
        + diff.changed.map(Evidence.line) + diff.diff.split(separator: "\n").map(String.init)
        + (diff.isCut ? ["(cut: the whole difference is longer)"] : [])
    }
  }

  private static func rollback(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer: ControlClient.Answer<RollbackAnswer>
    do {
      answer = try call.client().ask(
        .rollback, RollbackAnswer.self, ["id": call.operand(0)],
        body: RollbackRequest(to: call.integer("--to")).json, timeout: .seconds(120))
    } catch {
      if error.code != "E_UNREACHABLE" { throw error }
      let done = try OfflineRollbacks.run(
        call.operand(0), to: call.integer("--to"), layout: try call.layout(), unreachable: error)
      answer = ControlClient.Answer(value: done, json: done.json)
    }
    return call.answer(answer) { done in
      let live = "generation \(done.to) is live"
      return ["\(done.agent): generation \(done.from) → \(done.to) is live"]
        + (done.message == live ? [] : [done.message])
        + (done.storedEdits.map { ["edits on the live files are kept as generation \($0)"] } ?? [])
    }
  }
}

internal import Control
internal import Model

/// What feedback taught: `patterns`, `learnings`, `learn`.
enum InsightCommands {
  static let all = [
    Command(
      words: ["patterns"], operands: [.agent(isOptional: true)], options: [.limit],
      summary: "what recurs in the feedback of the last days, the surest first", run: patterns),
    Command(
      words: ["learnings"], operands: [.agent(isOptional: true)], options: [.limit],
      summary: "the lessons drawn from patterns, those with the most impact first",
      run: learnings),
    Command(
      words: ["learnings", "apply"], operands: [.init(name: "ID")],
      options: [
        .init(name: "--wait", kind: .flag, help: "follow the run to its verdict"),
        .init(
          name: "--require", kind: .word("VERDICT", Verdict.allCases.map(\.rawValue)),
          help: "wait, and exit with 4 on another verdict"),
      ], summary: "put a learning into its agent's instructions, as a trial of its own",
      notes: "It goes into AGENTS.md or CLAUDE.md, tested and gated like any other change.",
      run: apply),
    Command(
      words: ["learn"], operands: [.agent()],
      summary: "look for patterns now, and draw what is to be learnt", run: learn),
  ]

  /// Of a long history a search takes a moment.
  private static let timeout = Duration.seconds(120)

  private static func patterns(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .listPatterns, ListAnswer<PatternInfo>.self, query: query(call))
    return call.answer(answer, InsightReport.lines)
  }

  private static func learnings(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .listLearnings, ListAnswer<LearningInfo>.self, query: query(call))
    return call.answer(answer, InsightReport.lines)
  }

  private static func learn(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .learn, LearnAnswer.self, ["id": call.operand(0)], body: [:], timeout: timeout)
    return call.answer(answer) { found in
      [
        "\(found.agent): \(Figures.counted(found.patterns.count, "pattern")), "
          + "\(found.newPatterns) of them new"
      ]
        + InsightReport.lines(found.patterns) + [""] + InsightReport.lines(found.learnings)
    }
  }

  private static func apply(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .applyLearning, RunInfo.self, ["id": call.operand(0)], body: [:])
    let wanted = call.text("--require").flatMap(Verdict.init)
    guard call.has("--wait") || wanted != nil else {
      return call.answer(answer) { run in
        ["run \(run.id) of \(run.agent) has started; its end: kaizen history \(run.agent)"]
      }
    }
    return try RunFollower(call).follow(answer, wanted: wanted)
  }

  private static func query(_ call: Invocation) -> [(name: String, value: String)] {
    call.limitQuery
      + (call.optionalOperand(0).map { [("agent", $0)] } ?? [])
  }
}

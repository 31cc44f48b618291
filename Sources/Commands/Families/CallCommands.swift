internal import Control
internal import Model

/// `plugins calls` and `plugins replay`: the flight recorder.
enum CallCommands {
  static let all = [
    Command(
      words: ["plugins", "calls"], operands: [.init(name: "ID", isOptional: true)],
      options: [
        .init(name: "--failed", kind: .flag, help: "only those that failed"),
        .init(
          name: "--limit", kind: .integer("N", 1...Int(Route.listCountMax)),
          help: "at most so many; default 20"),
      ],
      summary: "the latest calls of components, newest first",
      notes: """
        INPUT is kept where the whole input of the call was: of those that failed, and of all where \
        the setting plugins.keep_inputs says so. `kaizen plugins replay CALL` runs such a one again.
        """, run: list),
    Command(
      words: ["plugins", "replay"], operands: [.init(name: "CALL")],
      options: [
        .init(
          name: "--current", kind: .flag,
          help: "run the version there is now, not the one that was called")
      ],
      summary: "run a call of a pure component again, with all it was given, and compare",
      notes: """
        It runs in a fresh worker, with the same clock, random numbers and reads. Exit status 0: it \
        came to the same; 1: it did not, or it cannot be run again.
        """, run: replay),
  ]

  private static let limitDefault = 20
  /// Characters of a failure's message in the table; --json has all of it.
  private static let messageMax = 100

  private static func list(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    var query = [("limit", "\(call.integer("--limit") ?? limitDefault)")]
    if let id = call.optionalOperand(0) { query.append(("component", id)) }
    if call.has("--failed") { query.append(("failed", "yes")) }
    let answer = try call.client().ask(.listCalls, CallsAnswer.self, query: query)
    for note in answer.value.notes { call.terminal.remark("kaizen: \(note)") }
    return call.answer(answer) { calls in
      var table = TextTable([
        ">CALL", "START", "COMPONENT", "VERSION", "AGENT", ">TIME", ">CPU", ">MEMORY", "END",
        "INPUT", "ANSWERED",
      ])
      for item in calls.items { table.add(row(item)) }
      return table.lines
    }
  }

  private static func row(_ item: CallInfo) -> [String] {
    [
      "\(item.call)", Figures.moment(item.start), item.component, item.version, item.agent,
      Figures.milliseconds(item.milliseconds), Figures.milliseconds(item.processorMilliseconds),
      Figures.bytes(item.peakBytes), item.code ?? item.end,
      item.keptIn == nil ? (item.notKept == nil ? "-" : "gone") : "kept", answered(item),
    ]
  }

  /// What it answered, or why it failed.
  private static func answered(_ item: CallInfo) -> String {
    if let message = item.message {
      return message.count > messageMax ? message.prefix(messageMax) + "…" : message
    }
    let counts = [
      (item.opportunities, "opportunity", "opportunities"), (item.scores, "score", "scores"),
      (item.findings, "finding", "findings"), (item.notes, "note", "notes"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }
    return counts.isEmpty ? "nothing" : counts.joined(separator: ", ")
  }

  private static func replay(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let request = ReplayRequest(isCurrent: call.has("--current"))
    let answer = try call.client().ask(
      .replayCall, ReplayAnswer.self, ["id": call.operand(0)], body: request.json,
      timeout: .seconds(700))
    let status = call.answer(answer, lines)
    return answer.value.isSame ? status : .failed
  }

  private static func lines(_ replay: ReplayAnswer) -> [String] {
    let version = "\(replay.component) \(replay.version)"
    let time = Figures.milliseconds(replay.milliseconds)
    var lines = [
      replay.isSame
        ? "call \(replay.call) of \(version) came to the same, in \(time)"
        : "call \(replay.call) of \(version) came to something else, in \(time)"
    ]
    for difference in replay.differences {
      lines.append("\(difference.what): \(difference.recorded) → \(difference.replayed)")
    }
    if let code = replay.code { lines.append("failed   \(code): \(replay.message ?? "")") }
    lines += replay.answers.map { "answer   \($0)" }
    lines += replay.notes.map { "note     \($0)" }
    lines += replay.logs.map { "log      \($0)" }
    return lines + replay.warnings.map { "warning  \($0)" }
  }
}

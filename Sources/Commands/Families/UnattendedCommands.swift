internal import Control
internal import Model

/// What stops things: `freeze`, `unfreeze`, `cancel`.
enum UnattendedCommands {
  static let all = [
    Command(
      words: ["freeze"], operands: [.agent(isOptional: true)],
      options: [
        .init(
          name: "--for", kind: .duration("TIME", 1...Int(FreezeRequest.secondsMax)),
          isRequired: true, help: "how long, such as 2h"),
        .init(name: "--reason", kind: .text("TEXT"), help: "why"),
      ], summary: "let nothing new go live for a time, of one agent or of all",
      notes:
        "Nobody promotes anything meanwhile: not the loop, not an approval. What is approved is\n"
        + "carried out when the freeze ends. Rollbacks go on.", run: freeze),
    Command(
      words: ["unfreeze"], operands: [.agent(isOptional: true)],
      summary: "end the freeze of one agent, or of all", run: unfreeze),
    Command(
      words: ["cancel"], operands: [.init(name: "TRIAL")],
      options: [.init(name: "--reason", kind: .text("TEXT"), help: "why")],
      summary: "end a trial (t-7) or a run (r-3), or withdraw a trial that waits",
      notes: "What runs for it is stopped at once, and its clone is discarded.", run: cancel),
  ]

  /// Ending a sandbox takes seconds at most; carrying out what was approved is not waited for.
  private static let timeout = Duration.seconds(60)

  private static func freeze(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    guard let seconds = call.seconds("--for") else {
      throw KaizenError(
        "E_USAGE", "freeze: --for is missing", hint: "say how long, such as --for 2h")
    }
    let body = FreezeRequest(seconds: seconds, reason: call.text("--reason")).json
    let agent = call.optionalOperand(0)
    let answer = try call.client().ask(
      agent == nil ? .freezeAll : .freeze, FreezeInfo.self, agent.map { ["id": $0] } ?? [:],
      body: body)
    return call.answer(answer) { [line($0)] }
  }

  private static func unfreeze(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let agent = call.optionalOperand(0)
    let answer = try call.client().ask(
      agent == nil ? .unfreezeAll : .unfreeze, ListAnswer<FreezeInfo>.self,
      agent.map { ["id": $0] } ?? [:], body: [:], timeout: timeout)
    return call.answer(answer) { left in
      ["the freeze of \(agent ?? "all agents") is lifted"] + left.items.map { "still: \(line($0))" }
    }
  }

  private static func cancel(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .cancel, CancelAnswer.self, ["id": call.operand(0)],
      body: CancelRequest(reason: call.text("--reason")).json, timeout: timeout)
    return call.answer(answer) { done in
      let name = done.trial ?? done.run ?? call.operand(0)
      guard let verdict = done.verdict else { return ["\(name) of \(done.agent) is ending"] }
      return [
        "\(name) of \(done.agent): \(verdict.rawValue)" + (done.wasLive ? ", was live" : "")
          + (done.reason.map { ", \($0)" } ?? "")
      ]
    }
  }

  /// A freeze in one line.
  static func line(_ freeze: FreezeInfo) -> String {
    "\(freeze.agent ?? "all agents") frozen \(span(freeze))"
  }

  /// `until 2026-11-20 10:15:30Z by uid 0: because`.
  static func span(_ freeze: FreezeInfo) -> String {
    "until \(Figures.moment(freeze.until)) by uid \(freeze.uid)"
      + (freeze.reason.map { ": \($0)" } ?? "")
  }
}

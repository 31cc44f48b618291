internal import Control
internal import Model

/// `optimize`: starts a run, and follows it where asked to.
enum OptimizeCommand {
  static let all = [
    Command(
      words: ["optimize"], operands: [.agent()],
      options: [
        .init(
          name: "--strategy", kind: .word("S", Strategy.Name.allCases.map(\.rawValue)),
          help: "how far to go (auto)"),
        .init(name: "--dry-run", kind: .flag, help: "plan only, change nothing"),
        .init(name: "--days", kind: .integer("N", 1...365), help: "the window in days (7)"),
        .init(name: "--wait", kind: .flag, help: "follow the run to its verdict"),
        .init(
          name: "--require", kind: .word("VERDICT", Verdict.allCases.map(\.rawValue)),
          help: "wait, and exit with 4 on another verdict"),
      ], summary: "analyze, plan, try on a clone, and keep what proves itself",
      notes: "Waiting ends when the run does, or when it awaits a person's decision. Ctrl-C only\n"
        + "stops waiting: the run goes on.", run: run)
  ]

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let request = OptimizeRequest(
      strategy: call.text("--strategy").flatMap(Strategy.Name.init),
      isDryRun: call.has("--dry-run"),
      days: call.integer("--days"))
    let answer = try call.client().ask(
      .optimize, RunInfo.self, ["id": call.operand(0)], body: request.json)
    let wanted = call.text("--require").flatMap(Verdict.init)
    // A plan is all that a dry run has to show.
    guard call.has("--wait") || call.has("--dry-run") || wanted != nil else {
      return call.answer(answer) { run in
        ["run \(run.id) of \(run.agent) has started; its end: kaizen history \(run.agent)"]
      }
    }
    return try RunFollower(call).follow(answer, wanted: wanted)
  }
}

internal import JSONStream
internal import Linux
internal import Model
internal import PluginHost

/// `plugins try`: an author's edit-run loop, without a daemon.
enum TryPluginCommand {
  static let command = Command(
    words: ["plugins", "try"], operands: [.init(name: "PATH")],
    options: [
      .init(
        name: "--on", kind: .text("DIR"), isRequired: true,
        help: "the folder that stands for an agent"),
      .init(
        name: "--feedback", kind: .text("FILE"),
        help: "records for analyzers, as `kaizen record --ndjson` takes them; default none"),
      .init(
        name: "--sla-ms", kind: .number("MS", 0.001...1e9),
        help: "the response time that the agent promises; default none"),
      .init(
        name: "--evidence", kind: .text("JSON"),
        help: "what an applier's opportunity stands on, an object; default {}"),
    ],
    summary: "run a plugin on a folder and show what it says or changes; no daemon needed",
    notes: """
      PATH is the plugin's folder, which holds its manifest.json. DIR stays as it is: an applier gets
      a copy, which is thrown away. It is given one opportunity, of the first type it handles.
      `kaizen plugins verify PATH` looks for what one run does not show.
      """, run: run)

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    guard let target = call.text("--on") else {
      throw KaizenError(
        "E_USAGE", "plugins try: --on DIR is missing",
        hint: "usage: kaizen plugins try PATH --on DIR")
    }
    let folder = try LocalBundle.resolved(target, "a folder to try it on")
    let feedback =
      if let file = call.text("--feedback") { try TryFeedback(file: file) } else { TryFeedback() }
    let scratch = try ScratchFolder("kaizen-try")
    // Each is called once, right away: a load before that would say the same and take its time.
    let bundle = try LocalBundle(call.operand(0), loadsAtOnce: false, in: scratch)
    let trial = PluginTrial(
      bundle: bundle, folder: folder, feedback: feedback, evidence: try evidence(call) ?? [:],
      serviceLevel: call.number("--sla-ms").map { .nanoseconds(Int64($0 * 1e6)) },
      scratch: scratch.path)
    let outcomes = bundle.host.components().map { trial.outcome($0) }
    for problem in bundle.host.manifestProblems() where problem.isWarning {
      call.terminal.remark("kaizen: \(problem)")
    }
    if feedback.otherCount > 0 {
      call.terminal.remark(
        "kaizen: \(feedback.otherCount) records of agents other than \(feedback.agent) left out")
    }
    if call.isJSON {
      let answer: JSONValue = [
        "path": .string(bundle.path), "on": .string(folder), "agent": .string(feedback.agent.text),
        "components": .array(outcomes.map(\.json)),
      ]
      call.terminal.write(answer.text() + "\n")
    } else {
      call.terminal.write(lines: outcomes.flatMap(\.lines))
    }
    return outcomes.contains { $0.failure != nil } ? .failed : .done
  }

  /// The object of `--evidence`; nil where it was not given.
  static func evidence(_ call: Invocation) throws(KaizenError) -> JSONValue? {
    guard let text = call.text("--evidence") else { return nil }
    let evidence = try JSONDocument.parse(text)
    if evidence.object == nil {
      throw KaizenError("E_USAGE", "--evidence: expected an object, found \(evidence.shape)")
    }
    return evidence
  }
}

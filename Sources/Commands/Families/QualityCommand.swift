internal import Control
internal import Linux
internal import Model

/// `quality`: scores and findings, of an agent by the daemon or of any path without one.
enum QualityCommand {
  static let all = [
    Command(
      words: ["quality"], operands: [.init(name: "AGENT|PATH")],
      options: [
        .init(
          name: "--limit", kind: .integer("N", 1...findingsMax),
          help: "findings shown (\(findingsShown)); --json has them all")
      ],
      summary: "the Guardian's scores and findings of an agent's live files, or of any path",
      notes: """
        What has a slash in it, "." and ".." is a path. Any other word is an agent where the daemon
        knows one of that id, and else a file or folder of that name here; ./NAME is always the
        file. A path is scored without the daemon, by the scorers that came with this program.
        """, run: run)
  ]

  /// Findings shown where nothing is said, and at most.
  private static let findingsShown = 100
  private static let findingsMax = 100_000
  /// Scorers are called, each with a deadline of its own.
  private static let timeout = Duration.seconds(300)

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let operand = call.operand(0)
    if LocalQuality.isPath(operand) { return try scorePath(operand, call) }
    do {
      let answer = try call.client().ask(
        .quality, QualityAnswer.self, ["id": operand], timeout: timeout)
      if Files.exists(operand) {
        call.terminal.hint("\(operand) is the agent here; ./\(operand) is the file of that name")
      }
      return call.answer(answer) { lines($0, call) }
    } catch {
      let isNoAgent = ["E_UNKNOWN_AGENT", "E_UNREACHABLE"].contains(error.code.rawValue)
      guard isNoAgent, Files.exists(operand) else {
        throw isNoAgent ? refusal(operand, error) : error
      }
      return try scorePath(operand, call)
    }
  }

  private static func scorePath(
    _ path: String, _ call: Invocation
  ) throws(KaizenError) -> ExitStatus {
    let quality = try call.terminal.watching("quality \(path)") { () throws(KaizenError) in
      try LocalQuality.assess(path)
    }
    return call.answer(ControlClient.Answer(value: quality, json: quality.json)) {
      lines($0, call)
    }
  }

  private static func refusal(_ operand: String, _ error: KaizenError) -> KaizenError {
    KaizenError(
      error.code, "\(error.message), and nothing named \"\(operand.prefix(80))\" is here",
      hint: error.hint)
  }

  private static func lines(_ quality: QualityAnswer, _ call: Invocation) -> [String] {
    let of = quality.agent ?? quality.path ?? ""
    var lines = [
      "\(of)\(quality.generation.map { ", generation \($0)" } ?? ""): quality "
        + "\(Figures.ratio(quality.overall))" + (quality.overall == nil ? "" : " of 1")
    ]
    let scored = Set(quality.scores.map(\.dimension))
    let notes = quality.notes.filter { !scored.contains($0.component) }
    var table = TextTable(["DIMENSION", ">SCORE", "NOTE"])
    for score in quality.scores { table.add([score.dimension, Figures.ratio(score.value), ""]) }
    for note in notes { table.add([note.component, Figures.absent, note.message]) }
    if !table.isEmpty { lines += table.lines }
    lines += quality.notes.filter { scored.contains($0.component) }
      .map { "note: \($0.component): \($0.message)" }
    if quality.findings.isEmpty { return lines }
    let shown = call.integer("--limit") ?? findingsShown
    lines.append("")
    lines += quality.findings.prefix(shown).map(Evidence.line)
    let rest = quality.findings.count - shown
    if rest > 0 { lines.append("and \(rest) more: --limit \(quality.findings.count)") }
    return lines
  }
}

internal import Control
internal import Model

/// What the daemon says of itself.
enum StatusCommands {
  static let all = [
    Command(
      words: ["status"], operands: [.agent(isOptional: true)],
      summary: "the daemon at a glance, or what goes on with one agent", run: status),
    Command(
      words: ["doctor"], summary: "what this host and home can do, and what is in the way",
      run: Doctor.run),
    Command(
      words: ["events"],
      options: [
        Command.Option(name: "--follow", kind: .flag, help: "go on as events happen"),
        Command.Option(
          name: "--wait", kind: .flag, help: "where there are none, wait up to 25 s for some"),
        .agent,
        Command.Option(
          name: "--after", kind: .integer("N", 0...Int.max), help: "after event number N"),
        .limit,
      ], summary: "what happened in the daemon", run: EventsCommand.run),
    Command(
      words: ["config", "show"], summary: "each setting with its value and origin", run: config),
    Command(
      words: ["config", "check"],
      options: [
        Command.Option(
          name: "--config", kind: .text("FILE"),
          help: "that file, instead of the home's config.json")
      ], summary: "every problem of settings and policy at once; needs no daemon",
      run: ConfigCheck.run),
  ]

  private static func status(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    if let agent = call.optionalOperand(0) {
      let answer = try call.client().ask(.agentStatus, AgentStatusAnswer.self, ["id": agent])
      return call.answer(answer, AgentStatusReport.lines)
    }
    let answer = try call.client().ask(.status, StatusAnswer.self)
    return call.answer(answer) { status in
      [
        "kaizend \(status.version), \(status.isReady ? "ready" : "starting"), up "
          + Figures.span(seconds: status.uptimeSeconds)
          + ", process \(status.pid), uid \(status.uid)"
          + (status.rssMegabytes.map { ", \(Figures.megabytes($0))" } ?? ""),
        "home        \(status.home)",
        "socket      \(status.socket)",
        "agents      \(status.agents) attached, \(status.observed) observed",
        "components  \(components(status))",
        "records     \(status.records)",
        "runs        \(status.runs) under way, \(status.approvals) approvals pending",
        "sandbox     level \(status.level)" + (status.limits.map { ", limits by \($0)" } ?? ""),
      ] + freezes(status.freezes) + status.problems.map { "problem     \($0)" }
        + components(status.use)
    }
  }

  /// `17 ready, 1 unavailable`: those that can be called, and every other state that occurs.
  private static func components(_ status: StatusAnswer) -> String {
    var counts: [String: Int] = [:]
    for use in status.use where use.state != "ready" { counts[use.state, default: 0] += 1 }
    if status.disabled > 0 { counts["disabled"] = status.disabled }
    let others = counts.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
    return "\(status.components) ready" + others
  }

  /// The first of them, that of all agents before those of one.
  private static func freezes(_ all: [FreezeInfo]) -> [String] {
    let sorted = all.filter { $0.agent == nil } + all.filter { $0.agent != nil }
    let more = sorted.count - freezeCountMax
    return sorted.prefix(freezeCountMax).map { "frozen      \(UnattendedCommands.line($0))" }
      + (more > 0 ? ["frozen      and \(more) agents more"] : [])
  }

  /// Freezes shown in the status.
  private static let freezeCountMax = 5

  /// A table of the components; nothing where there are none.
  private static func components(_ uses: [ComponentUse]) -> [String] {
    var table = TextTable([
      "COMPONENT", "VERSION", "STATE", ">CALLS", ">FAILED", ">MEAN", ">P95", "LAST ERROR",
    ])
    for use in uses {
      table.add([
        use.id, use.version, use.state, "\(use.calls)", "\(use.failures)",
        Figures.milliseconds(use.meanMilliseconds), Figures.milliseconds(use.p95Milliseconds),
        use.lastError.map { String($0.prefix(errorLengthMax)) } ?? "",
      ])
    }
    return table.isEmpty ? [] : [""] + table.lines
  }

  /// Characters of an error in a table; `plugins show` has all of it.
  private static let errorLengthMax = 100

  private static func config(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(.config, ListAnswer<SettingInfo>.self)
    return call.answer(answer) { list in
      var table = TextTable(["SETTING", "VALUE", "ORIGIN"])
      for item in list.items {
        let origin = item.origin + (item.source.map { " (\($0))" } ?? "")
        let value = item.value.string ?? item.value.text()
        table.add([item.key, value.isEmpty ? "(none)" : value, origin])
      }
      return table.lines
    }
  }
}

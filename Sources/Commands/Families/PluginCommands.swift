internal import Control
internal import Model

/// `plugins …`: the components.
enum PluginCommands {
  static let all = [
    Command(
      words: ["plugins", "list"], options: [.limit],
      summary: "the components and whether each is ready", run: list),
    Command(
      words: ["plugins", "show"], operands: [.init(name: "ID")],
      summary: "one component: what it declares, its calls and its problems", run: show),
    Command(
      words: ["plugins", "enable"], operands: [.init(name: "ID")],
      summary: "let a component be called again",
      run: { call throws(KaizenError) in try setEnabled(call, .enablePlugin) }),
    Command(
      words: ["plugins", "disable"], operands: [.init(name: "ID")],
      summary: "call a component no more, also after a restart",
      run: { call throws(KaizenError) in try setEnabled(call, .disablePlugin) }),
    Command(
      words: ["plugins", "reload"], operands: [.init(name: "ID", isOptional: true)],
      summary: "read the manifests and bundles again, all or one component's", run: reload),
  ]

  private static func list(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .listPlugins, ListAnswer<ComponentInfo>.self, query: call.limitQuery)
    return call.answer(answer) { list in
      var table = TextTable([
        "COMPONENT", "KIND", "VERSION", "STATE", "PLACE", ">CALLS", ">FAILED", "NOTE",
      ])
      for item in list.items {
        table.add([
          item.id, item.kind, item.version, item.state, item.placement, "\(item.calls)",
          "\(item.failures)", note(item),
        ])
      }
      return table.lines + list.cutLines
    }
  }

  /// The beginning of what is wrong; `plugins show` has all of it.
  private static func note(_ item: ComponentInfo) -> String {
    let all = item.problems + item.guilty.map(\.finding) + item.warnings
    guard let said = all.first else { return "" }
    return said.count > noteLengthMax ? said.prefix(noteLengthMax) + "…" : said
  }

  /// Characters of a problem in a table.
  private static let noteLengthMax = 70

  private static func show(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(.showPlugin, ComponentInfo.self, ["id": call.operand(0)])
    return call.answer(answer) { item in
      var lines = [
        "\(item.id) \(item.version): \(item.kind), \(item.state)",
        "entry      \(item.entry), \(item.placement)",
        "manifest   \(item.manifest)",
        "calls      \(item.calls), \(item.failures) failed, mean "
          + Figures.milliseconds(item.meanMilliseconds) + ", p95 "
          + Figures.milliseconds(item.p95Milliseconds),
      ]
      if !item.emits.isEmpty { lines.append("emits      \(item.emits.joined(separator: ", "))") }
      if !item.handles.isEmpty {
        lines.append("handles    \(item.handles.joined(separator: ", "))")
      }
      if let risk = item.risk { lines.append("risk       \(risk)") }
      if let deadline = item.deadlineMilliseconds {
        lines.append("deadline   \(Figures.milliseconds(deadline))")
      }
      if let error = item.lastError { lines.append("last error \(error)") }
      return lines + item.problems.map { "problem    \($0)" }
        + item.guilty.map { "guilty     the \($0.culprit): \($0.finding); lift: \($0.liftedBy)" }
        + item.warnings.map { "warning    \($0)" }
    }
  }

  private static func setEnabled(
    _ call: Invocation, _ route: Route.ID
  ) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      route, ComponentInfo.self, ["id": call.operand(0)], body: [:])
    return call.answer(answer) { item in
      ["\(item.id) is \(item.state)"] + item.problems.map { "because \($0)" }
    }
  }

  private static func reload(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let client = try call.client()
    let answer: ControlClient.Answer<ReloadAnswer>
    if let id = call.optionalOperand(0) {
      answer = try client.ask(
        .reloadPlugin, ReloadAnswer.self, ["id": id], body: [:], timeout: .seconds(120))
    } else {
      answer = try client.ask(
        .reloadPlugins, ReloadAnswer.self, body: [:], timeout: .seconds(120))
    }
    return call.answer(answer) { reload in
      func line(_ name: String, _ ids: [String]) -> String {
        "\(name) \(ids.isEmpty ? "nothing" : ids.joined(separator: ", "))"
      }
      return [
        line("added", reload.added), line("changed", reload.changed),
        line("removed", reload.removed),
      ] + reload.problems.map { "problem: \($0)" }
    }
  }
}

internal import Control
internal import Glibc
internal import Linux
internal import Model

/// `agent …`: which agents there are.
enum AgentCommands {
  static let all = [
    Command(
      words: ["agent", "add"], operands: [.init(name: "PATH")],
      options: [
        .init(
          name: "--id", kind: .text("ID"), help: "the agent's id, instead of the folder's name"),
        attachOption,
      ], summary: "attach the files at PATH, and prove that their tests pass",
      notes:
        "Reads PATH/agent.json, else agents/ID/agent.json under Kaizen's home, which it writes if it is\n"
        + "not there, with tests as it finds them: look at it, and correct it. The folder itself\n"
        + "is left as it is, but for its state paths, and in mode managed for becoming a link to what is\n"
        + "live. Modes: directory (the folder is exchanged as a whole; the default, in a git work tree\n"
        + "too, where .git stays out of generations), managed (the path becomes a link to the live\n"
        + "generation). files and git are not in this version. What agent.json says holds as it was read:\n"
        + "after an edit of it, add the agent again, and it is read and its tests are proved anew.",
      run: add),
    Command(
      words: ["agent", "list"], options: [.limit], summary: "all agents, attached and observed",
      run: list),
    Command(
      words: ["agent", "show"], operands: [.agent()],
      summary: "one agent and its descriptor", run: show),
    Command(
      words: ["agent", "attach"], operands: [.agent(), .init(name: "PATH")],
      options: [attachOption],
      summary: "attach the files at PATH to an agent known from its feedback alone",
      notes: "As `agent add PATH --id AGENT`, for an agent that is observed.", run: attach),
    Command(
      words: ["agent", "set"], operands: [.agent()],
      options: [
        .init(
          name: "--autopilot", kind: .word("MODE", Autopilot.allCases.map(\.rawValue)),
          isRequired: true, help: "how far the continuous loop goes alone")
      ], summary: "set how far the continuous loop goes alone with an agent",
      notes:
        "off: not at all. observe: it analyzes. propose: it tries changes on clones, and a person\n"
        + "promotes them. auto: the policy decides. This goes before agent.json, and that before the\n"
        + "setting autopilot.mode.", run: set),
    Command(
      words: ["agent", "remove"], operands: [.agent()],
      summary: "forget an agent; its files stay as they are", run: remove),
  ]

  /// The tests of a base may take an hour.
  private static let addTimeout = Duration.seconds(3900)

  private static let attachOption = Command.Option(
    name: "--attach", kind: .word("MODE", ["directory", "managed", "files", "git"]),
    help: "how its files go live (directory)")

  private static func add(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    try add(call, path: call.operand(0), id: call.text("--id"))
  }

  /// Refuses an agent that nobody knows, so that a misspelt id does not become another agent.
  private static func attach(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let id = call.operand(0)
    let known = try call.client().ask(.showAgent, AgentInfo.self, ["id": id]).value
    guard known.isObserved else {
      throw KaizenError(
        "E_AGENT_EXISTS", "agent \"\(id)\" is attached at \(known.path ?? "its files")",
        hint: "remove it first: kaizen agent remove \(id)")
    }
    return try add(call, path: call.operand(1), id: id)
  }

  private static func add(
    _ call: Invocation, path: String, id: String?
  ) throws(KaizenError) -> ExitStatus {
    let path = Invocation.absolute(path)
    let resolved: String
    do {
      resolved = try Files.resolve(path)
    } catch {
      throw KaizenError(
        "E_PATH", "no folder at \(path): \(SystemError.text(error.code))",
        hint: path.unicodeScalars.contains("\u{FFFD}")
          ? "the path of an agent's folder must be UTF-8: rename what is not"
          : "give the path of the agent's folder")
    }
    let request = AgentAddRequest(
      path: resolved, id: id, attach: call.text("--attach"))
    let answer = try call.client().ask(
      .addAgent, AgentAddAnswer.self, body: request.json, timeout: addTimeout)
    return call.answer(answer) { added in
      let agent = added.agent
      var lines = [
        (added.wasKnown ? "read agent.json anew of " : "added ") + agent.id
          + (agent.path.map { " at \($0)" } ?? "")
          + (agent.generation.map { ", generation \($0)" } ?? ""),
        "sandbox level \(added.level)" + (added.limits.map { ", limits by \($0)" } ?? ""),
      ]
      // Without a report a warning says why: no test command, or one that cannot start.
      lines += added.tests.map(Evidence.lines) ?? []
      if let file = added.descriptorFile {
        let guess = added.guess.map { ", made from what is there: \($0)" } ?? ""
        lines += [
          "no agent.json in the folder; described by \(file)\(guess)",
          agent.descriptor.text(indent: 2),
          "edit it there: it is taken up by the next analysis",
        ]
      }
      return lines + warnings(added.warnings)
    }
  }

  /// The first of them: a folder with a thousand links warns of each.
  private static func warnings(_ all: [String]) -> [String] {
    let more = all.count - warningCountMax
    return all.prefix(warningCountMax).map { "warning: \($0)" }
      + (more > 0 ? ["… (\(more) warnings more; --json has them)"] : [])
  }

  /// Warnings shown of an addition.
  private static let warningCountMax = 20

  private static func list(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .listAgents, ListAnswer<AgentInfo>.self, query: call.limitQuery)
    return call.answer(answer) { list in
      if list.items.isEmpty { return ["no agents yet: kaizen agent add PATH"] }
      var table = TextTable(["AGENT", "ATTACHED", ">GENERATION", ">HEALTH", ">OPERATIONS", "PATH"])
      for agent in list.items {
        table.add([
          agent.id, agent.isObserved ? "observed" : agent.attach ?? "yes",
          Figures.count(agent.generation),
          Figures.score(agent.health) + (agent.isProvisional && agent.health != nil ? "*" : ""),
          "\(agent.operations)", agent.path ?? "-",
        ])
      }
      let isProvisional = list.items.contains { $0.isProvisional && $0.health != nil }
      return table.lines + (isProvisional ? ["* provisional: few operations"] : [])
        + list.cutLines
    }
  }

  private static func show(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(.showAgent, AgentInfo.self, ["id": call.operand(0)])
    return call.answer(answer) { agent in
      var lines = [
        "agent       \(agent.id)" + (agent.isObserved ? " (observed: no files)" : ""),
        "health      \(Figures.score(agent.health)) from \(agent.operations) operations in 7 days"
          + (agent.isProvisional ? ", provisional" : ""),
      ]
      if !agent.description.isEmpty { lines.append("does        \(agent.description)") }
      if let path = agent.path { lines.append("path        \(path)") }
      if let attach = agent.attach { lines.append("attached    \(attach)") }
      if let number = agent.generation { lines.append("generation  \(number)") }
      if let autopilot = agent.autopilot { lines.append("autopilot   \(autopilot)") }
      if let state = agent.state { lines.append("state       \(state)") }
      lines += agent.warnings.map { "warning     \($0)" }
      if agent.descriptor != .null { lines += ["", agent.descriptor.text(indent: 2)] }
      return lines
    }
  }

  private static func set(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    guard let mode = call.text("--autopilot").flatMap(Autopilot.init) else {
      throw KaizenError(
        "E_USAGE", "agent set: what to set is missing",
        hint: "usage: \(HelpText.usage(call.command))")
    }
    let answer = try call.client().ask(
      .setAutopilot, AgentStatusAnswer.self, ["id": call.operand(0)],
      body: AutopilotRequest(autopilot: mode).json)
    return call.answer(answer) { ["\($0.agent): autopilot \($0.autopilot)"] }
  }

  private static func remove(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    let answer = try call.client().ask(
      .removeAgent, RemovedAnswer.self, ["id": call.operand(0)], timeout: .seconds(120))
    return call.answer(answer) { ["removed \($0.id)", $0.message] }
  }
}

import Glibc
import Linux
import Model
import Sandbox
import Workspace

/// Runs an agent's own commands: its tests on a clone, its health and reload on what is live.
struct AgentCommands: Sendable {
  let confiner: Confiner
  let agent: AgentRecord
  let layout: AgentLayout
  /// Where the live files are: the agent's path, or where its link leads.
  let livePath: @Sendable () -> String
  /// Bytes kept of what a command prints.
  let outputBytesMax: Int
  /// Ends a command early where the run it belongs to is cancelled.
  var stop: StopToken?

  /// Runs the agent's tests on the tree at `path`, shown at the agent's own path.
  ///
  /// They run on a throw-away overlay: what they write reaches neither the clone nor the live files.
  /// State paths are empty private directories, shared ones are there read-only.
  func test(treeAt path: String) throws(KaizenError) -> TestReport {
    guard let command = agent.descriptor.test else {
      return TestReport(ending: .absent, cases: [], duration: .zero, output: "")
    }
    let outcome = try run(
      command, tree: Confinement.Tree(path, at: layout.root, access: .throwaway),
      stateAccess: .empty)
    let streams = [outcome.stdout, outcome.stderr]
    let end = tail(streams.map { $0.end(outputBytesMax) }.joined())
    // Cases that nobody saw are no cases that are missing: then only the exit status counts.
    if streams.contains(where: \.isCut) {
      let count = streams.reduce(0) { $0 + $1.totalBytes }
      return TestReport(
        ending: Self.ending(outcome.status), cases: [], duration: outcome.duration,
        output:
          "[\(count) bytes were printed, too many to read the cases: the exit status decides]\n"
          + end, isOutputCut: true)
    }
    return TestReport(
      ending: Self.ending(outcome.status),
      cases: TestOutput.cases(in: streams.map(\.text).joined()), duration: outcome.duration,
      output: end)
  }

  /// Asks the health command about the live tree; nil where all is well or nobody can say.
  func healthProblem() throws(KaizenError) -> String? {
    guard let command = agent.descriptor.health else { return nil }
    let outcome = try run(
      command, tree: Confinement.Tree(livePath(), at: layout.root, access: .readOnly),
      stateAccess: .readOnly)
    if outcome.succeeded { return nil }
    let said = Self.lastLines(outcome.stderr.bytes.isEmpty ? outcome.stdout : outcome.stderr)
    return "the health command ended with \(Self.ending(outcome.status).words)\(said)"
  }

  /// Tells a running agent that its files are new; nil where that worked or there is no such command.
  func reloadProblem() throws(KaizenError) -> String? {
    agent.descriptor.reload.flatMap {
      ReloadCommand(command: $0, root: layout.root, tree: livePath()).problem()
    }
  }

  private func run(
    _ command: AgentDescriptor.Command, tree: Confinement.Tree,
    stateAccess: Confinement.Access
  ) throws(KaizenError) -> CommandOutcome {
    var limits = Confinement.Limits()
    if let megabytes = command.needs.memoryMegabytes { limits.memoryBytes = megabytes << 20 }
    if let processes = command.needs.processes { limits.processes = processes }
    var confinement = Confinement(
      trees: [tree] + stateTrees(stateAccess) + sharedTrees(), readPaths: command.needs.read,
      pathDirectories: command.needs.path,
      environment: Self.environment(command.needs.environment), workingDirectory: layout.root,
      limits: limits)
    confinement.readPaths += try InterpreterFinder.readPaths(for: command.words, confinement)
    try stop?.check()
    let outcome = try confiner.run(
      command.words, confinement, timeout: command.timeout, stop: stop)
    // What was ended says nothing of the tree it ran on.
    try stop?.check()
    return outcome
  }

  /// The clone's state links lead into the store: something must be there.
  private func stateTrees(_ access: Confinement.Access) -> [Confinement.Tree] {
    if agent.descriptor.state.isEmpty { return [] }
    var trees = [Confinement.Tree(layout.state, access: access)]
    if access == .empty {
      for path in agent.descriptor.state.map({ layout.state(of: $0) })
      where Files.isDirectory(path) {
        trees.append(Confinement.Tree(path, access: access))
      }
    }
    return trees
  }

  private func sharedTrees() -> [Confinement.Tree] {
    agent.descriptor.shared.filter { Files.exists(layout.root + "/" + $0) }.map {
      Confinement.Tree(livePath() + "/" + $0, at: layout.root + "/" + $0, access: .readOnly)
    }
  }

  private static func environment(_ names: [String]) -> [String: String] {
    var values: [String: String] = [:]
    for name in names {
      if let value = getenv(name) { values[name] = String(cString: value) }
    }
    return values
  }

  private static func ending(_ status: ConfinedEnd.Status) -> TestReport.Ending {
    switch status {
    case .exited(let code): .exited(code)
    case .signaled(let signal): .signaled(signal)
    case .timedOut: .timedOut
    case .stopped: .signaled(SIGKILL)
    }
  }

  private func tail(_ text: String) -> String {
    text.utf8.count <= outputBytesMax
      ? text : "…" + String(decoding: text.utf8.suffix(outputBytesMax), as: UTF8.self)
  }

  /// The last lines of what a command said, to end a sentence with.
  private static func lastLines(_ output: CappedOutput) -> String {
    let lines = output.end(4096).split(separator: "\n").suffix(3)
    return lines.isEmpty ? "" : ": " + lines.joined(separator: " / ").prefix(500)
  }
}

extension AgentRecord {
  /// What to do about tests that fail as a whole, to end a sentence with.
  func adviceOnTests(_ report: TestReport) -> String {
    let command = (descriptor.test?.words ?? []).joined(separator: " ")
    let limit = descriptor.test?.timeout.milliseconds ?? 0
    return report.ending == .timedOut
      ? "make `\(command)` end within its \(limit / 1000) s, or raise test.timeout_s in agent.json"
      : "make `\(command)` pass in \(root), and name in test.needs what it lacks in the sandbox"
  }
}

extension TestReport.Ending {
  /// The ending within a sentence.
  var words: String {
    switch self {
    case .exited(let code): "status \(code)"
    case .signaled(let signal): "signal \(signal)"
    case .timedOut: "a time-out"
    case .absent: "nothing"
    }
  }
}

internal import Control
internal import Glibc
internal import Linux
internal import Model

/// `exec`: runs a command as if Kaizen were not there, and records how it went.
enum ExecCommand {
  static let all = [
    Command(
      words: ["exec"],
      operands: [.init(name: "AGENT"), .init(name: "CMD", isRest: true)],
      summary: "run a command transparently, and record how it went",
      notes: """
        Where the shell's folder was switched meanwhile, the command starts in what is live there.
        Stdin, terminal, signals, working directory and exit status are the command's own. The
        record has success by exit status, duration, peak memory, CPU and, of a failure, the last
        lines of stderr. Those are read where stderr is no terminal: from the file it goes to, or
        from a pipe on the way; a terminal is left to the command, and nothing is read.
        The command finds KAIZEN_AGENT, KAIZEN_OPERATION_ID and KAIZEN_GENERATION in its environment.
        Where the daemon is down the command runs all the same, and its record waits in the spool.
        Kaizen's own failures: 125 itself, 126 the command cannot be run, 127 it was not found.
        """, run: run)
  ]

  private static func run(_ call: Invocation) throws(KaizenError) -> ExitStatus {
    guard let agent = AgentID(call.operand(0)) else {
      throw KaizenError(
        "E_BAD_REQUEST", "\"\(call.operand(0))\" is no agent id", hint: "it is \(Identifier.form)")
    }
    let words = Array(call.arguments.operands.dropFirst())
    guard let program = words.first, !program.isEmpty else {
      throw KaizenError(
        "E_USAGE", "exec: CMD is missing", hint: "usage: kaizen exec AGENT -- CMD...")
    }
    var client = try call.client()
    client.onWaiting = nil
    let recorder = OperationRecorder(agent: agent, client: client, layout: try call.layout())
    let generation = recorder.begin()

    enterLiveDirectory(call, agent)
    let changes: [String: String?] = [
      "KAIZEN_AGENT": agent.text, "KAIZEN_OPERATION_ID": recorder.operation,
      "KAIZEN_GENERATION": generation.map(String.init),
    ]
    let outcome = try WrappedChild(
      words, changing: changes, pipeWasIgnored: call.pipeWasIgnored
    ).run()

    if let remark = recorder.end(program: program, outcome, generation) {
      call.terminal.remark("kaizen: \(remark)")
    }
    return status(of: outcome, program, call.terminal)
  }

  /// A shell that stood in the agent's folder when it was switched stands in the old generation,
  /// which lies in the store by now: the command starts where the shell's path leads.
  ///
  /// Any other working directory is the caller's own choice, whatever PWD says.
  private static func enterLiveDirectory(_ call: Invocation, _ agent: AgentID) {
    guard let path = call.environment["PWD"], path.hasPrefix("/"), let here = getcwd(nil, 0) else {
      return
    }
    defer { free(here) }
    let isStored = String(cString: here).contains("/\(agent)/generations/")
    if !isStored || path.contains("/\(agent)/generations/") { return }
    // A managed agent's live tree lies in the store as well: then both are one folder.
    var (shell, live) = (stat(), stat())
    if stat(".", &shell) == 0, stat(path, &live) == 0, shell.st_ino == live.st_ino,
      shell.st_dev == live.st_dev
    {
      return
    }
    if chdir(path) == 0 {
      call.terminal.remark("kaizen: \(path) was switched meanwhile; running in what is live there")
    }
  }

  private static func status(
    of outcome: WrappedChild.Outcome, _ program: String, _ terminal: Terminal
  ) -> ExitStatus {
    switch outcome.ending {
    case .exited(let code): return ExitStatus(rawValue: code)
    case .signaled(let signal):
      // Whoever waits sees the same death; where this process cannot die, the shell's number.
      SignalQueue.die(of: signal)
      return ExitStatus(rawValue: 128 + signal)
    case .notStarted(let code):
      terminal.remark("kaizen: cannot run \(program): \(SystemError.text(code))")
      return code == ENOENT ? .execMissing : .execRefused
    }
  }
}

internal import Control
internal import Glibc
internal import Linux
internal import Model

/// The program `kaizen`, as a function.
public enum Program {
  /// What it is.
  public static let version = "0.1.0"

  /// Runs one command line, without the program's name, and returns the status to exit with.
  public static func run(_ words: [String], environment: [String: String]) -> Int32 {
    let pipeWasIgnored = SignalQueue.isIgnored(SIGPIPE)
    signal(SIGPIPE, SIG_IGN)
    let terminal = Terminal()
    let isExec = words.first { !$0.hasPrefix("-") } == "exec"
    do throws(KaizenError) {
      switch try ArgumentParser(commands: CommandTable.all).parse(words) {
      case .help(let topic): terminal.write(HelpText.text(on: topic, CommandTable.all))
      case .version: terminal.write("kaizen \(version)\n")
      case .run(let command, let arguments):
        let invocation = Invocation(
          command: command, arguments: arguments, environment: environment, terminal: terminal,
          pipeWasIgnored: pipeWasIgnored)
        let status = try command.run(invocation)
        if isExec { return status.rawValue }
        try requireWritten(terminal)
        return status.rawValue
      }
      try requireWritten(terminal)
      return ExitStatus.done.rawValue
    } catch {
      report(error, isJSON: words.contains("--json") && !isExec, terminal)
      return isExec ? ExitStatus.execFailed.rawValue : status(of: error).rawValue
    }
  }

  /// An answer that is lost is no answer, whatever was done.
  private static func requireWritten(_ terminal: Terminal) throws(KaizenError) {
    guard let failure = terminal.writeFailure else { return }
    throw KaizenError(
      "E_OUTPUT", "the answer could not be written: \(SystemError.text(failure.code))",
      hint: "what was asked for is done; ask for its outcome once stdout can be written")
  }

  /// The environment of this process.
  public static func environment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return result
  }

  private static func status(of error: KaizenError) -> ExitStatus {
    switch error.code {
    case "E_USAGE": .usage
    case "E_UNREACHABLE", "E_TIMEOUT": .unreachable
    default: .failed
    }
  }

  private static func report(_ error: KaizenError, isJSON: Bool, _ terminal: Terminal) {
    if isJSON { terminal.write(ErrorAnswer(error).json.text() + "\n") }
    terminal.remark("kaizen: \(error.message)")
    if let hint = error.hint { terminal.remark("  \(hint)") }
  }
}

internal import Control
internal import Glibc
internal import Linux
internal import Model

/// One command as it was called, and what it needs to do its work.
struct Invocation: Sendable {
  let command: Command
  let arguments: Arguments
  let environment: [String: String]
  let terminal: Terminal
  /// Whether a broken pipe was ignored already when this process started.
  var pipeWasIgnored = false

  var isJSON: Bool { arguments.has("--json") }

  func operand(_ index: Int) -> String { arguments.operands[index] }

  func optionalOperand(_ index: Int) -> String? {
    arguments.operands.indices.contains(index) ? arguments.operands[index] : nil
  }

  func text(_ option: String) -> String? { arguments.options[option] }

  func has(_ option: String) -> Bool { arguments.has(option) }

  func integer(_ option: String) -> Int? { text(option).flatMap(Int.init) }

  /// The seconds of an option that is a time.
  func seconds(_ option: String) -> Int? { text(option).flatMap(Command.Option.seconds) }

  func number(_ option: String) -> Double? { text(option).flatMap(Double.init) }

  /// The parameter that `--limit` stands for; none where it is not given.
  var limitQuery: [(name: String, value: String)] {
    text("--limit").map { [("limit", $0)] } ?? []
  }

  /// Where Kaizen keeps its files.
  func layout() throws(KaizenError) -> HomeLayout {
    try HomeLayout.find(home: text("--home").map(Self.absolute), environment: environment)
  }

  /// Asks the daemon of this home, and shows on stderr that it takes long where it does.
  func client() throws(KaizenError) -> ControlClient {
    let layout = try layout()
    let home = text("--home").map(Self.absolute) ?? environment["KAIZEN_HOME"]
    let terminal = terminal
    let what = ([command.name] + arguments.operands.prefix(1)).joined(separator: " ")
    return ControlClient(
      socketPath: layout.socket, homeHint: home.map { " --home \($0)" } ?? "",
      onWaiting: { seconds in
        if let seconds { terminal.showWaiting(seconds, for: what) } else { terminal.endWaiting() }
      })
  }

  /// Writes an answer: as it came where JSON was asked for, else as `lines`.
  func answer<Value>(
    _ answer: ControlClient.Answer<Value>, _ lines: (Value) -> [String]
  ) -> ExitStatus {
    if isJSON {
      terminal.write(answer.json.text() + "\n")
    } else {
      terminal.write(lines: lines(answer.value))
      for broken in answer.json["degraded"]?.array ?? [] { terminal.remark(Self.gap(broken)) }
    }
    return .done
  }

  /// What an answer lacks because a database is broken.
  private static func gap(_ broken: JSONValue) -> String {
    let name = broken["database"]?.string ?? "a database"
    let until = broken["missing_until"]?.string ?? "now"
    let span = broken["missing_from"]?.string.map { "what came from \($0) until \(until)" }
    return "kaizen: \(name) is broken and read from \(span == nil ? "nothing" : "its backup"): "
      + "\(span ?? "everything before \(until)") is missing; see kaizen status"
  }

  /// A path as the daemon needs it, which has another working directory.
  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}

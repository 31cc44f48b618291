internal import Glibc
internal import Linux
import Model

/// A program to start in a sandbox: the component's own command, or a worker with its library.
struct ProgramPlan: Sendable {
  /// One tree and where the sandbox shows it.
  struct Place: Hashable, Sendable {
    /// The path on disk.
    var source: String
    /// The path in the sandbox.
    var at: String
    /// Whether the program may change it.
    var isWritable: Bool
  }

  /// The program and its arguments.
  var words: [String]
  /// Where it starts, in the sandbox.
  var directory: String
  /// What it sees besides the system.
  var places: [Place]
  /// Its environment besides the sandbox's own.
  var environment: [String: String]
  /// What its manifest asks for.
  var needs: Needs
  /// Its descriptors, number in the program → number here.
  var descriptors: [Int32: Int32]
  /// When it is ended whatever happens: later than any deadline of its component.
  var timeout: Duration?
}

/// Starts programs confined.
protocol ProgramStarter: Sendable {
  /// Starts `plan`; returns before the program is known to run.
  func start(_ plan: ProgramPlan) throws(KaizenError) -> any RunningProgram
}

/// A program in its sandbox.
protocol RunningProgram: Sendable {
  /// Ends it and everything it started; returns at once, nobody has to wait.
  func kill()
  /// How it ended, with nothing of it left; nil where it has not within `timeout`.
  func end(within timeout: Duration) -> ProgramEnd?
}

/// How a program ended.
enum ProgramEnd: Hashable, Sendable {
  /// By exit, with that status.
  case exited(Int32)
  /// By a signal of its own doing.
  case signaled(Int32)
  /// By the sandbox: its time was up, or somebody killed it from outside.
  case ended
  /// It never ran: the sandbox or the program could not be set up.
  case failed(KaizenError)
}

extension ProgramEnd {
  /// `SIGSEGV` for 11.
  static func signalName(_ signal: Int32) -> String {
    sigabbrev_np(signal).map { "SIG" + String(cString: $0) } ?? "signal \(signal)"
  }

  /// The error of a component whose process ended when it should not have.
  func error(
    component: ComponentID, when: String, needs: Needs, lastWords: String
  ) -> KaizenError {
    let words = lastWords.isEmpty ? "" : "; its last words: \(lastWords)"
    switch self {
    case .failed(let error): return error
    case .exited(let status):
      return KaizenError(
        "E_PLUGIN_EXITED",
        "component \"\(component)\" ended its process with status \(status) \(when)\(words)",
        hint: "a library must return, never call exit")
    case .signaled(let signal):
      let memory = needs.memoryMegabytes.map { " of \($0) MiB" } ?? ""
      return KaizenError(
        "E_PLUGIN_CRASHED",
        "component \"\(component)\" crashed by \(Self.signalName(signal)) \(when)\(words)",
        hint: signal == SIGKILL
          ? "perhaps it needs more than its memory limit\(memory)"
          : "correct the component; the daemon and the others are untouched")
    case .ended:
      return KaizenError(
        "E_PLUGIN_CRASHED",
        "component \"\(component)\" was killed from outside \(when)\(words)",
        hint: "perhaps the system ran out of memory; see the kernel's log")
    }
  }
}

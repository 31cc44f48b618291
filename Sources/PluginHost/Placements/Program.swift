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
  /// The agent's files, which belong to the program as they do to the agent.
  var places: [Place]
  /// Paths of the daemon's own that it sees where they are, read-only: its bundle.
  var readable: [String]
  /// Its environment besides the sandbox's own.
  var environment: [String: String]
  /// What its manifest asks for.
  var needs: Needs
  /// Its descriptors, number in the program → number here; else it has /dev/null.
  var descriptors: [Int32: Int32]
}

/// Starts programs confined.
protocol ProgramStarter: Sendable {
  /// Starts `plan`; returns when the program itself runs.
  func start(_ plan: ProgramPlan) throws(KaizenError) -> any RunningProgram
}

/// A program in its sandbox.
protocol RunningProgram: Sendable {
  /// Ends it and everything it started; returns at once, nobody has to wait.
  func kill()
  /// How it ended, with nothing of it left; nil where it has not within `timeout`.
  func end(within timeout: Duration) -> ProgramEnd?
  /// What it had used when it had ended; nil before, and where nobody counted.
  var usage: ProgramUsage? { get }
}

extension RunningProgram {
  /// Nobody counts, unless the sandbox does.
  var usage: ProgramUsage? { nil }
}

/// What a program used.
struct ProgramUsage: Hashable, Sendable {
  /// User and system time of all its threads.
  var processorTime: Duration
  /// The most memory it had at once.
  var peakMemoryBytes: Int
}

/// How a program ended.
enum ProgramEnd: Hashable, Sendable {
  /// By exit, with that status.
  case exited(Int32)
  /// By a signal of its own doing.
  case signaled(Int32)
  /// By the kernel, for want of memory within its limit.
  case outOfMemory
  /// By the sandbox, because it was told to.
  case stopped
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
    case .exited(let status):
      return KaizenError(
        "E_PLUGIN_EXITED",
        "component \"\(component)\" ended its process with status \(status) \(when)\(words)",
        hint: "a library must return, never call exit")
    case .signaled(let signal):
      return KaizenError(
        "E_PLUGIN_CRASHED",
        "component \"\(component)\" crashed by \(Self.signalName(signal)) \(when)\(words)",
        hint: "correct the component; the daemon and the others are untouched")
    case .outOfMemory:
      let limit = needs.memoryMegabytes.map { "\($0) MiB" } ?? "the default"
      return KaizenError(
        "E_PLUGIN_CRASHED",
        "component \"\(component)\" was killed for want of memory \(when), its limit is "
          + "\(limit)\(words)",
        hint: "raise \"needs\": {\"memory_mb\"} in its manifest, or have it use less")
    case .stopped:
      return KaizenError(
        "E_PLUGIN_CRASHED", "component \"\(component)\" was stopped \(when)\(words)",
        hint: "ask again; the daemon may be shutting down")
    }
  }
}

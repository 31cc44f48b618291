internal import Glibc
internal import Linux
internal import Model

/// A child between its caller and itself: signals go to it, its stderr goes on to the caller's.
struct WrappedChild {
  /// How it ended, and what it used.
  struct Outcome {
    enum Ending: Hashable {
      case exited(Int32)
      case signaled(Int32)
      /// It could not be started; the value of errno.
      case notStarted(Int32)
    }

    var ending: Ending
    var duration: Duration
    var processorTime = Duration.zero
    var peakMemoryBytes = 0
    /// The last bytes of its stderr, as far as they could be seen.
    var errorTail: [UInt8] = []
  }

  /// Signals that somebody may send to this process and mean the command.
  private static let forwarded = [
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCONT,
  ]

  private let words: [String]
  private let environment: [[UInt8]]
  private let pipeWasIgnored: Bool

  /// A command of these words, the last ones that this process was started with.
  /// - Parameter changes: variables of the environment that the child has otherwise than this process.
  init(_ words: [String], changing changes: [String: String?], pipeWasIgnored: Bool) {
    self.words = words
    environment = ExactStrings.environment(changing: changes)
    self.pipeWasIgnored = pipeWasIgnored
  }

  /// The words as bytes; nil where this process was started with others, and they are text.
  private var exactWords: [[UInt8]]? {
    guard let exact = ExactStrings.arguments(last: words.count),
      exact.map({ String(decoding: $0, as: UTF8.self) }) == words
    else { return nil }
    return exact
  }

  /// Runs it to its end.
  /// - Throws: `E_IO` where this process itself lacks something, such as descriptors.
  func run() throws(KaizenError) -> Outcome {
    do {
      return try runToEnd()
    } catch {
      throw KaizenError("E_IO", "cannot run \(words[0]): \(error)")
    }
  }

  private func runToEnd() throws(SystemError) -> Outcome {
    let signals = try SignalQueue(Self.forwarded)
    let tap = try ErrorTap()
    let began = Clock.monotonic()
    let child: ChildProcess
    do {
      // This process ignores broken pipes for its own sake only.
      child = try ChildProcess(
        ChildCommand(
          words: words, descriptors: tap.childDescriptors,
          inherited: ChildCommand.Inherited(
            mask: signals.originalMask, defaults: SignalSet(pipeWasIgnored ? [] : [SIGPIPE]),
            exactWords: exactWords, exactEnvironment: environment)))
    } catch {
      guard error.call == "posix_spawn" else { throw error }
      return Outcome(
        ending: .notStarted(error.code), duration: Clock.monotonic() - began,
        errorTail: Array(SystemError.text(error.code).utf8))
    }
    tap.childHasStarted()
    while true {
      var interests = [
        Poll.Interest(child.pidDescriptor, .read), Poll.Interest(signals.raw, .read),
      ]
      interests += tap.interests
      try Poll.wait(&interests, timeout: nil)
      while let arrival = try signals.next() {
        // What a terminal sends goes to its whole foreground: the child has it already.
        if !arrival.isFromKernel { try child.signal(arrival.number) }
      }
      tap.relay(Array(interests[2...]))
      if !interests[0].ready.isEmpty { break }
    }
    guard let exit = try child.wait() else { throw SystemError("wait4", code: ECHILD) }
    let duration = Clock.monotonic() - began
    tap.finish()
    return Outcome(
      ending: exit.status.ending, duration: duration,
      processorTime: exit.userTime + exit.systemTime, peakMemoryBytes: exit.peakMemoryBytes,
      errorTail: tap.tail)
  }
}

extension ChildExit.Status {
  fileprivate var ending: WrappedChild.Outcome.Ending {
    switch self {
    case .exited(let code): .exited(code)
    case .signaled(let signal): .signaled(signal)
    }
  }
}

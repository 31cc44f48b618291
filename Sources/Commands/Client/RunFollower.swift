internal import Control
internal import Glibc
internal import Linux
internal import Model

/// Follows a run to its end, with its progress on stderr where a person watches.
struct RunFollower {
  private let call: Invocation

  /// How long one request waits for news.
  private static let waitMilliseconds = 20_000

  init(_ call: Invocation) { self.call = call }

  /// Follows the run that `first` began, prints its end, and says how the command ends.
  func follow(
    _ first: ControlClient.Answer<RunInfo>, wanted: Verdict?
  ) throws(KaizenError) -> ExitStatus {
    // Ctrl-C is taken as data, so that it ends the waiting and not the command in mid-line. Where
    // that cannot be had, it ends the command; the run goes on either way.
    let signals = try? SignalQueue([SIGINT])
    var client = try call.client()
    client.interrupt = signals?.raw
    var answer = first
    var shown = 0
    do throws(KaizenError) {
      while true {
        for line in answer.value.progress.dropFirst(shown) { call.terminal.hint("  \(line)") }
        shown = answer.value.progress.count
        if answer.value.state == .done { break }
        answer = try client.ask(
          .showRun, RunInfo.self, ["id": first.value.id],
          query: [("after", "\(shown)"), ("wait_ms", "\(Self.waitMilliseconds)")],
          timeout: .milliseconds(Self.waitMilliseconds) + .seconds(30))
      }
    } catch {
      guard error.code == "E_DETACHED" else { throw error }
      call.terminal.remark(
        "\nno longer waiting; the run goes on: kaizen history \(first.value.agent)")
      return ExitStatus(rawValue: 128 + SIGINT)
    }
    let status = call.answer(answer, PlanReport.lines)
    guard let wanted, answer.value.verdict != wanted else { return status }
    let found = answer.value.verdict?.rawValue ?? "none"
    call.terminal.remark("kaizen: the verdict is \(found), not \(wanted.rawValue)")
    return .otherVerdict
  }
}

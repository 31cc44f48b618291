import BenchmarkHarness
import Glibc
import Linux
import Model
import NoopRig
import PluginHost

/// Every figure of this benchmark, in its order: a bundle is copied over the one before, again and
/// again, while threads call its component without a rest.
struct ReloadFigures {
  private static let replacementCountDefault = 100
  /// Spans without a replacement, to compare with; a few at the start.
  private static let quietCountMax = 61
  private static let callerCount = 2
  /// Answers of the new version that still belong to a replacement.
  private static let answerCount = 20
  /// As long as a replacement takes, from the copy to its last answer.
  private static let quietMicroseconds: UInt32 = 250_000
  /// What is not there within this will not come.
  private static let patience: Duration = .seconds(20)
  /// What was dropped in is live within so many milliseconds.
  private static let liveBar = 1000.0
  private static let memorySlack = 1_000_000.0

  private let report: Report
  private let rig: NoopHost
  private let watch: BundleWatch
  /// When changes were told of, on the monotonic clock.
  private let changes: Condition<[Duration]>

  static func print() throws {
    let report = Report("reload")
    report.machine()
    let figures = try ReloadFigures(report)
    defer { figures.watch.stop() }
    try figures.underLoad()
  }

  private init(_ report: Report) throws {
    self.report = report
    rig = try NoopHost(.bundle)
    let changes = Condition<[Duration]>([])
    self.changes = changes
    watch = try BundleWatch(rig.host) { event in
      guard case .changed(let change) = event, change.changed == ["noop"] else { return }
      changes.update { $0.append(Clock.monotonic()) }
    }
  }

  private func underLoad() throws {
    let wanted =
      getenv("KAIZEN_REPLACEMENTS").flatMap { Int(String(cString: $0)) }
      ?? Self.replacementCountDefault
    let count = max(Samples.countMin, wanted)
    let callers = try Callers(count: Self.callerCount, rig, try rig.input())
    var quiet: [Double] = []
    var pauses: [Double] = []
    var lives: [Double] = []
    var before = 0
    for number in 1...count {
      if number <= Self.quietCountMax { quiet.append(quietPause(callers)) }
      let (pause, live) = try replace(number, callers)
      pauses.append(pause)
      lives.append(live)
      if number == Samples.countMin { before = try descriptors() }
    }
    let after = try descriptors()
    let tally = callers.stop()
    if let first = tally.lost.first { complain(first) }
    figures(Samples(pauses), Samples(lives), Samples(quiet))
    report.state("replacements", Double(count), .count)
    report.state("calls_answered", Double(tally.answeredCount), .count)
    report.state("calls_lost", Double(tally.lost.count), .count, bar: 0)
    report.state(
      "host_descriptors", Double(after), .count, bar: Double(before + 8),
      against: (Double(before), "the same after the first \(Samples.countMin) replacements"))
  }

  private func figures(_ pauses: Samples, _ lives: Samples, _ quiet: Samples) {
    report.figure(
      "gap", pauses, .milliseconds,
      against: Report.Reference(
        quiet, "the longest time without an answer in 250 ms without a replacement"))
    report.figure("live_after_copy", lives, .milliseconds, bar: Self.liveBar)
  }

  private func quietPause(_ callers: Callers) -> Double {
    _ = callers.takePause()
    usleep(Self.quietMicroseconds)
    return Double(callers.takePause().nanoseconds)
  }

  /// One replacement: the longest time without an answer, and how long until it was live.
  private func replace(_ number: Int, _ callers: Callers) throws -> (pause: Double, live: Double) {
    changes.update { $0 = [] }
    _ = callers.takePause()
    try rig.replaceBundle(number: number)
    let copied = Clock.monotonic()
    guard let live = changes.wait(timeout: Self.patience, until: { $0.first }) else {
      throw BenchmarkFailure("replacement \(number) was not taken up within \(Self.patience)")
    }
    if !callers.awaitAnswers(Self.answerCount, timeout: Self.patience) {
      throw BenchmarkFailure("no answers after replacement \(number)")
    }
    return (
      Double(callers.takePause().nanoseconds), Double((live - copied).nanoseconds)
    )
  }

  private func descriptors() throws -> Int { try ProcessFigures.descriptorCount(of: getpid()) }

  private func complain(_ lost: String) {
    let text = "bench-reload: a call was lost: \(lost)\n"
    _ = Glibc.write(STDERR_FILENO, text, text.utf8.count)
  }
}

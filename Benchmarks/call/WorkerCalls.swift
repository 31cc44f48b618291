import BenchmarkHarness
import Glibc
import Linux
import NoopRig
import PluginHost

/// Calls of an analyzer in a worker, confined as the daemon confines it.
struct WorkerCalls {
  private static let callCount = 2001
  private static let idleCallCount = 101
  private static let startCount = 61
  /// Long enough for both processes, and their CPUs, to have gone to sleep.
  private static let idleMicroseconds: UInt32 = 10_000
  /// In microseconds.
  private static let idleBar = 60.0
  /// In milliseconds.
  private static let startBar = 10.0

  private let report: Report
  private let rig: NoopHost
  private let bare: RoundTrip

  init(_ report: Report) throws {
    self.report = report
    rig = try NoopHost(.worker)
    bare = try RoundTrip()
  }

  private var floor: String { "a bare round trip over SOCK_SEQPACKET between two processes" }

  /// One call after the other, in a worker that is kept.
  /// - Parameter bar: in microseconds.
  func roundTrips(_ metric: String, bar: Double) throws {
    try calls(metric, count: Self.callCount, bar: bar) {}
  }

  /// Calls with a pause before each.
  func afterIdling() throws {
    try calls("worker_after_idling", count: Self.idleCallCount, bar: Self.idleBar) {
      usleep(Self.idleMicroseconds)
    }
  }

  private func calls(
    _ metric: String, count: Int, bar: Double?, _ before: @escaping () -> Void
  ) throws {
    let input = try rig.input()
    let samples = try Samples.inTurn(
      count: count, warmUpCount: count / 10,
      [
        {
          before()
          return try Samples.nanoseconds { try bare.run() }
        },
        {
          before()
          return try Samples.nanoseconds { _ = try rig.host.analyze(rig.component, input) }
        },
      ])
    report.figure(
      metric, samples[1], .microseconds, bar: bar, against: Report.Reference(samples[0], floor))
  }

  /// From nothing to the first result: sandbox, process, library, call.
  func starts() throws {
    let crash = try rig.input(agent: "crash")
    let alone = try rig.input()
    let withFiles = try rig.input(hasFiles: true)
    let samples = try Samples.inTurn(
      count: Self.startCount, warmUpCount: 5,
      [
        { try Samples.nanoseconds(Self.startBare) },
        {
          try Samples.nanoseconds { _ = try rig.host.analyze(rig.component, withFiles) }
        },
        {
          if (try? rig.host.analyze(rig.component, crash)) != nil {  // its error is the point
            throw BenchmarkFailure("the analyzer was to crash")
          }
          return try Samples.nanoseconds { _ = try rig.host.analyze(rig.component, alone) }
        },
      ])
    let floor = Report.Reference(samples[0], "posix_spawn of true(1) until its end is known")
    report.figure(
      "worker_with_files", samples[1], .milliseconds, bar: Self.startBar, against: floor)
    report.figure(
      "respawn_after_crash", samples[2], .milliseconds, bar: Self.startBar, against: floor)
  }

  private static func startBare() throws {
    let end = try ChildProcess(ChildCommand(words: ["/bin/true"])).wait()
    if end?.status != .exited(0) { throw BenchmarkFailure("true(1) failed") }
  }
}

import BenchmarkHarness
import Glibc
import Linux
import TestSupport

/// Every figure of this benchmark, in its order.
enum ExecFigures {
  /// In milliseconds.
  private static let bar = 10.0
  /// More than elsewhere: starts of processes scatter.
  private static let sampleCount = 101
  private static let command = "/bin/true"

  static func print() throws {
    let report = Report("exec")
    let (up, down) = (try DaemonUnderTest(), try DaemonUnderTest())
    report.machine(fileSystemOf: up.home)
    try up.start()
    let kaizen = try BuildProducts.path("kaizen")
    func wrapped(_ daemon: DaemonUnderTest) -> [String] {
      [kaizen, "--home", daemon.home, "exec", "bench", "--", command]
    }
    var over: [[Double]] = [[], []]
    let samples = try Samples.inTurn(
      count: sampleCount, warmUpCount: 5,
      [
        { try run([command]) }, { try run(wrapped(up)) }, { try run(wrapped(down)) },
      ])
    // The difference is taken round by round: what disturbs a round disturbs all three.
    for _ in 0..<sampleCount {
      let bare = try run([command])
      over[0].append(try run(wrapped(up)) - bare)
      over[1].append(try run(wrapped(down)) - bare)
    }
    let floor = Report.Reference(samples[0], "\(command) started by posix_spawn and waited for")
    report.figure("bare", samples[0], .milliseconds)
    report.figure("whole_daemon_up", samples[1], .milliseconds, against: floor)
    report.figure("whole_daemon_down", samples[2], .milliseconds, against: floor)
    report.figure("on_top_daemon_up", Samples(over[0]), .milliseconds, bar: bar, against: floor)
    report.figure("on_top_daemon_down", Samples(over[1]), .milliseconds, bar: bar, against: floor)
    try up.killHard()
  }

  private static func run(_ words: [String]) throws -> Double {
    let sink = try FileDescriptor.open("/dev/null", O_RDWR)
    return try Samples.nanoseconds {
      let child = try ChildProcess(
        ChildCommand(
          words: words, environment: ["PATH": "/usr/bin:/bin"],
          descriptors: [0: sink.raw, 1: sink.raw, 2: sink.raw]))
      guard try child.wait()?.status == .exited(0) else { throw Failed(words: words) }
    }
  }

  private struct Failed: Error {
    var words: [String]
  }
}

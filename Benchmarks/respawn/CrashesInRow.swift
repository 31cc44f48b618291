import BenchmarkHarness
import Glibc
import Linux
import Model
import NoopRig
import PluginHost
import Synchronization

/// Crashes one after the other, and what the process of the component host holds before and after.
///
/// Each time its breaker is lifted, as `kaizen plugins enable` does, lest the component be left alone.
struct CrashesInRow {
  private static let countDefault = 1000
  /// Crashes before the first look: by then every pool and buffer has its size.
  private static let warmUpCount = 100
  /// What is held may go up and down by so much, in bytes.
  private static let memorySlack = 1_000_000.0
  /// Threads that end a worker take their time; beyond this they are taken for lost.
  private static let settleTimeout: Duration = .seconds(10)
  private static let settleInterval: Duration = .milliseconds(20)

  private let report: Report
  private let rig: NoopHost

  init(_ report: Report, _ rig: NoopHost) {
    self.report = report
    self.rig = rig
  }

  func figures() throws {
    let count =
      getenv("KAIZEN_CRASHES").flatMap { Int(String(cString: $0)) } ?? Self.countDefault
    _ = try crash(Self.warmUpCount, from: 0)
    let before = try settled()
    let times = try crash(max(Samples.countMin, count), from: Self.warmUpCount)
    let after = try settled()
    report.figure("crashes_in_row", Samples(times), .milliseconds)
    let what = "the same after the first \(Self.warmUpCount) crashes; \(times.count) followed"
    report.state(
      "host_memory", after.bytes, .megabytes, bar: before.bytes + Self.memorySlack,
      against: (before.bytes, what))
    report.state(
      "host_descriptors", Double(after.descriptors), .count, bar: Double(before.descriptors),
      against: (Double(before.descriptors), what))
    report.state(
      "host_threads", Double(after.threads), .count, bar: Double(before.threads),
      against: (Double(before.threads), what))
  }

  /// How long each took: a new worker, its call, its crash.
  private func crash(_ count: Int, from first: Int) throws -> [Double] {
    try (first..<first + count).map { number in
      let input = try rig.input(agent: "crash", records: 1000 + number)
      rig.host.enable(rig.component.text)
      return try Samples.nanoseconds { try rig.crash(input) }
    }
  }

  private struct Held {
    var bytes = 0.0
    var descriptors = 0
    var threads = 0
  }

  /// What the process holds once the threads that end workers are done: with one worker that is
  /// kept, as between any two calls.
  private func settled() throws -> Held {
    rig.host.enable(rig.component.text)
    _ = try rig.host.analyze(rig.component, try rig.input())
    let limit = Clock.monotonic() + Self.settleTimeout
    var last = try held()
    var stillCount = 0
    while stillCount < 5, Clock.monotonic() < limit {
      usleep(UInt32(Self.settleInterval.nanoseconds / 1000))
      let now = try held()
      let isStill = now.descriptors == last.descriptors && now.threads == last.threads
      stillCount = isStill ? stillCount + 1 : 0
      last = now
    }
    return last
  }

  private func held() throws -> Held {
    Held(
      bytes: try ProcessFigures.residentBytes(of: getpid()),
      descriptors: try ProcessFigures.descriptorCount(of: getpid()),
      threads: try ProcessFigures.threadCount(of: getpid()))
  }
}

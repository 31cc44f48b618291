import BenchmarkHarness
import Glibc
import Linux
import Model
import NoopRig
import PluginHost
import TestSupport

/// Every figure of this benchmark, in its order.
struct RespawnFigures {
  private static let sampleCount = 101
  /// In milliseconds.
  private static let respawnBar = 10.0
  /// In MB.
  private static let workerBar = 3.0

  let report: Report
  let rig: NoopHost
  private let crash: AnalysisInput
  private let sound: AnalysisInput

  static func print() throws {
    let report = Report("respawn")
    report.machine()
    let figures = try RespawnFigures(report)
    try figures.respawns()
    try figures.workerMemory()
    try CrashesInRow(report, figures.rig).figures()
  }

  private init(_ report: Report) throws {
    self.report = report
    rig = try NoopHost(.worker)
    crash = try rig.input(agent: "crash")
    sound = try rig.input()
  }

  /// From the answer that says it crashed to the next call's result: sandbox, process, library, call.
  private func respawns() throws {
    let samples = try Samples.inTurn(
      count: Self.sampleCount, warmUpCount: 5,
      [
        { try Self.start("/bin/true", expecting: 0) },
        // It says that nobody gave it a socket: all of its start, and nothing of its work.
        { try Self.start(try BuildProducts.path("kaizen-worker"), expecting: 2) },
        { try Samples.nanoseconds { try rig.crash(crash) } },
        { try Samples.nanoseconds { _ = try rig.host.analyze(rig.component, sound) } },
      ])
    let floor = Report.Reference(samples[0], "posix_spawn of true(1) until its end is known")
    let worker = Report.Reference(
      samples[1], "posix_spawn of kaizen-worker, unconfined and without a socket, until its end")
    report.figure("respawn", samples[3], .milliseconds, bar: Self.respawnBar, against: floor)
    report.figure("respawn_over_worker", samples[3], .milliseconds, against: worker)
    report.figure("crash_until_known", samples[2], .milliseconds, against: floor)
  }

  private static func start(_ program: String, expecting status: Int32) throws -> Double {
    let null = try FileDescriptor.open("/dev/null", O_RDWR)
    let command = ChildCommand(
      words: [program], descriptors: [0: null.raw, 1: null.raw, 2: null.raw])
    return try Samples.nanoseconds {
      let end = try ChildProcess(command).wait()
      if end?.status != .exited(status) { throw BenchmarkFailure("\(program): \(end as Any)") }
    }
  }

  /// The confined worker that is kept, after a call.
  private func workerMemory() throws {
    let workers = try ProcessSnapshot.descendants(of: getpid())
      .filter { $0.name == "kaizen-worker" }
    guard workers.count == 1 else {
      throw BenchmarkFailure("expected one worker that is kept, found \(workers)")
    }
    let values = try (0..<Samples.countMin).map { _ in
      _ = try rig.host.analyze(rig.component, sound)
      return try ProcessFigures.residentBytes(of: workers[0].pid)
    }
    report.figure("worker_resident", Samples(values), .megabytes, bar: Self.workerBar)
  }
}

extension NoopHost {
  /// A call in which the worker crashes; its error is the point.
  func crash(_ input: AnalysisInput) throws {
    do {
      _ = try host.analyze(component, input)
    } catch {
      if error.code == "E_PLUGIN_CRASHED" { return }
      throw error
    }
    throw BenchmarkFailure("the analyzer was to crash")
  }
}

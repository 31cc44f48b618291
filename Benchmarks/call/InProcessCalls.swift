import BenchmarkHarness
import CPluginRuntime
import NoopRig
import PluginHost
import TestSupport

/// Calls of an analyzer that runs in this process.
struct InProcessCalls {
  /// Calls that are timed as one: a single one is shorter than asking the clock.
  private static let batchCount = 10_000
  private static let hostBatchCount = 100
  private static let sampleCount = 101

  private let report: Report
  private let bare: BareAnalyzer
  private let instance: OpaquePointer
  private let rig: NoopHost

  init(_ report: Report) throws {
    self.report = report
    let path = try BuildProducts.path("libNoopAnalyzer.so")
    bare = try BareAnalyzer(library: path)
    var error = kzr_error()
    guard let library = kzr_open(path, &error),
      let instance = kzr_create(
        library, 0, BareAnalyzer.text("{}"), 0, 1, kzr_log(context: nil, log: nil), &error),
      kzr_activate(instance, &error)
    else { throw BenchmarkFailure(String(cString: kzr_error_message(&error))) }
    self.instance = instance
    rig = try NoopHost(.daemon)
  }

  func figures() throws {
    let input = try rig.input()
    let samples = try Samples.inTurn(
      count: Self.sampleCount, warmUpCount: 10,
      [
        { try Self.each(Self.batchCount, callBare) },
        { try Self.each(Self.batchCount, callRuntime) },
        {
          try Self.each(Self.hostBatchCount) { count in
            for _ in 0..<count { _ = try rig.host.analyze(rig.component, input) }
          }
        },
      ])
    let floor = Report.Reference(samples[0], "the same function through a pointer from dlopen")
    report.figure("in_process", samples[1], .nanoseconds, bar: 100, against: floor)
    report.figure("in_process_host", samples[2], .nanoseconds, against: floor)
  }

  private static func each(_ count: Int, _ body: (Int) throws -> Void) throws -> Double {
    try Samples.nanoseconds { try body(count) } / Double(count)
  }

  private func callBare(_ count: Int) throws {
    var sum: Int32 = 0
    for _ in 0..<count { sum |= Int32(bare.analyze(nil, bare.view, nil)) }
    if sum != 0 { throw BenchmarkFailure("the bare call failed") }
  }

  private func callRuntime(_ count: Int) throws {
    var error = kzr_error()
    var call = kzr_call()
    var sum: UInt32 = 0
    for number in 0..<count {
      call.id = UInt64(number) + 1
      sum |= kzr_analyze(instance, bare.view, &call, &error)
    }
    if sum != 0 { throw BenchmarkFailure(String(cString: kzr_error_message(&error))) }
  }
}

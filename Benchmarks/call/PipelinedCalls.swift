import BenchmarkHarness
import CPluginRuntime
import Glibc
import Linux
import NoopRig
import TestSupport

/// Calls that travel many in a packet, to a worker and back; and what a worker weighs.
///
/// By the wire itself: it is what a call costs before anybody looks at its results.
final class PipelinedCalls {
  private static let batchCount = 256
  private static let sampleCount = 301

  private let report: Report
  private let socket: FileDescriptor
  private let channel: OpaquePointer
  private let control: OpaquePointer
  private let process: ChildProcess
  private let echo: RoundTrip
  private let bare: BareAnalyzer
  private var lastCall: UInt64 = 0

  /// A worker with the analyzer that does nothing.
  init(_ report: Report) throws {
    self.report = report
    var error = kzr_error()
    var sockets: [Int32] = [-1, -1]
    var page: Int32 = -1
    guard kzw_socketpair(&sockets, &error), let control = kzr_control_create(&page, &error) else {
      throw BenchmarkFailure(String(cString: kzr_error_message(&error)))
    }
    self.control = control
    let theirs = FileDescriptor(owning: sockets[1])
    let shared = FileDescriptor(owning: page)
    socket = FileDescriptor(owning: sockets[0])
    guard let channel = kzw_channel_new(socket.raw, false) else {
      throw BenchmarkFailure("out of memory")
    }
    self.channel = channel
    process = try ChildProcess(
      ChildCommand(
        words: [try BuildProducts.path("kaizen-worker")],
        descriptors: [2: 2, 3: theirs.raw, 4: shared.raw]))
    echo = try RoundTrip()
    bare = try BareAnalyzer(library: try BuildProducts.path("libNoopAnalyzer.so"))
    var load = kzw_load()
    load.path = BareAnalyzer.text(try BuildProducts.path("libNoopAnalyzer.so"))
    load.id = BareAnalyzer.text("noop")
    load.kind = UInt32(KZ_KIND_ANALYZER)
    load.config_json = BareAnalyzer.text("{}")
    if !kzw_send_load(channel, &load, &error) { throw failure(error) }
    _ = try receive(KZW_READY)
  }

  deinit {
    kzw_channel_free(channel)
    kzr_control_free(control)
    // Nothing is lost with it.
    _ = try? process.killAndWait()
  }

  func figures() throws {
    try residentMemory("worker_resident")
    let samples = try Samples.inTurn(
      count: Self.sampleCount, warmUpCount: 30,
      [
        { try Samples.nanoseconds(self.echo.run) },
        { try Samples.nanoseconds(self.batch) / Double(Self.batchCount) },
      ])
    report.figure(
      "worker_pipelined", samples[1], .microseconds, bar: 1,
      against: Report.Reference(
        samples[0], "a bare round trip over SOCK_SEQPACKET, one call at a time"))
    try windows()
    try residentMemory("worker_resident_after_batches")
  }

  /// A batch of calls, and their answers.
  private func batch() throws {
    var error = kzr_error()
    let first = lastCall + 1
    kzw_hold(channel)
    for _ in 0..<Self.batchCount {
      lastCall += 1
      if !kzw_send_analyze(channel, lastCall, 1, bare.view, -1, &error) { throw failure(error) }
    }
    if !kzw_flush(channel, &error) { throw failure(error) }
    for call in first...lastCall where try receive(KZW_DONE) != call {
      throw BenchmarkFailure("the answers are out of order")
    }
  }

  /// A call with a window, less one without: what handing it over takes.
  private func windows() throws {
    for (metric, rows) in [("window_handed_over_1k", 1000), ("window_handed_over_100k", 100_000)] {
      let window = try WindowRows(count: rows).shared()
      let samples = try Samples.inTurn(
        count: Self.sampleCount, warmUpCount: 30,
        [
          { try Samples.nanoseconds { try self.one(window: -1) } },
          { try Samples.nanoseconds { try self.one(window: window) } },
        ])
      close(window)
      let difference = max(0, samples[1].median - samples[0].median)
      report.figure(
        metric, Samples([Double](repeating: difference, count: Samples.countMin)), .microseconds,
        bar: 50,
        against: Report.Reference(
          samples[0], "the same call without a window (difference of medians)"))
    }
  }

  private func one(window: Int32) throws {
    var error = kzr_error()
    lastCall += 1
    if !kzw_send_analyze(channel, lastCall, 1, bare.view, window, &error) { throw failure(error) }
    _ = try receive(KZW_DONE)
  }

  /// VmRSS of the worker after all those calls: proc_pid_status(5).
  private func residentMemory(_ metric: String) throws {
    let values = try (0..<Samples.countMin).map { _ in
      try one(window: -1)
      return try ProcessFigures.residentBytes(of: process.pid)
    }
    report.figure(metric, Samples(values), .megabytes, bar: 3)
  }

  /// The call of the next event, which has to be of `kind`.
  private func receive(_ kind: Int) throws -> UInt64 {
    var error = kzr_error()
    var message = kzw_message()
    var event = kzw_event()
    if Int(kzw_receive(channel, 10_000, &message, &error)) != Int(KZW_GOT_MESSAGE)
      || !kzw_read_event(channel, &message, bare.view.pointee.agent, &event, &error)
    {
      throw failure(error)
    }
    if Int(event.kind) != kind || event.code != 0 {
      throw BenchmarkFailure("the worker answered with kind \(event.kind), code \(event.code)")
    }
    return event.call
  }

  private func failure(_ error: kzr_error) -> BenchmarkFailure {
    var error = error
    return BenchmarkFailure(String(cString: kzr_error_message(&error)))
  }
}

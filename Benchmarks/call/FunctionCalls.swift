import BenchmarkHarness
import CPluginRuntime
import CallFloor
import Glibc
import Linux
import Model
import NoopRig
import PluginHost

/// Calls of a function by its signature: through libffi alone, and for many files in a worker.
struct FunctionCalls {
  private static let batchCount = 100_000
  private static let fileCount = 1000
  private static let fileByteCount = 1024

  private let report: Report
  private let address: UnsafeMutableRawPointer
  private let function: OpaquePointer

  init(_ report: Report) throws {
    self.report = report
    // fabs: as little work as a function can do, so that the call is what is measured.
    guard let library = dlopen("libm.so.6", RTLD_NOW), let address = dlsym(library, "fabs") else {
      throw BenchmarkFailure("no libm.so.6 here")
    }
    self.address = address
    var error = kzr_error()
    guard
      let function = kzr_function_open(
        "libm.so.6", "fabs", BareAnalyzer.text("f64(f64)"), &error)
    else { throw BenchmarkFailure(String(cString: kzr_error_message(&error))) }
    self.function = function
  }

  func figures() throws {
    let count = UInt64(Self.batchCount)
    let samples = try Samples.inTurn(
      count: 101, warmUpCount: 10,
      [
        { try Self.each { floor_raw_ffi(address, count) } },
        { try Self.each { floor_function(function, count) } },
      ])
    let floor = Report.Reference(samples[0], "ffi_call of the same function, its cif prepared")
    report.figure(
      "libffi", samples[1], .nanoseconds, bar: 2 * samples[0].median, against: floor)
    try files()
  }

  private static func each(_ body: () -> Double) throws -> Double {
    var sum = 0.0
    let time = Samples.nanoseconds { sum = body() }
    if sum.isNaN { throw BenchmarkFailure("a call of the function failed") }
    return time / Double(batchCount)
  }

  /// A scorer over many files: one call each, sent and answered together; by file.
  private func files() throws {
    let rig = try FunctionHost(fileCount: Self.fileCount, byteCount: Self.fileByteCount)
    let samples = try Samples.inTurn(
      count: 61, warmUpCount: 5,
      [
        { try Samples.nanoseconds(rig.readAll) / Double(Self.fileCount) },
        { try Samples.nanoseconds(rig.score) / Double(Self.fileCount) },
      ])
    report.figure(
      "function_files", samples[1], .microseconds,
      against: Report.Reference(samples[0], "open, fstat, read and close of the same files"))
  }
}

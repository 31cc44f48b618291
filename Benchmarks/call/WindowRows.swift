import BenchmarkHarness
import CPluginRuntime
import Linux
import Model
import NoopRig
import PluginHost

/// Rows of feedback as an analysis has them: one in ten failed, for one of ten reasons.
struct WindowRows {
  private static let rowBytes = 78

  let window: FeedbackWindow

  init(count: Int) {
    var window = FeedbackWindow()
    let rows = 0..<count
    window.times = rows.map { 1_700_000_000_000_000_000 + Int64($0) * 1_000_000 }
    window.types = rows.map { $0 % 10 == 0 ? 1 : 0 }
    window.sources = rows.map { _ in 0 }
    window.scores = rows.map { $0 % 10 == 0 ? 0 : 1 }
    window.durations = rows.map { $0 % 7 == 0 ? .nan : Double($0 % 1000) }
    window.memory = rows.map { $0 % 3 == 0 ? .nan : 64 }
    window.cpu = rows.map { $0 % 3 == 0 ? .nan : 12 }
    window.errors = rows.map { $0 % 10 == 0 ? Int32($0 / 10 % 10) : -1 }
    window.operations = rows.map { UInt64($0) }
    window.generations = rows.map { _ in 3 }
    window.errorTypes = (0..<10).map { "error type number \($0)" }
    self.window = window
  }

  /// The whole way of the daemon, and next to it the copy that nothing can do without.
  static func figures(_ report: Report) throws {
    let rows = WindowRows(count: 100_000)
    let source = [UInt8](repeating: 7, count: rowBytes * 100_000)
    let samples = try Samples.inTurn(
      count: 101, warmUpCount: 10,
      [
        { try built { try MemoryFile.sealed(name: "floor", source) } },
        { try built { try SharedWindow(rows.window) } },
      ])
    report.figure(
      "window_built_100k", samples[1], .milliseconds, bar: 3,
      against: Report.Reference(samples[0], "as many bytes written to a new memfd"))
  }

  /// How long it takes to make something; to take it apart comes after the analysis.
  private static func built<Made: ~Copyable>(_ make: () throws -> Made) rethrows -> Double {
    let start = Clock.monotonic()
    let made = try make()
    let taken = Clock.monotonic() - start
    _ = consume made
    return Double(taken.nanoseconds)
  }

  /// A window of the wire's own, whose descriptor is the caller's to close.
  func shared() throws -> Int32 {
    try window.durations.withUnsafeBytes { durations in
      var text = kz_column()
      let offsets = (0...window.count).map { Int32($0) }
      let letters = [UInt8](repeating: 65, count: window.count)
      return try offsets.withUnsafeBufferPointer { offsets in
        try letters.withUnsafeBytes { letters in
          text.name = BareAnalyzer.text("error_type")
          text.format = BareAnalyzer.text("u")
          text.length = UInt64(window.count)
          text.values = letters.baseAddress
          text.offsets = offsets.baseAddress
          var columns = [text]
          for number in 0..<9 {
            var column = kz_column()
            column.name = BareAnalyzer.text("column_\(number)")
            column.format = BareAnalyzer.text("g")
            column.length = UInt64(window.count)
            column.values = durations.baseAddress
            columns.append(column)
          }
          var error = kzr_error()
          let file = kzw_window_create(columns, UInt32(columns.count), &error)
          if file < 0 { throw BenchmarkFailure(String(cString: kzr_error_message(&error))) }
          return file
        }
      }
    }
  }
}

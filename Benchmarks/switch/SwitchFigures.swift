import BenchmarkHarness
import TestSupport

/// Every figure of this benchmark, in its order.
enum SwitchFigures {
  private static let fileCounts = [10, 1_000, 10_000]
  /// Above this, cloning over and over takes minutes, and what it shows is known: it is linear.
  private static let cloneFileCountMax = 1_000

  static func print() throws {
    let report = Report("switch")  // before anything is left behind
    let folder = try TemporaryDirectory("kaizen-bench")
    try withExtendedLifetime(folder) {
      report.machine(fileSystemOf: folder.path)
      for fileCount in fileCounts {
        let bench = try SwitchBench(fileCount: fileCount, in: folder.path, report)
        if fileCount <= cloneFileCountMax { try bench.trials() }
        try bench.switches()
      }
    }
  }
}

import BenchmarkHarness
import Linux
import NoopRig
import TestSupport

/// Every figure of this benchmark, in its order.
enum CallFigures {
  static func print() throws {
    let report = Report("call")
    report.machine()
    try InProcessCalls(report).figures()
    try FunctionCalls(report).figures()
    try WindowRows.figures(report)
    try PipelinedCalls(report).figures()
    let worker = try WorkerCalls(report)
    try worker.roundTrips("worker", bar: 60)
    try onOneCPU()
    try worker.afterIdling()
    try worker.starts()
  }

  /// Both ends share one CPU: a wake-up is a switch of tasks, and no other CPU has to be woken.
  private static func onOneCPU() throws {
    let program = try BuildProducts.path("bench-call")
    // taskset(1): what this process starts inherits the one CPU, sandboxes included.
    let child = try ChildProcess(
      ChildCommand(words: ["taskset", "--cpu-list", "0", program, "one-cpu"]))
    if try child.wait()?.status != .exited(0) {
      throw BenchmarkFailure("bench-call, held to one CPU, failed")
    }
  }
}

import BenchmarkHarness
import Glibc
import Linux
import Model
import TestSupport

/// Every figure of this benchmark, in its order: a daemon that has taken some feedback, and no more.
enum IdleFigures {
  private static let secondsDefault = 30
  /// In MB: without the window of an analysis.
  private static let memoryBar = 40e6
  /// Of one CPU.
  private static let processorBar = 0.2
  /// Workers leave after 30 s without work: those of the start are then gone.
  private static let settleSeconds = 35
  private static let records = 100

  static func print() throws {
    let report = Report("idle")
    report.machine()
    let wanted = getenv("KAIZEN_IDLE_S").flatMap { UInt32(String(cString: $0)) }
    let seconds = max(1, wanted ?? UInt32(secondsDefault))
    let daemon = try DaemonUnderTest()
    try daemon.start()
    try record(daemon)
    sleep(UInt32(settleSeconds))
    guard let pid = daemon.pid else { throw Failure(description: "no daemon runs") }
    let before = try ThreadFigures(of: pid)
    let start = Clock.monotonic()
    sleep(seconds)
    let taken = Double((Clock.monotonic() - start).nanoseconds)
    let after = try ThreadFigures(of: pid)
    report.state(
      "resident", try ProcessFigures.residentBytes(of: pid), .megabytes, bar: memoryBar)
    report.state(
      "processor", (after.runNanoseconds - before.runNanoseconds) / taken * 100, .percent,
      bar: processorBar)
    report.state(
      "wake_ups_each_second", (after.switchCount - before.switchCount) / taken * 1e9, .count)
    report.state("threads", Double(after.threadCount), .count)
    report.state("descriptors", Double(try ProcessFigures.descriptorCount(of: pid)), .count)
    report.state(
      "processes", Double(try ProcessSnapshot.descendants(of: pid).count + 1), .count)
    try daemon.stop()
  }

  private static func record(_ daemon: DaemonUnderTest) throws {
    let lines = (0..<records).map { number in
      #"{"agent_id": "probe", "operation_id": "\#(number)", "type": "success"}"#
    }
    let taken = try daemon.kaizen(
      "record", "--ndjson", "-", input: lines.joined(separator: "\n") + "\n")
    if taken.status != 0 { throw Failure(description: "\(taken)") }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }
}

/// What all threads of a process have done so far.
struct ThreadFigures {
  /// Time on a CPU.
  private(set) var runNanoseconds = 0.0
  /// Times that one went to sleep, and so was woken.
  private(set) var switchCount = 0.0
  private(set) var threadCount = 0

  /// Reads the first number of schedstat, in nanoseconds, and voluntary_ctxt_switches: proc(5).
  init(of pid: Int32) throws {
    for thread in try Files.names(in: "/proc/\(pid)/task") {
      let folder = "/proc/\(pid)/task/\(thread)"
      let schedule = String(
        decoding: try Files.read(folder + "/schedstat", limit: 4096), as: UTF8.self)
      let status = String(
        decoding: try Files.read(folder + "/status", limit: 1 << 16), as: UTF8.self)
      runNanoseconds += schedule.split(separator: " ").first.flatMap { Double($0) } ?? 0
      let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
      switchCount += line?.split(separator: "\t").last.flatMap { Double($0) } ?? 0
      threadCount += 1
    }
  }
}

import BenchmarkHarness
import Feedback
import Glibc
import Linux
import Model
import SQLite
import TestSupport

/// Every figure of this benchmark, in its order.
enum StartFigures {
  /// In milliseconds: a start with the snapshot, and health of all agents.
  private static let startBar = 500.0
  private static let healthBar = 2.0

  static func print() throws {
    let report = Report("start")
    let (stored, empty) = (try DaemonUnderTest(), try DaemonUnderTest())
    let state = stored.home + "/state"
    try Files.makeDirectories(state)
    let database = state + "/feedback_loop.db"
    report.machine(fileSystemOf: state)
    try StoredRecords.write(to: database)
    try starts(stored, empty, database, report)
    try health(database, report)
  }

  /// From the start of the process until its socket answers.
  private static func starts(
    _ stored: DaemonUnderTest, _ empty: DaemonUnderTest, _ database: String, _ report: Report
  ) throws {
    let snapshot = database + ".columns"
    let aside = snapshot + ".aside"
    let samples = try Samples.inTurn(
      count: Samples.countMin, warmUpCount: 1,
      [
        { try scan(database) },
        { try start(empty) },
        { try start(stored) },
        {
          // The records are then read from the database, row by row.
          rename(snapshot, aside)
          defer { rename(aside, snapshot) }
          return try start(stored)
        },
      ])
    let floor = Report.Reference(
      samples[0], "one SELECT in SQLite that reads the columns of the same million rows")
    report.figure("empty", samples[1], .milliseconds)
    report.figure("million_with_snapshot", samples[2], .milliseconds, bar: startBar, against: floor)
    report.figure("million_without_snapshot", samples[3], .milliseconds, against: floor)
  }

  private static func start(_ daemon: DaemonUnderTest) throws -> Double {
    let taken = try Samples.nanoseconds { try daemon.start() }
    try daemon.killHard()
    return taken
  }

  /// SQLite alone, in C: every column that memory holds.
  private static func scan(_ path: String) throws -> Double {
    try Samples.nanoseconds {
      let query = """
        SELECT count(*), sum(agent), max(time), sum(type), sum(source), sum(length(operation)),
          sum(score), max(duration), sum(memory_mb), sum(cpu_percent), sum(error_type),
          sum(generation) FROM feedback_entries
        """
      let count = try Database.inspect(path) { connection in
        try connection.first(query) { try $0.integer(0) }
      }
      precondition(count == Int64(StoredRecords.recordCount), "every record is there")
    }
  }

  /// Health of all agents by the sums that are kept, against a look at each record.
  private static func health(_ database: String, _ report: Report) throws {
    let loop = try FeedbackLoop(path: database)
    loop.digest()
    let days = Duration.seconds(7 * 86_400)
    let agents = loop.agents()
    let samples = try Samples.inTurn(
      count: Samples.countMin, warmUpCount: 2,
      [
        {
          let now = Instant(nanoseconds: Clock.wallNanoseconds())
          var total = 0.0
          let taken = Samples.nanoseconds {
            for (_, metrics) in loop.vitals(from: now - days, to: now) {
              total +=
                Health(metrics, serviceLevel: .milliseconds(300), codeQuality: nil).score ?? 0
            }
          }
          precondition(total > 0, "agents have health")
          return taken
        },
        {
          let now = Instant(nanoseconds: Clock.wallNanoseconds())
          var total = 0.0
          let taken = Samples.nanoseconds {
            for agent in agents {
              let metrics = loop.metrics(agent, from: now - days, to: now)
              total +=
                Health(metrics, serviceLevel: .milliseconds(300), codeQuality: nil).score ?? 0
            }
          }
          precondition(total > 0, "agents have health")
          return taken
        },
        {
          let now = Instant(nanoseconds: Clock.wallNanoseconds())
          return Samples.nanoseconds { _ = loop.vitals(from: now - days, to: now) }
        },
      ])
    report.figure(
      "sums_of_1000_agents_cold", samples[2], .milliseconds,
      against: Report.Reference(samples[1], "a look at each of the million records"))
    report.figure(
      "health_of_1000_agents", samples[0], .milliseconds, bar: healthBar,
      against: Report.Reference(samples[1], "a look at each of the million records"))
    loop.close()
  }
}

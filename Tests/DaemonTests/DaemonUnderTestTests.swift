import Glibc
import Linux
import TestSupport
import Testing

@Suite("A daemon under test") struct DaemonUnderTestTests {
  @Test("serves when it has started, and ends with 0 on SIGTERM")
  func stops() throws {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    let status = try daemon.kaizen("status", "--json")
    #expect(status.status == 0, "\(status)\n\(daemon.log)")
    #expect(status.stdout.contains(daemon.home), "\(status)")
    #expect(try daemon.stop() == .exited(0), "\(daemon.log)")
    #expect(try daemon.kaizen("status").status == 3)
  }

  @Test("two run at once, each on its own home")
  func two() throws {
    let one = try DaemonUnderTest()
    let other = try DaemonUnderTest()
    try one.start()
    try other.start()
    try one.killHard()
    #expect(try one.kaizen("status").status == 3)
    #expect(try other.kaizen("status").status == 0, "\(other.log)")
    try one.start()
    #expect(try one.kaizen("status").status == 0, "\(one.log)")
  }

  @Test("why it does not start is told with its log")
  func refused() throws {
    let daemon = try DaemonUnderTest()
    try daemon.write("config.json", "{\"no.such.setting\": 1")
    let failure = #expect(throws: DaemonUnderTest.Failure.self) { try daemon.start() }
    #expect(failure?.description.contains("config.json") == true)
  }
}

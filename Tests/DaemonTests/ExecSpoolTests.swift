import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("What kaizen exec records while no daemon runs") struct ExecSpoolTests {
  private static func spool(_ scene: Scene) -> String {
    scene.daemon.home + "/state/spool/exec.ndjson"
  }

  private func exec(_ scene: Scene, _ script: String) throws -> FinishedProgram {
    try scene.daemon.kaizen("exec", "unit", "--", "sh", "-c", script)
  }

  @Test("is stored once by the daemon that starts next, with what it measured then")
  func takenUp() throws {
    let scene = try Scene(starts: false)
    #expect(try exec(scene, "true").status == 0)
    #expect(try exec(scene, "echo 'ValueError: bad unit' >&2; exit 3").status == 3)
    #expect(try exec(scene, "true").status == 0)
    let spooled = try Files.read(Self.spool(scene), limit: 1 << 20)
    #expect(spooled.split(separator: UInt8(ascii: "\n")).count == 3)
    try scene.daemon.start()
    #expect(!Files.exists(Self.spool(scene)))
    let stats = try scene.ask("stats", "unit")
    #expect(stats["records"] == 3 && stats["operations"] == 3, "\(stats.text())")
    let now = try scene.ask("summary", "unit")["now"]
    #expect(now?["successes"] == 2 && now?["failures"] == 1, "\(now?.text() ?? "")")
    let metrics = try scene.ask("health", "unit")
    #expect(metrics.text().contains("success_rate"))
    // A spool that was stored and not removed, as a crash between the two leaves it.
    try scene.daemon.killHard()
    try scene.daemon.write("state/spool/exec.ndjson", String(decoding: spooled, as: UTF8.self))
    try scene.daemon.start()
    #expect(try scene.ask("stats", "unit")["records"] == 3)
    #expect(!Files.exists(Self.spool(scene)))
  }

  @Test("that cannot be read costs itself only, and is told in the log")
  func damaged() throws {
    let scene = try Scene(starts: false)
    #expect(try exec(scene, "true").status == 0)
    let good = String(decoding: try Files.read(Self.spool(scene), limit: 1 << 20), as: UTF8.self)
    try scene.daemon.write("state/spool/exec.ndjson", "{\"agent_id\":\"un\n" + good)
    try scene.daemon.start()
    #expect(try scene.ask("stats", "unit")["records"] == 1)
    #expect(scene.daemon.log.contains("rejected=1"), "\(scene.daemon.log)")
  }

  @Test("is refused by a full spool, and the command runs all the same and says so")
  func full() throws {
    let scene = try Scene(starts: false)
    try scene.daemon.write("state/spool/exec.ndjson", "")
    // A hole: 16 MiB without a byte of disk.
    try #require(truncate(Self.spool(scene), 16 << 20) == 0)
    let done = try exec(scene, "exit 5")
    #expect(done.status == 5)
    #expect(done.stderr.contains("the record is lost"), "\(done)")
    var status = stat()
    try #require(lstat(Self.spool(scene), &status) == 0)
    #expect(status.st_size == 16 << 20, "not a byte more")
  }
}

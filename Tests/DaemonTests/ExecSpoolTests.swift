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

  @Test(
    "that no spool takes is lost, and the command runs all the same and says so",
    arguments: ["a file for the folder", "a folder for the file"])
  func unwritable(kind: String) throws {
    let scene = try Scene(starts: false)
    if kind == "a file for the folder" {
      try scene.daemon.write("state/spool", "")
    } else {
      try Files.makeDirectories(Self.spool(scene))
    }
    let done = try exec(scene, "exit 6")
    #expect(done.status == 6)
    #expect(done.stderr.contains("the record is lost"), "\(done)")
  }

  @Test("on a full disk leaves no half of a line", .enabled(if: geteuid() == 0))
  func fullDisk() throws {
    let scene = try Scene(starts: false)
    let spool = scene.daemon.home + "/state/spool"
    try Files.makeDirectories(spool)
    // A disk of one page in a mount namespace of its own; the second record does not fit.
    let script = """
      mount -t tmpfs -o size=4k none '\(spool)' && head -c 3600 /dev/zero >'\(Self.spool(scene))' &&
      echo >>'\(Self.spool(scene))' && "$0" exec unit -- sh -c 'exit 7'; echo "status $?"
      "$0" exec unit -- sh -c 'exit 8'; echo "status $?"; tail -c 1 '\(Self.spool(scene))' | od -c
      """
    let program = try StartedProgram(
      ["/usr/bin/unshare", "-m", "sh", "-c", script, try BuildProducts.path("kaizen")],
      environment: ["KAIZEN_HOME": scene.daemon.home, "PATH": "/usr/bin:/bin"],
      in: scene.daemon.directory)
    let done = try #require(try program.finish(timeout: .seconds(30)))
    #expect(done.stdout.contains("status 7\nstatus 8\n"), "\(done)")
    #expect(done.stderr.contains("No space left"), "\(done)")
    #expect(done.stdout.contains("\\n"), "\(done)")
  }

  @Test("by several at once is stored whole, each record once")
  func together() throws {
    let scene = try Scene(starts: false)
    let done = try StartedProgram(
      [
        "/bin/sh", "-c",
        "for i in 1 2 3 4 5 6 7 8; do \"$0\" exec unit -- true & done; wait",
        try BuildProducts.path("kaizen"),
      ], environment: ["KAIZEN_HOME": scene.daemon.home, "PATH": "/usr/bin:/bin"],
      in: scene.daemon.directory
    ).finish(timeout: .seconds(30))
    #expect(done?.status == 0, "\(done as Any)")
    try scene.daemon.start()
    #expect(try scene.ask("stats", "unit")["records"] == 8)
  }

  @Test("in lines this version does not know goes aside, and the torn end costs itself only")
  func otherVersion() throws {
    let scene = try Scene(starts: false)
    #expect(try exec(scene, "true").status == 0)
    let good = String(decoding: try Files.read(Self.spool(scene), limit: 1 << 20), as: UTF8.self)
    let later = #"{"agent_id":"unit","operation_id":"x","type":"of_tomorrow","id":"x-end"}"#
    let unknownKey = #"{"agent_id":"unit","operation_id":"y","type":"success","of_tomorrow":1}"#
    try scene.daemon.write(
      "state/spool/exec.ndjson", later + "\n" + unknownKey + "\n" + good + "{\"agent_id\":\"un")
    try scene.daemon.start()
    #expect(try scene.ask("stats", "unit")["records"] == 2)
    let aside = try Files.read(scene.daemon.home + "/state/spool/refused.ndjson", limit: 1 << 20)
    #expect(String(decoding: aside, as: UTF8.self) == later + "\n{\"agent_id\":\"un\n")
    #expect(scene.daemon.log.contains("kept aside"), "\(scene.daemon.log)")
  }

  @Test("that cannot be taken holds up nothing else: what was deferred is stored")
  func eachByItself() throws {
    let scene = try Scene(starts: false)
    try Files.makeDirectories(Self.spool(scene))
    try scene.daemon.write(
      "state/spool/deferred.ndjson",
      #"{"agent_id":"unit","operation_id":"y","type":"success","id":"y1"}"# + "\n")
    try scene.daemon.start()
    #expect(try scene.ask("stats", "unit")["records"] == 1)
    #expect(!Files.exists(scene.daemon.home + "/state/spool/deferred.ndjson"))
    #expect(scene.daemon.log.contains("spooled records stay"), "\(scene.daemon.log)")
  }
}

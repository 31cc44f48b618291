import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// How a database is broken, with real bytes.
enum Damage: String, CaseIterable, Sendable {
  case zeroedPages, truncated, wrongHeader, empty, removed

  func apply(to path: String) throws {
    if self == .removed { return try #require(unlink(path) == 0 ? () : nil) }
    var bytes = try Files.read(path, limit: 1 << 26)
    switch self {
    // Every page but the first: its header alone still looks sound.
    case .zeroedPages: for index in 4096..<bytes.count { bytes[index] = 0xA5 }
    case .truncated: bytes.removeLast(bytes.count - 5000)
    case .wrongHeader: for index in 0..<64 { bytes[index] = 0x58 }
    case .empty: bytes = []
    case .removed: break
    }
    for suffix in ["-wal", "-shm", ".columns"] { unlink(path + suffix) }
    try Files.replace(path, with: bytes)
  }
}

/// One of the two.
enum DatabaseFile: String, CaseIterable, Sendable {
  case feedback = "feedback_loop"
  case engine = "optimization_engine"
}

@Suite("A broken database") struct StorageTests {
  private static let backupTime = "20260102T030405Z"

  /// A home with ten records, an agent, and a backup of both databases from then; then five more
  /// records.
  private func home() throws -> DaemonUnderTest {
    let daemon = try DaemonUnderTest()
    try daemon.start()
    try daemon.directory.write("unit/agent.json", "{\"id\": \"unit\"}")
    let added = try daemon.kaizen("agent", "add", daemon.directory.path + "/unit")
    try #require(added.status == 0, "\(added)\n\(daemon.log)")
    try record(daemon, 10)
    #expect(try daemon.stop() == .exited(0))
    try Files.makeDirectories(daemon.home + "/state/backups")
    for name in ["feedback_loop", "optimization_engine"] {
      let bytes = try Files.read("\(daemon.home)/state/\(name).db", limit: 1 << 26)
      try Files.replace(
        "\(daemon.home)/state/backups/\(name).\(Self.backupTime).db", with: bytes)
    }
    try daemon.start()
    try record(daemon, 5)
    #expect(try daemon.stop() == .exited(0))
    return daemon
  }

  private func record(_ daemon: DaemonUnderTest, _ count: Int) throws {
    let lines = (0..<count).map { _ in
      #"{"agent_id":"unit","operation_id":"o\#(UInt32.random(in: 0...UInt32.max))","type":"success"}"#
    }
    let sent = try daemon.kaizen(
      ["record", "--ndjson", "-"], input: lines.joined(separator: "\n") + "\n")
    try #require(sent.status == 0, "\(sent)\n\(daemon.log)")
  }

  private func stored(_ daemon: DaemonUnderTest) throws -> Int64? {
    try JSONDocument.parse(try daemon.kaizen("stats", "--json").stdout).object?["records"]?.integer
  }

  @Test(
    "of feedback: reads go on from the backup, records wait, nothing is lost",
    arguments: Damage.allCases)
  func feedback(damage: Damage) throws {
    let daemon = try home()
    let path = daemon.home + "/state/feedback_loop.db"
    let whole = try Files.read(path, limit: 1 << 26)
    try damage.apply(to: path)
    let broken = damage == .removed ? nil : try Files.read(path, limit: 1 << 26)
    try daemon.start()
    #expect(try stored(daemon) == 10)
    let status = try daemon.kaizen("status")
    #expect(status.stdout.contains("2026-01-02T03:04:05"), "\(status)")
    #expect(status.stdout.contains("spooled"), "\(status)")
    #expect(daemon.log.contains("feedback_loop.db cannot be used"))
    let health = try daemon.kaizen("health", "unit", "--json")
    #expect(health.status == 0)
    let marked = try JSONDocument.parse(health.stdout).object?["degraded"]?.array?.first?.object
    #expect(marked?["missing_from"]?.string?.hasPrefix("2026-01-02T03:04:05") == true, "\(health)")
    try record(daemon, 3)
    #expect(try stored(daemon) == 10)
    let refused = try daemon.kaizen("optimize", "unit", "--wait")
    #expect(refused.status == 1 && refused.stderr.contains("is refused: "), "\(refused)")
    // Other parts are as they were.
    #expect(try daemon.kaizen("generations", "unit").status == 0)
    #expect(try daemon.stop() == .exited(0))
    if let broken { #expect(try Files.read(path, limit: 1 << 26) == broken, "it was changed") }

    // Mended by hand: what waited is stored, once.
    try Files.replace(path, with: whole)
    try daemon.start()
    #expect(try stored(daemon) == 18, "\(daemon.log)")
    #expect(!(try daemon.kaizen("status").stdout.contains("cannot be used")))
    #expect(try daemon.stop() == .exited(0))
    try daemon.start()
    #expect(try stored(daemon) == 18)
  }

  @Test("of the engine: what was is shown, and nothing is changed", arguments: Damage.allCases)
  func engine(damage: Damage) throws {
    let daemon = try home()
    let path = daemon.home + "/state/optimization_engine.db"
    try damage.apply(to: path)
    try daemon.start()
    let list = try daemon.kaizen("agent", "list", "--json")
    #expect(list.stdout.contains("\"unit\"") && list.stdout.contains("degraded"), "\(list)")
    for words in [
      ["optimize", "unit", "--wait"], ["rollback", "unit"], ["agent", "remove", "unit"],
      ["analyze", "unit"],
    ] {
      let refused = try daemon.kaizen(words)
      #expect(refused.status == 1 && refused.stderr.contains("is refused: "), "\(words) \(refused)")
    }
    // Feedback has nothing to do with it.
    try record(daemon, 2)
    #expect(try stored(daemon) == 17)
  }

  @Test(
    "that breaks while it is in use: the daemon begins anew by itself and reads from the backup",
    arguments: DatabaseFile.allCases)
  func whileServing(file: DatabaseFile) throws {
    let daemon = try home()
    try daemon.start()
    let pid = daemon.pid
    // In place, beneath the daemon: every page but the first.
    let path = "\(daemon.home)/state/\(file.rawValue).db"
    let size = try Files.read(path, limit: 1 << 26).count
    let target = try FileDescriptor.open(path, O_WRONLY)
    let noise = [UInt8](repeating: 0xA5, count: size - 4096)
    #expect(pwrite(target.raw, noise, noise.count, 4096) == noise.count)
    // Whoever reads it first is told so; then the same process serves what was.
    var status = try daemon.kaizen("agent", "list", "--json")
    var said: [String] = []
    for _ in 0..<100 where !status.stdout.contains("\"degraded\"") {
      if status.status == 1 { said.append(status.stdout) }
      _ = try daemon.kaizen("learn", "unit")
      status = try daemon.kaizen("agent", "list", "--json")
    }
    #expect(status.stdout.contains("\"degraded\""), "\(said) \(daemon.log)")
    #expect(daemon.pid == pid && kill(pid ?? -1, 0) == 0)
    #expect(daemon.log.contains("starting anew"), "\(daemon.log)")
    let lines = try daemon.kaizen("status")
    #expect(lines.status == 0 && lines.stdout.contains("the file is damaged"), "\(lines)")
    #expect(
      lines.stderr.contains("\(file.rawValue) is broken and read from its backup"), "\(lines)")
  }

  @Test("without a backup nothing stored is shown, and it says so")
  func noBackup() throws {
    let daemon = try home()
    for name in try Files.names(in: daemon.home + "/state/backups") {
      unlink(daemon.home + "/state/backups/" + name)
    }
    try Damage.wrongHeader.apply(to: daemon.home + "/state/feedback_loop.db")
    try daemon.start()
    #expect(try stored(daemon) == 0)
    #expect(try daemon.kaizen("status").stdout.contains("there is no backup"))
  }

  @Test("a backup that is damaged too is passed over for the one before")
  func damagedBackup() throws {
    let daemon = try home()
    let backups = daemon.home + "/state/backups"
    try Files.replace(
      backups + "/feedback_loop.20260301T000000Z.db", with: Array("no database".utf8))
    try Damage.zeroedPages.apply(to: daemon.home + "/state/feedback_loop.db")
    try daemon.start()
    #expect(try stored(daemon) == 10)
  }

  @Test("the copy that is read is gone with the next sound start, and doctor shows the backups")
  func cleanUp() throws {
    let daemon = try home()
    let path = daemon.home + "/state/feedback_loop.db"
    let whole = try Files.read(path, limit: 1 << 26)
    try Damage.truncated.apply(to: path)
    try daemon.start()
    #expect(Files.exists(daemon.home + "/state/degraded/feedback_loop.db"))
    let doctor = try daemon.kaizen("doctor")
    #expect(doctor.status == 1 && doctor.stdout.contains("cannot be used"), "\(doctor)")
    #expect(doctor.stdout.contains("feedback_loop.\(Self.backupTime).db"), "\(doctor)")
    try daemon.killHard()
    try Files.replace(path, with: whole)
    try daemon.start()
    #expect(!Files.exists(daemon.home + "/state/degraded"))
  }

  @Test("killed while it stops and writes its snapshot, the next start has every record")
  func killedAtSnapshot() throws {
    let daemon = try DaemonUnderTest()
    var count = 0
    for round in 0..<6 {
      try daemon.start()
      try record(daemon, 500)
      count += 500
      #expect(try stored(daemon) == Int64(count))
      if let pid = daemon.pid { kill(pid, SIGTERM) }
      // It may have ended by itself in the longer rounds; then nothing was left to kill.
      _ = try? daemon.killHard(after: .milliseconds(round * 6))
    }
    try daemon.start()
    #expect(try stored(daemon) == Int64(count))
    let summary = try daemon.kaizen("summary", "unit", "--json")
    #expect(summary.stdout.contains("\"records\":\(count)"), "\(summary)")
  }
}

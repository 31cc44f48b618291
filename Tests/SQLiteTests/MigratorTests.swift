import Glibc
import Linux
import Model
import SQLite
import TestSupport
import Testing

private let application: Int32 = 0x4B5A_5432
private let first = "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT;"
private let second = "ALTER TABLE a ADD COLUMN y INTEGER; CREATE INDEX a_y ON a(y);"

@Suite("Opening a file of another version") struct MigratorTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.path + "/a.db"
  }

  private func schema(_ migrations: String...) -> Schema {
    Schema(applicationID: application, migrations: migrations)
  }

  private func fill() throws {
    let database = try Database(path, schema: schema(first))
    try database.write { db in try db.run("INSERT INTO a VALUES (1, 'one')") }
  }

  private func code(_ body: () throws -> Database) -> String {
    do {
      _ = try body()
      return "opened"
    } catch let error as KaizenError {
      // Every error names the file and, but for our own bugs, the fix.
      return error.message.contains(path) && error.hint != nil ? error.code.rawValue : "\(error)"
    } catch {
      return "\(error)"
    }
  }

  @Test("an older one is upgraded, and backed up before")
  func upgrade() throws {
    try fill()
    let database = try Database(path, schema: schema(first, second))
    #expect(try database.read("SELECT x FROM a WHERE y IS NULL") { try $0.text(0) } == ["one"])
    #expect(try database.read("PRAGMA user_version") { try $0.integer(0) } == [2])
    let backup = try Database(path + ".v1.backup", schema: schema(first))
    #expect(try backup.read("SELECT x FROM a") { try $0.text(0) } == ["one"])
    #expect(try Files.names(in: directory.path).allSatisfy { !$0.hasSuffix(".new") })
  }

  @Test("an upgrade that fails changes nothing")
  func failedUpgrade() throws {
    try fill()
    let broken = second + "INSERT INTO a VALUES (1, 'again', 2);"
    #expect(code { try Database(path, schema: schema(first, broken)) }.contains("E_CONSTRAINT"))
    let database = try Database(path, schema: schema(first))
    #expect(try database.read("SELECT x FROM a") { try $0.text(0) } == ["one"])
  }

  @Test("tables that somebody else changed are not upgraded")
  func strangeTables() throws {
    do {
      let database = try Database(path, schema: schema(first))
      try database.write { db in try db.execute("CREATE TABLE extra (id INTEGER)") }
    }
    #expect(code { try Database(path, schema: schema(first, second)) } == "E_SCHEMA")
    _ = try Database(path, schema: schema(first))
  }

  @Test("a newer one is refused and not one byte of it changed", arguments: [true, false])
  func newer(clean: Bool) throws {
    try fill()
    _ = try Database(path, schema: schema(first, second))
    let before = try Files.read(path, limit: 1 << 20)
    #expect(code { try Database(path, schema: schema(first)) } == "E_SCHEMA_NEWER")
    #expect(try Files.read(path, limit: 1 << 20) == before)
    #expect(try Files.names(in: directory.path) == ["a.db", "a.db.v1.backup"])
  }

  @Test("a newer version that only the WAL knows is refused, and the WAL kept")
  func newerInLog() throws {
    let image = directory.path + "/image.db"
    do {
      let database = try Database(path, schema: schema(first))
      try database.write { db in try db.execute("PRAGMA user_version=7") }
      // The state after a crash: the file as it is on disk, with its WAL.
      try Files.replace(image, with: Files.read(path, limit: 1 << 20))
      try Files.replace(image + "-wal", with: Files.read(path + "-wal", limit: 1 << 20))
    }
    let before = try Files.read(image + "-wal", limit: 1 << 20)
    #expect(!before.isEmpty)
    let error = #expect(throws: KaizenError.self) { try Database(image, schema: schema(first)) }
    #expect(error?.code == "E_SCHEMA_NEWER")
    #expect(try Files.read(image + "-wal", limit: 1 << 20) == before)
  }

  @Test(
    "what is not ours is refused and not touched",
    arguments: [
      ("text", "E_FOREIGN_FILE"), ("", "E_CORRUPT"),
      ("SQLite format 3\0 and then something else", "E_FOREIGN_FILE"),
    ])
  func foreign(content: String, expected: String) throws {
    try directory.write("a.db", content)
    #expect(code { try Database(path, schema: schema(first)) } == expected)
    #expect(try Files.read(path, limit: 100) == Array(content.utf8))
    #expect(try Files.names(in: directory.path) == ["a.db"])
  }

  @Test("another program's database is refused and not touched")
  func otherProgram() throws {
    do {
      let other = Schema(applicationID: 0, migrations: [first])
      _ = try Database(path, schema: other)
    }
    let before = try Files.read(path, limit: 1 << 20)
    #expect(code { try Database(path, schema: schema(first)) } == "E_FOREIGN_FILE")
    #expect(try Files.read(path, limit: 1 << 20) == before)
    #expect(try Files.names(in: directory.path) == ["a.db"])
  }

  @Test("a damaged file is refused or its damage reported, never shown as empty")
  func damaged() throws {
    do {
      let database = try Database(path, schema: schema(first))
      try database.write { db in
        for id in 0..<500 {
          try db.run(
            "INSERT INTO a VALUES (?, ?)", [.integer(Int64(id)), "some text to fill pages"])
        }
      }
    }
    var bytes = try Files.read(path, limit: 1 << 20)
    for index in 4096..<bytes.count { bytes[index] = 0x5A }
    try Files.replace(path, with: bytes)
    let error = #expect(throws: KaizenError.self) {
      let database = try Database(path, schema: schema(first))
      _ = try database.read("SELECT x FROM a") { try $0.text(0) }
    }
    #expect(error?.code == "E_CORRUPT")
  }

  @Test("a folder that is missing, or a folder in the file's place, is named")
  func missing() throws {
    let error = #expect(throws: KaizenError.self) {
      try Database(directory.path + "/none/a.db", schema: schema(first))
    }
    #expect(error?.code == "E_CANNOT_OPEN" && error?.hint?.contains("none") == true)
    try Files.makeDirectories(path)
    #expect(code { try Database(path, schema: schema(first)) } == "E_CANNOT_OPEN")
  }
}

@Suite("A disk that refuses") struct RefusingDiskTests {
  private let schema = Schema(applicationID: application, migrations: [first])

  @Test(
    "a full disk is E_DISK_FULL, loses nothing stored before, and recovers",
    .enabled(if: SmallDisk.isPossible, "needs root to mount a small disk"))
  func full() throws {
    let disk = try SmallDisk(kibibytes: 512)
    let database = try Database(disk.path + "/a.db", schema: schema)
    var stored: Int64 = 0
    var failure: KaizenError?
    while failure == nil, stored < 1000 {
      do throws(KaizenError) {
        let id = stored
        try database.write { db in
          try db.run("INSERT INTO a VALUES (?, hex(zeroblob(4096)))", [.integer(id)])
        }
        stored += 1
      } catch { failure = error }
    }
    #expect(failure?.code == "E_DISK_FULL" && failure?.hint?.contains(disk.path) == true)
    #expect(stored > 5)
    #expect(try database.read("SELECT count(*) FROM a") { try $0.integer(0) } == [stored])
  }

  @Test(
    "a disk too small for a new file leaves nothing behind",
    .enabled(if: SmallDisk.isPossible, "needs root to mount a small disk"))
  func tooSmall() throws {
    let disk = try SmallDisk(kibibytes: 4)
    let error = #expect(throws: KaizenError.self) {
      try Database(disk.path + "/a.db", schema: schema)
    }
    #expect(error?.code == "E_DISK_FULL")
    #expect(try Files.names(in: disk.path) == [])
  }

  @Test(
    "a read-only file system is E_READ_ONLY, new file or old",
    .enabled(if: SmallDisk.isPossible, "needs root to mount a small disk"))
  func readOnly() throws {
    let disk = try SmallDisk(kibibytes: 512)
    for isThere in [false, true] {
      if isThere { _ = try Database(disk.path + "/a.db", schema: schema) }
      try disk.setReadOnly(true)
      let error = #expect(throws: KaizenError.self) {
        try Database(disk.path + "/a.db", schema: schema)
      }
      #expect(error?.code == "E_READ_ONLY", "\(error?.description ?? "")")
      try disk.setReadOnly(false)
    }
  }

  @Test(
    "a folder of another user is E_READ_ONLY",
    .enabled(if: geteuid() == 0, "needs root to become another user"))
  func otherUser() async throws {
    let directory = try TemporaryDirectory()
    chmod(directory.path, 0o755)
    await #expect(processExitsWith: .exitCode(42)) { [path = directory.path as String] in
      setuid(65534)
      do throws(KaizenError) {
        let schema = Schema(applicationID: application, migrations: [first])
        _ = try Database(path + "/a.db", schema: schema)
      } catch {
        exit(error.code == "E_READ_ONLY" ? 42 : 1)
      }
    }
  }
}

import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import SQLite

private let application: Int32 = 0x4B5A_5433
private let table = "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT;"
private let upgrade = """
  ALTER TABLE a ADD COLUMN y TEXT;
  UPDATE a SET y = hex(zeroblob(500));
  CREATE INDEX a_y ON a(y, x);
  """

private func schema(_ migrations: String...) -> Schema {
  Schema(applicationID: application, migrations: migrations)
}

@Suite("A database and other processes") struct ProcessTests {
  @Test("an upgrade that is killed leaves the old version or the new one", arguments: 0..<6)
  func killedUpgrade(step: Int) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/a.db"
    do {
      let database = try Database(path, schema: schema(table))
      try database.write { db in
        try db.run(
          """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
          INSERT INTO a SELECT i, hex(randomblob(20)) FROM n
          """)
      }
    }
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, step = step as Int] in
      let start = Condition(false)
      let killer = try BlockingThread(name: "killer") {
        _ = start.wait(timeout: .milliseconds(4 * step * step)) { $0 ? true : nil }
        kill(getpid(), SIGKILL)
      }
      _ = try Database(path, schema: schema(table, upgrade))
      killer.join()
    }
    let database = try Database(path, schema: schema(table, upgrade))
    let figures = try database.first(
      "SELECT count(*), count(y), (SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok') FROM a"
    ) { row in
      [try row.integer(0), try row.integer(1), try row.integer(2)]
    }
    #expect(figures == [20_000, 20_000, 0])
  }

  @Test("a commit survives kill -9, a transaction without one does not")
  func killed() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/a.db"
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let database = try Database(path, schema: schema(table))
      try database.write { db in try db.run("INSERT INTO a VALUES (1, 'kept')") }
      try database.write { db in
        try db.run("INSERT INTO a VALUES (2, 'lost')")
        kill(getpid(), SIGKILL)
      }
    }
    let database = try Database(path, schema: schema(table))
    #expect(try database.read("SELECT x FROM a") { try $0.text(0) } == ["kept"])
  }

  @Test("a file that somebody else holds is E_BUSY, after the time given")
  func busy() throws {
    let directory = try TemporaryDirectory()
    var options = Database.Options()
    options.busyTimeout = .milliseconds(20)
    let database = try Database(directory.path + "/a.db", schema: schema(table), options: options)
    // A connection that goes round `Database` stands for the other process.
    let other = try Connection(
      directory.path + "/a.db", .readWrite, busyTimeout: .milliseconds(20))
    try other.run("BEGIN IMMEDIATE")
    let error = #expect(throws: KaizenError.self) {
      try database.write { db in try db.run("INSERT INTO a VALUES (1, 'x')") }
    }
    #expect(error?.code == "E_BUSY" && error?.message.contains("a.db") == true)
    #expect(try database.read("SELECT count(*) FROM a") { try $0.integer(0) } == [0])
    try other.run("ROLLBACK")
    try database.write { db in try db.run("INSERT INTO a VALUES (1, 'x')") }
  }

  @Test("readers see what is committed, whole, while a write is under way")
  func isolation() throws {
    let directory = try TemporaryDirectory()
    let database = try Database(directory.path + "/a.db", schema: schema(table))
    try database.write { db in
      try db.run("INSERT INTO a VALUES (1, 'x')")
      #expect(try database.read("SELECT count(*) FROM a") { try $0.integer(0) } == [0])
      #expect(try db.read("SELECT count(*) FROM a") { try $0.integer(0) } == [1])
      #expect(db.lastInsertedRowID() == 1)
    }
    #expect(try database.read("SELECT count(*) FROM a") { try $0.integer(0) } == [1])
  }

  @Test("an error that is none of ours undoes the write and keeps its words")
  func otherErrors() throws {
    let directory = try TemporaryDirectory()
    let database = try Database(directory.path + "/a.db", schema: schema(table))
    let error = #expect(throws: KaizenError.self) {
      try database.write { db in
        try db.run("INSERT INTO a VALUES (1, 'x')")
        throw SystemError("open", "/nowhere", code: ENOENT)
      }
    }
    #expect(error?.code == "E_INTERNAL" && error?.message.contains("/nowhere") == true)
    #expect(try database.read("SELECT count(*) FROM a") { try $0.integer(0) } == [0])
  }

  @Test("settings that guard the file are on")
  func settings() throws {
    let directory = try TemporaryDirectory()
    let database = try Database(directory.path + "/a.db", schema: schema(table))
    let expected: [(String, String)] = [
      ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"),
      ("trusted_schema", "0"), ("cell_size_check", "1"), ("application_id", "\(application)"),
      ("user_version", "1"),
    ]
    for (name, value) in expected {
      let found = try database.write { db in
        try db.first("SELECT CAST(\(name) AS TEXT) FROM pragma_\(name)") { try $0.text(0) }
      }
      #expect(found == value, "\(name)")
    }
    // DEFENSIVE: the schema's own table cannot be written.
    #expect(throws: KaizenError.self) {
      try database.write { db in
        try db.execute("PRAGMA writable_schema=ON; DELETE FROM sqlite_schema")
      }
    }
    // A name in the wrong quotes is an error, not a text.
    #expect(throws: KaizenError.self) {
      try database.write { db in try db.run("INSERT INTO a VALUES (1, \"text\")") }
    }
  }

  @Test("many different statements do not pile up")
  func cache() throws {
    let directory = try TemporaryDirectory()
    let database = try Database(directory.path + "/a.db", schema: schema(table))
    let sum = try database.read { db in
      var sum: Int64 = 0
      for index in 0..<1000 {
        sum += try db.first("SELECT \(index)") { try $0.integer(0) } ?? 0
      }
      return sum
    }
    #expect(sum == 499_500)
  }
}

import Glibc
import Linux
import Model
import SQLite
import Synchronization
import TestSupport
import Testing

private let notes = Schema(
  applicationID: 0x4B5A_5431,
  migrations: [
    """
    CREATE TABLE notes (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, weight REAL, body BLOB
    ) STRICT;
    """
  ])

@Suite("A database") struct DatabaseTests {
  let directory: TemporaryDirectory
  let database: Database

  init() throws {
    directory = try TemporaryDirectory()
    database = try Database(directory.path + "/notes.db", schema: notes)
  }

  @Test("every kind of value comes back as it was stored")
  func values() throws {
    try database.write { db in
      try db.run(
        "INSERT INTO notes VALUES (?, ?, ?, ?)",
        [.integer(.max), "NUL \u{0} and 🦉", .real(-0.5), .blob([0, 255, 0])])
      try db.run("INSERT INTO notes VALUES (?, ?, ?, ?)", [2, "", nil, .blob([])])
      try db.run("INSERT INTO notes VALUES (?, ?, ?, ?)", [3, "nan", .real(.nan), nil])
    }
    let rows = try database.read("SELECT * FROM notes ORDER BY id DESC") { row in
      "\(try row.integer(0)) \(try row.text(1)) \(try row.optionalReal(2) as Double?) "
        + "\(row.isNull(3) ? [] : try row.blob(3))"
    }
    #expect(
      rows == [
        "\(Int64.max) NUL \u{0} and 🦉 Optional(-0.5) [0, 255, 0]", "3 nan nil []", "2  nil []",
      ])
  }

  @Test("is its owner's alone with all that lies beside it, made new, found open or backed up")
  func modes() throws {
    func modes(_ path: String) -> [mode_t] {
      ["", "-wal", "-shm"].compactMap { suffix in
        var status = stat()
        return lstat(path + suffix, &status) == 0 ? status.st_mode & 0o777 : nil
      }
    }
    try database.write { db in try db.run("INSERT INTO notes(id, name) VALUES (1, 'a')") }
    #expect(modes(database.path) == [0o600, 0o600, 0o600])
    let copy = directory.path + "/copy.db"
    try database.backUp(to: copy)
    #expect(modes(copy) == [0o600])
    // As an earlier version left it.
    chmod(copy, 0o644)
    let found = try Database(copy, schema: notes)
    try found.write { db in try db.run("INSERT INTO notes(id, name) VALUES (2, 'b')") }
    #expect(modes(copy) == [0o600, 0o600, 0o600])
  }

  @Test("an error within a write undoes all of it")
  func rollback() throws {
    let error = #expect(throws: KaizenError.self) {
      try database.write { db in
        try db.run("INSERT INTO notes(id, name) VALUES (1, ?)", ["a"])
        try db.run("INSERT INTO notes(id, name) VALUES (2, ?)", ["a"])
      }
    }
    #expect(error?.code == "E_CONSTRAINT")
    #expect(error?.message.contains("notes.name") == true)
    #expect(try count() == 0)
    try database.write { db in try db.run("INSERT INTO notes(name) VALUES ('b')") }
    #expect(try count() == 1)
  }

  @Test("what a column does not hold is an error that names it")
  func columns() throws {
    try database.write { db in try db.run("INSERT INTO notes(id, name) VALUES (1, 'a')") }
    let error = #expect(throws: KaizenError.self) {
      try database.read("SELECT weight FROM notes") { row in try row.real(0) }
    }
    #expect(error?.message.contains("column \"weight\": expected a number, found NULL") == true)
  }

  @Test("a wrong number of values, and wrong SQL, are errors")
  func misuse() {
    #expect(throws: KaizenError.self) {
      try database.write { db in try db.run("INSERT INTO notes(name) VALUES (?)", []) }
    }
    let error = #expect(throws: KaizenError.self) {
      try database.write { db in try db.run("INSERT INTO nots VALUES (1)") }
    }
    #expect(error?.message.contains("no such table: nots") == true)
    #expect(throws: KaizenError.self) {
      try database.read { db in try db.run("DELETE FROM notes") }
    }
  }

  @Test("a query within the rows of the same query works")
  func nested() throws {
    try database.write { db in
      for name in ["a", "b", "c"] {
        try db.run("INSERT INTO notes(name) VALUES (?)", [.text(name)])
      }
    }
    let counts = try database.read { db in
      try db.read("SELECT id FROM notes") { _ in
        try db.read("SELECT id FROM notes") { row in try row.integer(0) }.count
      }
    }
    #expect(counts == [3, 3, 3])
  }

  @Test("many threads write and read at once and lose nothing")
  func threads() throws {
    let failures = Mutex(0)
    let threads = try (0..<4).map { thread in
      try BlockingThread(name: "writer \(thread)") {
        for index in 0..<50 {
          do {
            try database.write { db in
              try db.run("INSERT INTO notes(name) VALUES (?)", [.text("\(thread)/\(index)")])
            }
            _ = try count()
          } catch {
            failures.withLock { $0 += 1 }
          }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(failures.withLock { $0 } == 0)
    #expect(try count() == 200)
  }

  @Test("a file is open once in a process, by whatever path")
  func claim() throws {
    let error = #expect(throws: KaizenError.self) {
      try Database(directory.path + "/./notes.db", schema: notes)
    }
    #expect(error?.code == "E_BUSY")
  }

  @Test("closing leaves one file")
  func closing() throws {
    let other = try TemporaryDirectory()
    do {
      let database = try Database(other.path + "/x.db", schema: notes)
      try database.write { db in try db.run("INSERT INTO notes(name) VALUES ('a')") }
      #expect(try Files.names(in: other.path) == ["x.db", "x.db-shm", "x.db-wal"])
      try database.checkpoint()
    }
    #expect(try Files.names(in: other.path) == ["x.db"])
  }

  private func count() throws(KaizenError) -> Int64 {
    try database.first("SELECT count(*) FROM notes") { row in
      try row.integer(0)
    } ?? -1
  }
}

import Linux
import Model
import SQLite
import TestSupport
import Testing

@testable import Daemon

@Suite("Backups") struct BackupTests {
  private let schema = Schema(
    applicationID: 7, migrations: ["CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT) STRICT"])
  private let noon = Instant(seconds: 1_795_176_000)

  private func filled(_ path: String, _ count: Int) throws -> Database {
    let database = try Database(path, schema: schema)
    try database.write { db in
      for _ in 0..<count {
        try db.run(
          "INSERT INTO rows (text) VALUES (?)", [.text(String(repeating: "x", count: 900))])
      }
    }
    return database
  }

  private func count(_ path: String) throws -> Int64? {
    try Database.inspect(path) { db in
      try db.first("SELECT count(*) FROM rows") { try $0.integer(0) }
    }
  }

  @Test("hold all that was committed, also what lies in the WAL, in one file")
  func whole() throws {
    let directory = try TemporaryDirectory()
    let database = try filled(directory.path + "/feedback_loop.db", 500)
    let store = BackupStore(folder: directory.path + "/backups")
    try store.make(database, as: "feedback_loop", at: noon) { false }
    let backup = try #require(store.backups(of: "feedback_loop").first)
    #expect(backup.madeAt == noon && backup.path.hasSuffix("/feedback_loop.20261120T120000Z.db"))
    #expect(try count(backup.path) == 500)
    #expect(try Files.names(in: store.folder).count == 1)
    #expect(Database.damage(of: backup.path).isEmpty)
  }

  @Test("are made while records are written, of one moment")
  func concurrent() throws {
    let directory = try TemporaryDirectory()
    let database = try filled(directory.path + "/feedback_loop.db", 3000)
    let writer = try BlockingThread(name: "writer") {
      for _ in 0..<200 {
        _ = try? database.write { db in  // counted below
          for _ in 0..<2 { try db.run("INSERT INTO rows (text) VALUES ('pair')") }
        }
      }
    }
    let store = BackupStore(folder: directory.path + "/backups", countMax: 5)
    for round in 0..<5 {
      try store.make(database, as: "feedback_loop", at: noon + .seconds(round)) { false }
    }
    writer.join()
    for backup in store.backups(of: "feedback_loop") {
      let found = try #require(try count(backup.path))
      #expect(found % 2 == 0 && found >= 3000)
    }
  }

  @Test("are at most so many and so large, the newest kept")
  func limits() throws {
    let directory = try TemporaryDirectory()
    let database = try filled(directory.path + "/feedback_loop.db", 100)
    var store = BackupStore(folder: directory.path + "/backups", countMax: 2)
    for round in 0..<4 {
      try store.make(database, as: "feedback_loop", at: noon + .seconds(round)) { false }
    }
    #expect(store.backups(of: "feedback_loop").map(\.madeAt) == [3, 2].map { noon + .seconds($0) })
    try store.make(database, as: "optimization_engine", at: noon) { false }
    store.bytesMax = store.backups(of: "feedback_loop")[0].byteCount * 5 / 2
    try store.make(database, as: "feedback_loop", at: noon + .seconds(9)) { false }
    #expect(store.backups(of: "feedback_loop").map(\.madeAt) == [noon + .seconds(9)])
    #expect(store.backups(of: "optimization_engine").count == 1)
    store.bytesMax = 1000
    let error = #expect(throws: KaizenError.self) {
      try store.make(database, as: "feedback_loop", at: noon + .seconds(10)) { false }
    }
    #expect(error?.code == "E_BACKUP_BUDGET")
  }

  @Test("of a damaged database do not take the place of a sound one")
  func damaged() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/feedback_loop.db"
    let store = BackupStore(folder: directory.path + "/backups", countMax: 1)
    do {
      let database = try filled(path, 400)
      try store.make(database, as: "feedback_loop", at: noon) { false }
      try database.checkpoint()
    }
    var bytes = try Files.read(path, limit: 1 << 24)
    for index in 40_960..<49_152 { bytes[index] = 0xFF }
    try Files.replace(path, with: bytes)
    let database = try Database(path, schema: schema)
    #expect(throws: KaizenError.self) {
      try store.make(database, as: "feedback_loop", at: noon + .seconds(1)) { false }
    }
    #expect(store.backups(of: "feedback_loop").map(\.madeAt) == [noon])
    #expect(try Files.names(in: store.folder).count == 1)
  }

  @Test("that are cut short by a stop or a full disk leave nothing")
  func stopped() throws {
    let directory = try TemporaryDirectory()
    let database = try filled(directory.path + "/feedback_loop.db", 100)
    let store = BackupStore(folder: directory.path + "/backups")
    #expect(throws: KaizenError.self) {
      try store.make(database, as: "feedback_loop", at: noon) { true }
    }
    #expect(try Files.names(in: store.folder).isEmpty)
    guard SmallDisk.isPossible else { return }
    let disk = try SmallDisk(kibibytes: 64)
    #expect(throws: KaizenError.self) {
      try BackupStore(folder: disk.path + "/b").make(database, as: "feedback_loop", at: noon) {
        false
      }
    }
    #expect(try Files.names(in: disk.path + "/b").isEmpty)
  }
}

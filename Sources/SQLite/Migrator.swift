internal import CSQLite
internal import Glibc
internal import Linux
internal import Model

/// Makes a file of the schema's version, or brings an older one to it; forward only.
struct Migrator {
  let path: String
  let schema: Schema
  let busyTimeout: Duration

  /// Looks at the file's first 100 bytes, before SQLite opens it: even opening may write, for a
  /// foreign file in WAL mode.
  ///
  /// - Returns: false where there is no file yet.
  /// - Source: https://sqlite.org/fileformat.html#the_database_header
  func checkHeader() throws(KaizenError) -> Bool {
    let header: [UInt8]
    do {
      guard Files.exists(path) else { return false }
      header = try Self.head(of: path)
    } catch {
      throw KaizenError(
        "E_CANNOT_OPEN", "\(path): opening: \(error)", hint: "let this user read the file")
    }
    if header.isEmpty {
      throw KaizenError(
        "E_CORRUPT", "\(path): the file is empty, its rows are lost",
        hint: "restore its newest .backup, or remove it to begin anew")
    }
    guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw foreign("not an SQLite database")
    }
    let application = Int32(bitPattern: Self.word(header, at: 68))
    guard application == schema.applicationID else {
      throw foreign(
        "an SQLite database of another program, application id \(application) "
          + "instead of \(schema.applicationID)")
    }
    try checkVersion(Int(Int32(bitPattern: Self.word(header, at: 60))))
    return true
  }

  /// Refuses a folder or file that cannot be written: SQLite would go on with reading alone, or
  /// name another reason.
  func checkWritable() throws(KaizenError) {
    for (place, mode) in [(Files.parent(of: path), W_OK | X_OK), (path, R_OK | W_OK)] {
      // euidaccess(3): as the user this process acts as.
      guard Files.exists(place), euidaccess(place, mode) != 0 else { continue }
      let reason = SystemError("euidaccess", place)
      throw KaizenError(
        "E_READ_ONLY", "\(path): opening: \(place): \(SystemError.text(reason.code))",
        hint: "make \(place) writable for this user, or choose another home")
    }
  }

  /// The version as the WAL has it, which the header may not know yet.
  func checkVersion(_ connection: borrowing Connection) throws(KaizenError) {
    try checkVersion(Int(try connection.pragma("user_version")))
  }

  private func checkVersion(_ version: Int) throws(KaizenError) {
    if version > schema.version {
      throw KaizenError(
        "E_SCHEMA_NEWER",
        "\(path): its schema is version \(version), this program knows up to \(schema.version)",
        hint: "run the newer program, or restore the .backup it made before the upgrade")
    }
  }

  /// Makes the file complete under another name first, so that at `path` there is never half of it.
  func create() throws(KaizenError) {
    let temporary = path + ".new"
    remove(temporary)
    do throws(KaizenError) {
      try makeNew(temporary)
      try publish(temporary, as: path)
    } catch {
      remove(temporary)
      throw error
    }
  }

  private func makeNew(_ temporary: String) throws(KaizenError) {
    let connection = try Connection(temporary, .create, busyTimeout: busyTimeout)
    try connection.transaction { connection in
      try connection.execute("PRAGMA application_id=\(schema.applicationID)")
      try apply(connection, from: 0)
    }
  }

  /// Runs what migrations are missing, all or none.
  func migrate(_ connection: borrowing Connection) throws(KaizenError) {
    let version = Int(try connection.pragma("user_version"))
    if version == schema.version { return }
    try backUp(connection, version: version)
    // https://sqlite.org/lang_altertable.html#otheralter: off while tables are rebuilt; inside a
    // transaction the setting has no effect, hence out here.
    try connection.execute("PRAGMA foreign_keys=OFF")
    try connection.transaction { connection in
      try apply(connection, from: version)
      try checkResult(connection)
    }
    try connection.execute("PRAGMA foreign_keys=ON; PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func apply(
    _ connection: borrowing Connection, from version: Int
  ) throws(KaizenError) {
    for script in schema.migrations[version...] { try connection.execute(script) }
    try connection.execute("PRAGMA user_version=\(schema.version)")
  }

  /// The upgraded tables must be what the migrations make of an empty file.
  private func checkResult(_ connection: borrowing Connection) throws(KaizenError) {
    let broken = try connection.read("PRAGMA foreign_key_check") { row in
      try row.text(0)
    }
    let list = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY 1"
    let found = try connection.read(list) { row in try row.text(0) }
    let scratch = try Connection(":memory:", .create, busyTimeout: busyTimeout)
    try apply(scratch, from: 0)
    let expected = try scratch.read(list) { row in try row.text(0) }
    if let table = broken.first {
      throw refused("rows of \(table) refer to rows that do not exist")
    }
    if let odd = Set(found).symmetricDifference(expected).min() {
      throw refused("its tables are not those of version \(schema.version): \(odd.prefix(120))")
    }
  }

  /// `<path>.v<version>.backup`, a complete database by itself.
  private func backUp(
    _ connection: borrowing Connection, version: Int
  ) throws(KaizenError) {
    let backup = "\(path).v\(version).backup"
    let temporary = backup + ".new"
    remove(temporary)
    do throws(KaizenError) {
      try connection.run("VACUUM INTO ?", [.text(temporary)])
      try publish(temporary, as: backup)
    } catch {
      remove(temporary)
      throw error
    }
  }

  private func publish(_ temporary: String, as name: String) throws(KaizenError) {
    do throws(SystemError) {
      try FileDescriptor.open(temporary, O_RDWR).sync()
      try retrying("rename", name) { rename(temporary, name) }
      try Files.syncDirectory(Files.parent(of: name))
    } catch {
      throw KaizenError("E_IO", "\(name): \(error)", hint: "look at the disk")
    }
  }

  private func remove(_ temporary: String) {
    for suffix in ["", "-journal", "-wal", "-shm"] { unlink(temporary + suffix) }
  }

  private func foreign(_ reason: String) -> KaizenError {
    KaizenError(
      "E_FOREIGN_FILE", "\(path): \(reason)", hint: "move the file away, or choose another home")
  }

  private func refused(_ reason: String) -> KaizenError {
    KaizenError(
      "E_SCHEMA", "\(path): upgrading: \(reason); nothing was changed",
      hint: "restore a file that only Kaizen has written")
  }

  private static func head(of path: String) throws(SystemError) -> [UInt8] {
    let file = try FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW)
    var bytes = [UInt8](repeating: 0, count: 100)
    let raw = file.raw
    let count = try retrying("read", path) {
      bytes.withUnsafeMutableBytes { pread(raw, $0.baseAddress, $0.count, 0) }
    }
    return Array(bytes[..<count])
  }

  private static func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

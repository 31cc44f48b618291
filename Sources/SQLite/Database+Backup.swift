internal import CSQLite
internal import Glibc
internal import Linux
public import Model

extension Database {
  /// Pages of one step of a backup: 4 MiB.
  private static let backupStepPages: Int32 = 1024
  /// Findings of an integrity check that are told.
  private static let findingsMax = 5

  /// Copies the whole database, as it is now, to a new file at `path`, durably.
  ///
  /// By a connection of its own that reads one committed state to the end: neither writers nor
  /// readers wait, and the WAL keeps what it needs until then. The copy is one file by itself.
  /// - Throws: `E_DISK_FULL`, `E_CORRUPT`, `E_STOPPING` where `isStopped` says so; then nothing is
  ///   left at `path`.
  /// - Source: https://sqlite.org/backup.html
  public func backUp(
    to path: String, isStopped: @Sendable () -> Bool = { false }
  ) throws(KaizenError) {
    let temporary = path + ".new"
    Self.removeAll(temporary)
    do throws(KaizenError) {
      try copyAll(to: temporary, isStopped)
      try Self.publish(temporary, as: path)
    } catch {
      Self.removeAll(temporary)
      throw error
    }
  }

  private func copyAll(to temporary: String, _ isStopped: () -> Bool) throws(KaizenError) {
    let source = try Self.reader(path)
    // One read transaction around all steps: else each commit of the writer would begin it anew
    // (https://sqlite.org/c3ref/backup_finish.html#sqlite3backupstep).
    try source.run("BEGIN")
    _ = try source.read("SELECT name FROM sqlite_schema LIMIT 1") { row in try row.text(0) }
    let target = try Connection(temporary, .create, busyTimeout: .seconds(5))
    guard let backup = sqlite3_backup_init(target.raw, "main", source.raw, "main") else {
      throw Failure.error(
        sqlite3_errcode(target.raw), target.raw, path: temporary, doing: "backing up")
    }
    var code = SQLITE_OK
    while code == SQLITE_OK, !isStopped() {
      code = sqlite3_backup_step(backup, Self.backupStepPages)
    }
    sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE else {
      if code == SQLITE_OK {
        throw KaizenError("E_STOPPING", "\(path): the backup was cut short by a stop")
      }
      throw Failure.error(code, target.raw, path: temporary, doing: "backing up \(path)")
    }
    // The header says WAL as the source's does; without it the copy needs no second file.
    try target.run("PRAGMA journal_mode=DELETE")
    source.rollBack()
  }

  /// What an integrity check finds wrong with the file at `path`; empty where it is sound.
  ///
  /// `quick_check`, which reads every page and leaves out what the indexes hold.
  /// - Source: https://sqlite.org/pragma.html#pragma_quick_check
  public static func damage(of path: String) -> [String] {
    do throws(KaizenError) {
      let found = try inspect(path) { connection in
        try connection.read("PRAGMA quick_check(\(findingsMax))") { try $0.text(0) }
      }
      return found == ["ok"] ? [] : found
    } catch {
      return [error.message]
    }
  }

  /// Lends a connection that only reads, to a file that need not be this process's own.
  public static func inspect<R: Sendable>(
    _ path: String, _ body: (borrowing Connection) throws -> R
  ) throws(KaizenError) -> R {
    try reader(path).inTurn(body)
  }

  private static func reader(_ path: String) throws(KaizenError) -> Connection {
    let connection = try Connection(path, .readOnly, busyTimeout: .seconds(5))
    try connection.configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
    try connection.execute("PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0; PRAGMA query_only=ON")
    return connection
  }

  private static func publish(_ temporary: String, as name: String) throws(KaizenError) {
    do throws(SystemError) {
      try FileDescriptor.open(temporary, O_RDWR).sync()
      try retrying("rename", name) { rename(temporary, name) }
      try Files.syncDirectory(Files.parent(of: name))
    } catch {
      throw KaizenError("E_IO", "\(name): \(error)", hint: "look at the disk")
    }
  }

  private static func removeAll(_ path: String) {
    for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
  }
}

internal import CSQLite
internal import Glibc
internal import Linux
public import Model

/// An open database, lent to one thread at a time.
///
/// Unchecked: the cache and SQLite's own state are only touched by whoever holds the lock that
/// `Database` keeps around each connection; it cannot be copied or kept.
public struct Connection: ~Copyable, @unchecked Sendable {
  let raw: OpaquePointer
  let path: String
  private let cache = StatementCache()

  enum Mode { case readWrite, readOnly, create }

  init(_ path: String, _ mode: Mode, busyTimeout: Duration) throws(KaizenError) {
    var raw: OpaquePointer?
    if mode != .readOnly { Self.keepPrivate(path, isNew: mode == .create) }
    // https://sqlite.org/c3ref/open.html: NOMUTEX, the caller's lock guards the connection.
    let flags: Int32 =
      switch mode {
      case .readWrite: SQLITE_OPEN_READWRITE
      case .readOnly: SQLITE_OPEN_READONLY
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    let code = sqlite3_open_v2(
      path, &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW, nil)
    guard code == SQLITE_OK, let raw else {
      let error = Failure.error(code, raw, path: path, doing: "opening")
      sqlite3_close_v2(raw)
      throw error
    }
    self.raw = raw
    self.path = path
    sqlite3_busy_timeout(raw, Int32(busyTimeout.milliseconds))
  }

  /// Leaves the file to its owner alone, made new or made earlier; what SQLite makes beside it gets
  /// the same mode (https://sqlite.org/src/file/src/os_unix.c, findCreateFileMode).
  ///
  /// No error: a file system without modes has nothing to take away, and what cannot be made here
  /// fails with its reason when SQLite opens it.
  private static func keepPrivate(_ path: String, isNew: Bool) {
    if isNew && path.hasPrefix("/") {
      _ = try? FileDescriptor.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)  // see above
    }
    for name in [path, path + "-wal", path + "-shm"] {
      var status = stat()
      guard lstat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        status.st_mode & 0o077 != 0
      else { continue }
      chmod(name, status.st_mode & 0o700)
    }
  }

  // https://sqlite.org/c3ref/close.html: _v2 waits for statements that still live.
  deinit {
    cache.removeAll()
    sqlite3_close_v2(raw)
  }

  /// Runs one statement, compiled once and kept; returns how many rows it changed.
  @discardableResult
  public borrowing func run(
    _ sql: String, _ values: [SQLValue] = []
  ) throws(KaizenError) -> Int {
    try withStatement(sql) { statement in
      try statement.bind(values)
      while try statement.step() {}
    }
    return Int(sqlite3_changes(raw))
  }

  /// Runs one query and returns what `body` makes of each row.
  public borrowing func read<R>(
    _ sql: String, _ values: [SQLValue] = [],
    _ body: (borrowing Row) throws -> R
  ) throws(KaizenError) -> [R] {
    var results: [R] = []
    try forEach(sql, values) { row in results.append(try body(row)) }
    return results
  }

  /// The first row of a query, or nil where there is none.
  public borrowing func first<R>(
    _ sql: String, _ values: [SQLValue] = [],
    _ body: (borrowing Row) throws -> R
  ) throws(KaizenError) -> R? {
    try withStatement(sql) { statement in
      try statement.bind(values)
      return try statement.step() ? try body(statement.row()) : nil
    }
  }

  /// Runs one query and hands each row to `body`.
  public borrowing func forEach(
    _ sql: String, _ values: [SQLValue] = [],
    _ body: (borrowing Row) throws -> Void
  ) throws(KaizenError) {
    try withStatement(sql) { statement in
      try statement.bind(values)
      while try statement.step() { try body(statement.row()) }
    }
  }

  /// Lends the compiled statement of `sql`, for loops that bind and run it many times.
  public borrowing func withStatement<R>(
    _ sql: String, _ body: (borrowing Statement) throws -> R
  ) throws(KaizenError) -> R {
    let kept: KeptStatement
    if let known = cache.take(sql) {
      kept = known
    } else {
      kept = KeptStatement(try Statement(sql, database: raw, path: path, isKept: true))
    }
    defer {
      kept.statement.reset()
      cache.give(back: kept, sql)
    }
    do {
      return try body(kept.statement)
    } catch {
      throw KaizenError.from(error)
    }
  }

  /// Runs a script of several statements without values, such as a migration.
  public borrowing func execute(_ script: String) throws(KaizenError) {
    let code = sqlite3_exec(raw, script, nil, nil, nil)
    if code != SQLITE_OK {
      throw Failure.error(code, raw, path: path, doing: "running \"\(script.prefix(80))\"")
    }
  }

  /// The rowid of the last inserted row.
  public borrowing func lastInsertedRowID() -> Int64 { sqlite3_last_insert_rowid(raw) }

  /// Runs `body` between BEGIN IMMEDIATE and COMMIT; an error undoes everything it did.
  borrowing func transaction<R>(
    _ body: (borrowing Connection) throws -> R
  ) throws(KaizenError) -> R {
    try run("BEGIN IMMEDIATE")
    do throws(KaizenError) {
      let result = try inTurn(body)
      try run("COMMIT")
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Runs `body` on this connection.
  borrowing func inTurn<R>(
    _ body: (borrowing Connection) throws -> R
  ) throws(KaizenError) -> R {
    do {
      return try body(self)
    } catch {
      throw KaizenError.from(error)
    }
  }

  /// Ends a transaction that failed.
  borrowing func rollBack() {
    // https://sqlite.org/lang_transaction.html: some errors have rolled back already.
    if sqlite3_get_autocommit(raw) == 0 { sqlite3_exec(raw, "ROLLBACK", nil, nil, nil) }
  }

  /// Sets one option that is on or off.
  borrowing func configure(_ option: Int32, _ on: Bool) throws(KaizenError) {
    let code = csqlite_configure(raw, option, on ? 1 : 0)
    if code != SQLITE_OK { throw Failure.error(code, raw, path: path, doing: "configuring") }
  }

  /// The one integer a PRAGMA answers with.
  borrowing func pragma(_ name: String) throws(KaizenError) -> Int64 {
    let statement = try Statement(
      "PRAGMA \(name)", database: raw, path: path, isKept: false)
    guard try statement.step() else { return 0 }
    return try statement.row().integer(0)
  }
}

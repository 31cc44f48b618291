internal import CSQLite
internal import Linux
public import Model
internal import Synchronization

/// One SQLite file: one connection for all writes and checkpoints, another one for reads.
///
/// SQLite before 3.51.3 can lose a checkpoint's work where two connections write or checkpoint
/// (the WAL-reset bug); so the second is opened for reading alone and never checkpoints. Any thread
/// may call; writes take turns, and so do reads. Do not call from inside the closures: they hold
/// the turn.
/// - Source: https://sqlite.org/wal.html, "The WAL-Reset Bug".
public final class Database: Sendable {
  /// How a file is opened.
  public struct Options: Hashable, Sendable {
    /// What a commit waits for.
    public enum Synchronous: String, Sendable {
      /// The disk: a committed row survives power loss.
      case full = "FULL"
      /// Nothing: a committed row survives a crash of the process, not of the machine.
      case normal = "NORMAL"
    }

    /// What a commit waits for.
    public var synchronous = Synchronous.full
    /// How long to wait for another process that holds the file.
    public var busyTimeout = Duration.seconds(5)
    /// Pages in the WAL from which a commit also checkpoints.
    public var checkpointPages = 1000
    /// The writer's page cache, in KiB.
    public var cacheKibibytes = 8192

    /// Makes the default options.
    public init() {}
  }

  /// The WAL is cut to this after a checkpoint: 64 MiB.
  static let journalBytesMax = 64 << 20

  /// The file, its folder resolved.
  public let path: String
  // In the order they close: the last one, which can write, checkpoints and removes the WAL.
  private let reader: Mutex<Connection>
  private let writer: Mutex<Connection>
  private let claim: Claim

  /// Opens the file `path`, makes it where there is none, and brings it to the schema's version.
  ///
  /// - Throws: `E_FOREIGN_FILE` and `E_SCHEMA_NEWER` with the file untouched, `E_CORRUPT`,
  ///   `E_DISK_FULL`, `E_READ_ONLY`, `E_CANNOT_OPEN`, `E_BUSY`, each naming the file.
  public init(
    _ path: String, schema: Schema, options: Options = Options()
  ) throws(KaizenError) {
    let path = try Self.resolved(path)
    claim = try Claim(path)
    let migrator = Migrator(path: path, schema: schema, busyTimeout: options.busyTimeout)
    let isThere = try migrator.checkHeader()
    try migrator.checkWritable()
    if !isThere { try migrator.create() }
    let connection = try Connection(path, .readWrite, busyTimeout: options.busyTimeout)
    // Until the version is known to be ours, closing must not write: no checkpoint then.
    try connection.configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
    try migrator.checkVersion(connection)
    try Self.configure(connection, options)
    try migrator.migrate(connection)
    try connection.configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
    let reading = try Connection(path, .readOnly, busyTimeout: options.busyTimeout)
    try reading.configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
    try reading.execute("PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0; PRAGMA query_only=ON")
    writer = Mutex(connection)
    reader = Mutex(reading)
    self.path = path
  }

  /// Runs `body` in a transaction of its own, and returns when what it wrote is committed.
  ///
  /// An error of `body`, or of the commit, undoes all of it.
  @discardableResult
  public func write<R: Sendable>(
    _ body: (borrowing Connection) throws -> R
  ) throws(KaizenError) -> R {
    try writer.withLock { connection throws(KaizenError) -> R in
      try connection.transaction(body)
    }
  }

  /// Runs `body` on the reading connection, in a view of what was committed when it began.
  public func read<R: Sendable>(
    _ body: (borrowing Connection) throws -> R
  ) throws(KaizenError) -> R {
    try reader.withLock { connection throws(KaizenError) -> R in
      try connection.run("BEGIN")
      do throws(KaizenError) {
        let result = try connection.inTurn(body)
        try connection.run("COMMIT")
        return result
      } catch {
        connection.rollBack()
        throw error
      }
    }
  }

  /// Runs one query and returns what `row` makes of each row.
  public func read<R: Sendable>(
    _ sql: String, _ values: [SQLValue] = [],
    _ row: (borrowing Row) throws -> R
  ) throws(KaizenError) -> [R] {
    try reader.withLock { connection throws(KaizenError) -> [R] in
      try connection.read(sql, values, row)
    }
  }

  /// The first row of a query, or nil where there is none.
  public func first<R: Sendable>(
    _ sql: String, _ values: [SQLValue] = [],
    _ row: (borrowing Row) throws -> R
  ) throws(KaizenError) -> R? {
    try reader.withLock { connection throws(KaizenError) -> R? in
      try connection.first(sql, values, row)
    }
  }

  /// Moves what the WAL holds into the file, and empties the WAL.
  public func checkpoint() throws(KaizenError) {
    try writer.withLock { connection throws(KaizenError) -> Void in
      try connection.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  private static func configure(
    _ connection: borrowing Connection, _ options: Options
  ) throws(KaizenError) {
    try connection.configure(SQLITE_DBCONFIG_DEFENSIVE, true)
    // https://sqlite.org/quirks.html#dblquote: "x" is a name, never by accident a text.
    try connection.configure(SQLITE_DBCONFIG_DQS_DML, false)
    try connection.configure(SQLITE_DBCONFIG_DQS_DDL, false)
    try connection.execute(
      """
      PRAGMA journal_mode=WAL;
      PRAGMA synchronous=\(options.synchronous.rawValue);
      PRAGMA foreign_keys=ON;
      PRAGMA trusted_schema=OFF;
      PRAGMA cell_size_check=ON;
      PRAGMA mmap_size=0;
      PRAGMA temp_store=MEMORY;
      PRAGMA cache_size=-\(options.cacheKibibytes);
      PRAGMA journal_size_limit=\(journalBytesMax);
      PRAGMA wal_autocheckpoint=\(options.checkpointPages);
      """)
  }

  private static func resolved(_ path: String) throws(KaizenError) -> String {
    do {
      return try Files.resolve(Files.parent(of: path)) + "/" + Files.name(of: path)
    } catch {
      throw KaizenError(
        "E_CANNOT_OPEN", "\(path): opening: \(error)",
        hint: "make the folder \(Files.parent(of: path))")
    }
  }
}

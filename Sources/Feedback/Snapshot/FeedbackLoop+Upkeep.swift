internal import Linux
public import Model
internal import SQLite
internal import Synchronization

/// How long feedback is kept, and how much of it.
public struct Retention: Hashable, Sendable {
  /// Days after which an entry is removed, counted from its arrival.
  public var days = 90
  /// Most entries kept.
  public var rowsMax = 20_000_000
  /// Most bytes of the database that hold something, its free pages not counted.
  public var bytesMax = 8 << 30

  /// The retention of a daemon without settings.
  public init() {}
}

extension FeedbackLoop {
  /// A snapshot is written again after that many new records.
  static let snapshotRowsMin: Int64 = 50_000
  /// How long the writer may take to hand over what it holds.
  private static let freezeTimeout = Duration.seconds(30)

  /// What is odd about the files, one line each for people.
  public var notes: [String] { writer.notes }

  /// Removes what is too old or too much, and writes the snapshot where much came since the last.
  ///
  /// To be called every few seconds by one thread. Entries go in portions of some thousand, each in
  /// a commit that senders share: nobody waits for more than one portion.
  /// - Returns: how many entries were removed.
  @discardableResult
  public func keep(_ retention: Retention) throws(KaizenError) -> Int {
    digest()
    let removed = try trim(retention)
    let stored = snapshotEntry.withLock { $0 }
    if try newestEntry() - stored >= Self.snapshotRowsMin { try saveSnapshot() }
    return removed
  }

  /// Writes all that is in memory beside the database, so that the next start need not read it row
  /// by row.
  public func saveSnapshot() throws(KaizenError) {
    let box = Condition<FrozenMemory?>(nil)
    _ = try writer.queue.submit(.freeze(box)).wait()
    guard let frozen = box.wait(timeout: Self.freezeTimeout, until: { $0 }) else {
      throw KaizenError("E_TIMEOUT", "the writer did not hand over its rows")
    }
    try write(frozen)
  }

  func write(_ frozen: FrozenMemory) throws(KaizenError) {
    if frozen.memory.rowCount == 0 { return }
    let entries = SnapshotMark.entries(
      last: frozen.lastEntry, first: frozen.lastEntry - Int64(frozen.memory.rowCount) + 1)
    let marks = try SnapshotMark.read(entries, writer.database, key: frozen.hashKey)
    let path = SnapshotFile.path(of: writer.database.path)
    do {
      try SnapshotWriter(frozen: frozen, marks: marks).write(to: path)
    } catch {
      throw KaizenError(
        error.code == 28 ? "E_DISK_FULL" : "E_IO", "\(path): \(error)",
        hint: "the next start reads the database instead, and takes longer")
    }
    snapshotEntry.withLock { $0 = frozen.lastEntry }
  }

  private func newestEntry() throws(KaizenError) -> Int64 { try entry("max") ?? 0 }

  private func entry(_ function: String) throws(KaizenError) -> Int64? {
    try writer.database.first("SELECT \(function)(id) FROM feedback_entries") { row in
      try row.optionalInteger(0)
    }.flatMap { $0 }
  }

  private func trim(_ retention: Retention) throws(KaizenError) -> Int {
    guard let first = try entry("min") else { return 0 }
    let last = try newestEntry()
    let oldest = options.now().seconds - Int64(retention.days) * 86_400
    var limit = try writer.firstEntry(since: oldest, first: first, last: last)
    limit = max(limit, last - Int64(retention.rowsMax) + 1)
    let bytes = try usedBytes()
    if bytes > retention.bytesMax {
      // A tenth more than needed, so that it need not be done again at once.
      let share = 1.1 * Double(bytes - retention.bytesMax) / Double(bytes)
      limit = max(limit, first + Int64((Double(last - first + 1) * min(1, share)).rounded(.up)))
    }
    var removed = 0
    while first + Int64(removed) < min(limit, last) {
      let outcome = try writer.queue.submit(.trim(before: limit)).wait()
      if outcome.stored == 0 { break }
      removed += outcome.stored
    }
    return removed
  }

  /// Bytes of the file's pages that hold something.
  private func usedBytes() throws(KaizenError) -> Int {
    try writer.database.read { db in
      let pages = try db.first("PRAGMA page_count") { try $0.integer(0) } ?? 0
      let free = try db.first("PRAGMA freelist_count") { try $0.integer(0) } ?? 0
      let size = try db.first("PRAGMA page_size") { try $0.integer(0) } ?? 0
      return Int((pages - free) * size)
    }
  }
}

internal import Linux
public import Model
public import SQLite
internal import Synchronization

/// Keeps what agents' operations were worth: records in, figures out.
///
/// A record that is acknowledged is on disk, survives power loss, and is in the next answer.
/// Any thread may call; those that store wait for the disk, and share one commit.
public final class FeedbackLoop: Sendable {
  /// What can be chosen.
  public struct Options: Sendable {
    /// Records kept in memory for analysis, of all agents together; the newest.
    public var windowRowsMax = 1_000_000
    /// Agents known; records of further ones are refused.
    public var agentsMax = 10_000
    /// From when on an operation that was started counts as never finished.
    public var unfinishedAfter = Duration.seconds(3600)
    /// When a shape in feedback counts as a pattern.
    public var insights = InsightRules()
    /// The wall clock.
    public var now: @Sendable () -> Instant = { Instant(nanoseconds: Clock.wallNanoseconds()) }

    /// Makes the default options.
    public init() {}
  }

  /// Records of one batch when many are stored.
  static let batchRecordsMax = 4096
  /// Batches of one sender that wait for the disk.
  static let batchesInFlightMax = 4

  let writer: Writer
  /// The file, for backups.
  public var database: Database { writer.database }
  let options: Options
  let insights: Insights
  private let thread: BlockingThread
  /// The last entry that the snapshot holds.
  let snapshotEntry: Mutex<Int64>
  private let isClosed = Mutex(false)

  /// Opens the file `path`, makes it where there is none, and begins to accept records.
  /// - Throws: what `Database` throws; each error names the file and the fix.
  public init(path: String, options: Options = Options()) throws(KaizenError) {
    var database = Database.Options()
    database.synchronous = .full
    database.checkpointPages = 4000
    database.cacheKibibytes = 16_384
    let writer = try Writer(
      database: try Database(path, schema: FeedbackTables.schema, options: database),
      rowsMax: options.windowRowsMax, agentsMax: options.agentsMax, now: options.now)
    self.writer = writer
    self.options = options
    snapshotEntry = Mutex(writer.restoredEntry)
    insights = Insights(database: writer.database, rules: options.insights, now: options.now)
    do {
      thread = try BlockingThread(name: "feedback") { writer.run() }
    } catch {
      throw KaizenError("E_THREAD", "the feedback writer: \(error)", hint: "end other processes")
    }
  }

  deinit { close() }

  /// Stores what waits, then takes no more; later calls to store are refused with `E_STOPPING`.
  public func close() {
    if isClosed.withLock({ wasClosed in
      defer { wasClosed = true }
      return wasClosed
    }) {
      return
    }
    writer.queue.close()
    thread.join()
    // They may hold those who hold this: the file is closed, and so checkpointed, when all let go.
    insights.forgetHooks()
    if writer.lastEntry == snapshotEntry.withLock({ $0 }) { return }
    // try? because nothing is lost without it: the next start reads the database.
    try? write(writer.freeze())
  }

  /// What became of records given to `store`.
  public struct StoreResult: Sendable {
    /// Records stored; durable.
    public var stored = 0
    /// Records whose id had been stored before.
    public var duplicate = 0
    /// Records refused, by their place.
    public var refused: [(index: Int, error: KaizenError)] = []
  }

  /// Stores `records`, all or none of those it does not refuse, and returns when they are durable.
  /// - Throws: `E_BUSY` when too many wait, `E_DISK_FULL` and the like when the disk refuses.
  public func store(_ records: [FeedbackRecord]) throws(KaizenError) -> StoreResult {
    let outcome = try writer.queue.submit(.records(records.map { PreparedRecord($0) })).wait()
    return StoreResult(
      stored: outcome.stored, duplicate: outcome.duplicate, refused: outcome.refused)
  }

  /// Notes that `agent` has begun an operation; it is an error if no success or failure follows.
  public func startOperation(
    agent: AgentID, operation: String, generation: GenerationNumber? = nil, time: Instant? = nil
  ) throws(KaizenError) {
    guard Identifier.isValid(operation) else {
      throw KaizenError(
        "E_RECORD", "operation_id: expected an id (\(Identifier.form)), found \"\(operation)\"")
    }
    let latest = options.now() + RecordReader.aheadMax
    if let time, time < RecordReader.timeMin || time > latest {
      throw KaizenError(
        "E_RECORD", "time: expected a time from 2000 to a day ahead of now, found \(time)")
    }
    let open = OpenOperation(
      agent: agent.text, operation: operation,
      generation: Int32(clamping: generation?.value ?? 0),
      started: (time ?? options.now()).nanoseconds)
    let outcome = try writer.queue.submit(.start(open)).wait()
    if let refused = outcome.refused.first { throw refused.error }
  }
}

internal import Linux
internal import Model
internal import SQLite
internal import Synchronization

/// The one thread that writes: takes what waits, commits it together, then answers the senders.
///
/// Unchecked: all but `queue`, `database` and `memory`, which guard themselves, is touched by the
/// writer's thread alone, and by `load` before that thread exists.
final class Writer: @unchecked Sendable {
  /// Most idempotency ids remembered.
  static let idsMax = 4_000_000
  /// How long at least an idempotency id is remembered, in seconds.
  static let idSeconds: Int64 = 86_400
  /// Most operations whose records of one type are counted once.
  static let recentOperationsMax = 524_288
  /// Most distinct error types; the text of further ones goes into `details` alone.
  static let errorTypesMax = 10_000
  /// Most entries that one commit removes: some milliseconds of work.
  static let trimRowsMax = 2000
  /// Most operations that are running at once, of all agents.
  static let openOperationsMax = 100_000

  let queue = WriteQueue()
  let database: Database
  let memory: Mutex<FeedbackMemory>
  let agentsMax: Int
  let now: @Sendable () -> Instant

  var agents: [String: Int32] = [:]
  var errorTypes: [String: Int32] = [:]
  var lastEntry: Int64 = 0
  /// The oldest entry on disk.
  var firstEntry: Int64 = 1
  /// Keys the hashes of operations and ids; random, and kept with the snapshot.
  var hashKey = UInt64.random(in: .min ... .max)
  /// What the snapshot remembers of ids, to be taken by the thread before its first commit.
  var frozenIDs: [FrozenMemory.IDs] = []
  /// Of them only those of this entry or a later one: the others are too old.
  var frozenIDsFirst: Int64 = 0
  /// The last entry that came from the snapshot.
  var restoredEntry: Int64 = 0
  /// What is odd about the files, one line each for people.
  var notes: [String] = []
  /// Idempotency id → entry.
  var ids = RotatingMap<Int64>(countMax: Writer.idsMax)
  /// When the newer half of `ids` began, in seconds.
  var idsBegan: Int64 = 0
  /// Operation → the types seen of it, one bit each.
  var seen = RotatingMap<UInt8>(countMax: Writer.recentOperationsMax)
  /// Running operations, and whose they are.
  var open: [UInt64: Int32] = [:]

  init(
    database: Database, rowsMax: Int, agentsMax: Int, now: @escaping @Sendable () -> Instant
  ) throws(KaizenError) {
    self.database = database
    self.agentsMax = agentsMax
    self.now = now
    memory = Mutex(FeedbackMemory(rowsMax: max(1, rowsMax)))
    try load()
  }

  /// Runs until the queue is closed and empty.
  func run() {
    warmUp()
    while let entries = queue.take() { commit(entries) }
  }

  private func commit(_ entries: [WriteQueue.Entry]) {
    let moment = now().seconds
    if moment - idsBegan >= Self.idSeconds {
      ids.rotate()
      idsBegan = moment
    }
    let batch = WriteBatch(writer: self, received: moment)
    do {
      let outcomes = try database.write { db throws(KaizenError) -> [JobOutcome] in
        try batch.apply(entries.map(\.job), db)
      }
      batch.publish()
      batch.settle()
      for case .freeze(let box) in entries.map(\.job) {
        let frozen = freeze()
        box.update { $0 = frozen }
      }
      for (entry, outcome) in zip(entries, outcomes) { entry.ticket.complete(.success(outcome)) }
    } catch {
      batch.undo()
      for entry in entries { entry.ticket.complete(.failure(error)) }
    }
  }

  /// A number for an id of an agent, the same for all time of this file's snapshot.
  func key(_ agent: Int32, _ id: String) -> UInt64 {
    StableHash.of(id, key: hashKey &+ UInt64(UInt32(bitPattern: agent)) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// The same for bytes.
  func key(_ agent: Int32, _ id: UnsafeRawBufferPointer) -> UInt64 {
    StableHash.of(id, key: hashKey &+ UInt64(UInt32(bitPattern: agent)) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A number for an id of an agent, the same as long as the process runs.
  static func key(_ agent: Int32, _ id: String) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(agent)
    hasher.combine(id)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}

internal import JSONStream
internal import Model
internal import SQLite
internal import SimdJSON
internal import Synchronization

/// Reads what was stored, a little behind, and keeps what patterns are found from.
///
/// It follows feedback_entries by their ids on the reading connection, so that storing a record
/// costs nothing for it; whoever asks first catches up, and so sees every acknowledged record.
final class Insights: Sendable {
  /// Most records kept of all agents together; older ones are not looked at.
  static let observationsMax = 131_072
  /// Records read in one turn of the reading connection, which others wait for.
  static let chunkRecordsMax = 4096
  /// Longest word that is kept, in bytes.
  static let wordBytesMax = 256
  /// Most dimensions kept of one record.
  static let dimensionsMax = 16

  struct State: Sendable {
    var journals: [AgentID: AgentJournal] = [:]
    /// The last entry read; nil before the first reading.
    var cursor: Int64?
    var count = 0
  }

  /// Whom to ask and to tell; set by whoever composes the rooms.
  struct Hooks: Sendable {
    var onPattern: [@Sendable (Pattern) -> Void] = []
    var serviceLevel: @Sendable (AgentID) -> Duration? = { _ in nil }
  }

  let store: InsightStore
  let rules: InsightRules
  let now: @Sendable () -> Instant
  let hooks = Mutex(Hooks())
  private let state = Mutex(State())

  init(database: Database, rules: InsightRules, now: @escaping @Sendable () -> Instant) {
    store = InsightStore(database: database)
    self.rules = rules
    self.now = now
  }

  /// Asks and tells nobody any more.
  func forgetHooks() {
    // Let go of outside the lock: whoever they hold may end here.
    _ = hooks.withLock { hooks in
      defer { hooks = Hooks() }
      return hooks
    }
  }

  /// The begin of the window that counts now.
  var windowStart: Instant { now() - .seconds(86_400 * Int64(rules.windowDays)) }

  /// What is kept, after catching up with what was stored.
  func upToDate<R: Sendable>(
    _ body: (inout State) -> R
  ) throws(KaizenError) -> R {
    try state.withLock { state throws(KaizenError) -> R in
      try follow(&state)
      return body(&state)
    }
  }

  private func follow(_ state: inout State) throws(KaizenError) {
    let last =
      try store.database.first("SELECT max(id) FROM feedback_entries") { row in
        try row.optionalInteger(0)
      }.flatMap { $0 } ?? 0
    // Far behind, the oldest of what is new would be dropped again at once.
    var cursor = max(state.cursor ?? 0, last - Int64(Self.observationsMax))
    if cursor >= last {
      state.cursor = last
      return
    }
    var parser = try JSONParser()
    let oldest = windowStart.nanoseconds
    while cursor < last {
      for key in state.journals.keys { state.journals[key]?.tidy() }
      let chunk = try read(after: cursor)
      guard let end = chunk.last?.entry else { break }
      for record in chunk where record.time >= oldest { take(record, &state, &parser) }
      cursor = end
      state.cursor = end
    }
    shrink(&state, oldest: oldest)
  }

  private func read(after cursor: Int64) throws(KaizenError) -> [StoredRecord] {
    try store.database.read(
      StoredRecord.query, [.integer(cursor), .integer(Int64(Self.chunkRecordsMax))]
    ) { row in try StoredRecord(row) }
  }

  private func take(
    _ record: StoredRecord, _ state: inout State, _ parser: inout JSONParser
  ) {
    guard let agent = AgentID(record.agent) else { return }
    // try? because details that cannot be read hide no more than themselves.
    let details = record.details.flatMap { try? parser.parse(Array($0.utf8)) } ?? .null
    var journal = state.journals.removeValue(forKey: agent) ?? AgentJournal()
    journal.append(record.observation(details, in: &journal))
    state.journals[agent] = journal
  }

  /// Keeps within the limits: what is too old goes, then half of whoever has most.
  private func shrink(_ state: inout State, oldest: Int64) {
    var count = state.journals.values.reduce(0) { $0 + $1.observations.count }
    while count > Self.observationsMax,
      let (agent, journal) = state.journals.max(by: {
        $0.value.observations.count < $1.value.observations.count
      })
    {
      let half = max(1, journal.observations.count / 2)
      state.journals[agent]?.dropOldest(half)
      count -= half
    }
    state.count = count
  }
}

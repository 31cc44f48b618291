import Glibc
import JSONStream
import Linux
public import Model

/// A rollback that was made while no daemon lived, for the daemon to note when it starts.
public struct OfflineRollback: Hashable, Sendable {
  /// What was live.
  public var from: GenerationNumber
  /// What is live since.
  public var to: GenerationNumber
  /// The generation that keeps edits found on the live files.
  public var storedEdits: GenerationNumber?
  /// Who did it.
  public var user: UInt32
  /// When.
  public var time: Instant

  var json: JSONValue {
    .object([
      "from": .integer(Int64(from.value)), "to": .integer(Int64(to.value)),
      "stored_edits": storedEdits.map { .integer(Int64($0.value)) } ?? .null,
      "user": .integer(Int64(user)), "time": .string(time.description),
    ])
  }

  init(
    from: GenerationNumber, to: GenerationNumber, storedEdits: GenerationNumber? = nil,
    user: UInt32, time: Instant
  ) {
    self.from = from
    self.to = to
    self.storedEdits = storedEdits
    self.user = user
    self.time = time
  }

  init?(json: JSONValue) {
    guard let from = json["from"]?.integer, let to = json["to"]?.integer,
      let user = json["user"]?.integer.flatMap({ UInt32(exactly: $0) }),
      let time = json["time"]?.string.flatMap(Instant.init(rfc3339:))
    else { return nil }
    self.init(
      from: GenerationNumber(Int(from)), to: GenerationNumber(Int(to)),
      storedEdits: json["stored_edits"]?.integer.map { GenerationNumber(Int($0)) }, user: user,
      time: time)
  }
}

/// What was done to an agent while no daemon lived: `offline.json` in its store.
///
/// It stands in for the daemon's database: the intent is durable before each step that recovery must
/// know of, and what was done waits for the daemon, which audits it and removes the file.
struct OfflineJournal {
  /// Most rollbacks that wait for a daemon.
  static let doneCountMax = 1000
  private static let byteCountMax = 1 << 20

  /// The rollback under way, and what it intends.
  var pending: (rollback: OfflineRollback, intent: SwitchIntent)?
  /// Those that ended, the oldest first.
  var done: [OfflineRollback] = []

  /// The journal at `path`; empty where there is none.
  static func read(_ path: String) throws(KaizenError) -> OfflineJournal {
    var journal = OfflineJournal()
    guard Files.exists(path) else { return journal }
    let bytes = try io(path, "reading") { () throws(SystemError) in
      try Files.read(path, limit: byteCountMax)
    }
    let json: JSONValue
    do throws(KaizenError) {
      json = try JSONDocument.parse(bytes)
    } catch {
      json = .null
    }
    guard let values = json["done"]?.array else { throw bad(path) }
    journal.done = values.compactMap(OfflineRollback.init(json:))
    // What cannot be read is not dropped: it would never be noted.
    if journal.done.count != values.count { throw bad(path) }
    let pending = json["pending"] ?? .null
    if pending != .null {
      guard let rollback = OfflineRollback(json: pending),
        let intent = json["intent"].flatMap(SwitchIntent.init(json:))
      else { throw bad(path) }
      journal.pending = (rollback, intent)
    }
    return journal
  }

  private static func bad(_ path: String) -> KaizenError {
    KaizenError(
      "E_MANIFEST_BAD", "\"\(path)\" is no journal of rollbacks",
      hint: "remove it: what is live is not affected, only the audit of what was done is lost")
  }

  /// Writes it, durable on return; an empty one is removed.
  func write(_ path: String) throws(KaizenError) {
    try io(path, "writing") { () throws(SystemError) in
      if pending == nil && done.isEmpty {
        if unlink(path) != 0 && errno != ENOENT { throw SystemError("unlink", path) }
        return
      }
      let json = JSONValue.object([
        "pending": pending?.rollback.json ?? .null, "intent": pending?.intent.json ?? .null,
        "done": .array(done.map(\.json)),
      ])
      try Files.replace(path, with: json.text(indent: 2).utf8)
    }
  }
}

internal import Glibc
internal import JSONStream
internal import Linux
import Model
import Synchronization

/// What the host remembers of its components over restarts, in one small file.
///
/// Each change that matters is written at once and as a whole: temporary sibling, fsync, rename.
/// What cannot be written is still held to while the daemon runs.
final class ComponentMemory: Sendable {
  /// Components remembered; of more than that those longest gone are forgotten.
  static let componentCountMax = 512
  /// Bytes of the file, when it is read and when it is written.
  ///
  /// The counts of `ComponentRecord.Limit` alone do not keep it as small: a finding shows up to 4
  /// deaths of 1000 bytes each, so that the 32 of each of 512 components can be over 64 MiB. What
  /// is oldest then is not written; see `thin`.
  static let fileBytesMax = 32 << 20
  /// How long a component that nothing registers any more is remembered: somebody who replaces it
  /// by removing it first finds it as it was.
  static let absentMax: Duration = .seconds(86_400)
  /// The version of the file's form.
  private static let schema: Int64 = 1

  private struct State {
    var records: [String: ComponentRecord] = [:]
    /// What is wrong with the file.
    var note: String?
  }

  private let file: String
  private let bytesMax: Int
  private let state: Mutex<State>
  private let saving = Mutex(())
  private let now: @Sendable () -> Instant

  /// Reads `file`; one that cannot be read is set aside, and nothing is remembered.
  init(
    _ file: String, bytesMax: Int = ComponentMemory.fileBytesMax,
    now: @escaping @Sendable () -> Instant = { Instant(nanoseconds: Clock.wallNanoseconds()) }
  ) {
    self.file = file
    self.bytesMax = bytesMax
    self.now = now
    var initial = State()
    if Files.exists(file) {
      do throws(KaizenError) {
        initial.records = try Self.read(file)
      } catch {
        let aside = file + ".damaged"
        let isAside = rename(file, aside) == 0
        initial.note =
          "\(file) cannot be read: \(error.message); "
          + (isAside ? "it was set aside as \(aside)" : "it stays there until it is written anew")
          + ", and skipped inputs and last good versions of components are forgotten"
      }
    }
    state = Mutex(initial)
  }

  private static func read(_ file: String) throws(KaizenError) -> [String: ComponentRecord] {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(file, limit: fileBytesMax)
    } catch {
      throw KaizenError("E_STATE", "\(error)")
    }
    let limits = JSONLimits(bytesMax: fileBytesMax)
    let document = try JSONDocument.parse(bytes, limits: limits)
    guard document["schema"]?.integer == schema, let members = document["components"]?.object
    else { throw KaizenError("E_STATE", "it is no record of components of schema \(schema)") }
    var records: [String: ComponentRecord] = [:]
    for (name, json) in members {
      guard let record = ComponentRecord(json: json) else {
        throw KaizenError("E_STATE", "the record of \"\(name.prefix(140))\" is malformed")
      }
      records[name] = record
    }
    return records
  }

  /// What is wrong with the file, for people.
  var note: String? { state.withLock { $0.note } }

  /// What is remembered of a component.
  func record(_ component: String) -> ComponentRecord {
    state.withLock { $0.records[component] ?? ComponentRecord() }
  }

  /// What keeps a version from being called with an input.
  func guilt(_ component: String, _ digest: String, _ input: String) -> ComponentGuilt? {
    state.withLock { $0.records[component]?.guilt(digest, input) }
  }

  /// What keeps a version from being called at all.
  func guilt(_ component: String, ofVersion digest: String) -> ComponentGuilt? {
    state.withLock { $0.records[component]?.guilt(ofVersion: digest) }
  }

  /// The digests of the copies to keep.
  func keptDigests() -> Set<Digest> {
    state.withLock { state in
      Set(
        state.records.values.flatMap(\.good).filter(\.isKept).compactMap {
          Digest(hex: $0.version.digest)
        })
    }
  }

  /// Notes that a call was answered; written where its version worked for the first time.
  func answered(_ component: String, _ event: ComponentRecord.Event, isKept: Bool) {
    let isFirst = state.withLock {
      $0.records[component, default: ComponentRecord()].answered(event, isKept: isKept)
    }
    if isFirst { save() }
  }

  /// Notes a death, and gives all of this version on this input.
  func died(
    _ component: String, _ event: ComponentRecord.Event, _ error: KaizenError
  ) -> ComponentGuilt.Deaths {
    change(component) { $0.died(event, error) }
  }

  /// Notes who is guilty.
  func add(_ component: String, _ guilt: ComponentGuilt) { change(component) { $0.add(guilt) } }

  /// Forgets a version whose copy cannot be used any more.
  func forget(_ component: String, _ digest: String) { change(component) { $0.forget(digest) } }

  /// Forgets everything held against a component.
  func lift(_ component: String) {
    if state.withLock({ $0.records[component] == nil }) { return }
    change(component) { $0.lift() }
  }

  /// Notes what is registered, by the component's name: the digest of its version, if it works.
  func registered(_ digests: [String: String?]) {
    let time = now()
    let isChange = state.withLock { state in
      let before = state.records
      for (name, record) in before {
        if let digest = digests[name] {
          state.records[name]?.absentSince = nil
          if let digest { state.records[name]?.registered(digest) }
        } else if let since = record.absentSince {
          if time - since > Self.absentMax { state.records[name] = nil }
        } else {
          state.records[name]?.absentSince = time
        }
      }
      Self.trim(&state.records)
      return state.records != before
    }
    if isChange { save() }
  }

  private static func trim(_ records: inout [String: ComponentRecord]) {
    let excess = records.count - componentCountMax
    if excess <= 0 { return }
    let gone = records.sorted {
      ($0.value.absentSince?.nanoseconds ?? .max) < ($1.value.absentSince?.nanoseconds ?? .max)
    }
    for (name, _) in gone.prefix(excess) { records[name] = nil }
  }

  private func change<R>(_ component: String, _ body: (inout ComponentRecord) -> R) -> R {
    let result = state.withLock { body(&$0.records[component, default: ComponentRecord()]) }
    save()
    return result
  }

  private static func text(of records: [String: ComponentRecord]) -> String {
    let value: JSONValue = [
      "schema": .integer(schema), "components": .object(records.mapValues(\.json)),
    ]
    return value.text()
  }

  /// Leaves out the older half of deaths and answers, or of findings where there are none of those.
  /// - Returns: whether there was anything to leave out.
  private static func thin(_ records: inout [String: ComponentRecord]) -> Bool {
    let hasEvents = records.values.contains { !$0.deaths.isEmpty || !$0.answers.isEmpty }
    if !hasEvents, records.values.allSatisfy({ $0.guilty.isEmpty }) { return false }
    for name in Array(records.keys) {
      guard var record = records[name] else { continue }
      if hasEvents {
        record.deaths.removeFirst((record.deaths.count + 1) / 2)
        record.answers.removeFirst((record.answers.count + 1) / 2)
      } else {
        record.guilty.removeFirst((record.guilty.count + 1) / 2)
      }
      records[name] = record
    }
    return true
  }

  /// Writes all of it that the file may hold; who comes later writes what is newer.
  private func save() {
    saving.withLock { _ in
      var records = state.withLock { $0.records }
      var text = Self.text(of: records)
      // At most a dozen times: each round halves lists of at most 32.
      while text.utf8.count > bytesMax, Self.thin(&records) { text = Self.text(of: records) }
      var note: String?
      do throws(SystemError) {
        try Files.makeDirectories(Files.parent(of: file))
        try Files.replace(file, with: text.utf8)
      } catch {
        note = "what is remembered of components cannot be written: \(error); it ends with this run"
      }
      // What was lost when the file was read stays told until the end of the run.
      if let note { state.withLock { $0.note = note } }
    }
  }
}

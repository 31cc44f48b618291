import Control
import Feedback
import Linux
import Model
import Optimization
import SQLite
import Synchronization
import Telemetry

/// Looks after what is stored, every few seconds on a thread of its own: retention, the snapshot of
/// the columns, and backups.
final class Storekeeper: Sendable {
  private struct State {
    var stopped = false
    /// What went wrong last, by task; one line each for people.
    var problems: [String: String] = [:]
  }

  private let feedback: FeedbackLoop
  private let store: EngineStore
  private let backups: BackupStore
  private let retention: Retention
  private let interval: Duration
  private let storage: StorageState
  private let log: Log
  private let state = Mutex(State())

  init(
    feedback: FeedbackLoop, store: EngineStore, backups: BackupStore, storage: StorageState,
    settings: Settings, log: Log
  ) {
    self.feedback = feedback
    self.store = store
    self.backups = backups
    self.storage = storage
    self.log = log
    var retention = Retention()
    retention.days = settings.integer("feedback.retention_days")
    retention.rowsMax = settings.integer("feedback.rows_max")
    retention.bytesMax = settings.integer("feedback.disk_mb") << 20
    self.retention = retention
    interval = .seconds(settings.integer("backup.interval_h") * 3600)
  }

  /// What is wrong with what is stored.
  var problems: [String] {
    storage.degradations.map(\.text) + feedback.notes
      + state.withLock { $0.problems.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Does what is due.
  func run() {
    // A copy of a backup is not ours to thin out, and no reason to make another backup.
    if storage.of(.feedback) == nil {
      attempt("retention") { () throws(KaizenError) in
        let removed = try feedback.keep(retention)
        if removed > 0 { log.info("removed old feedback", ["entries": .integer(Int64(removed))]) }
      }
      backUp(.feedback)
    }
    if storage.of(.engine) == nil { backUp(.engine) }
  }

  /// Cuts a backup under way short.
  func stop() { state.withLock { $0.stopped = true } }

  private func backUp(_ name: DatabaseName) {
    let now = Instant(nanoseconds: Clock.wallNanoseconds())
    if let newest = backups.backups(of: name.rawValue).first, now - newest.madeAt < interval {
      return
    }
    attempt("backup of \(name.rawValue)") { () throws(KaizenError) in
      let database = name == .feedback ? feedback.database : store.database
      try backups.make(database, as: name.rawValue, at: now) { [weak self] in
        self?.state.withLock { $0.stopped } ?? true
      }
      log.info("backed up", ["database": .string(name.rawValue)])
    }
  }

  /// A failure is told in the log when it is new, and in the status as long as it lasts.
  private func attempt(_ task: String, _ body: () throws(KaizenError) -> Void) {
    do throws(KaizenError) {
      try body()
      state.withLock { _ = $0.problems.removeValue(forKey: task) }
    } catch {
      if error.code == "E_STOPPING" { return }
      let text = "\(task): \(error.message)" + (error.hint.map { "; \($0)" } ?? "")
      let isNew = state.withLock { $0.problems.updateValue(text, forKey: task) != text }
      if isNew { log.warning("storage needs care", ["problem": .string(text)]) }
    }
  }
}

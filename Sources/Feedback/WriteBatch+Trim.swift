internal import Model
internal import SQLite

/// Entries that are too old, or too many: removed in small portions between the commits of senders.
extension WriteBatch {
  /// Removes the oldest entries before `limit`; `stored` counts them.
  func trim(before limit: Int64, _ db: borrowing Connection) throws(KaizenError) -> JobOutcome {
    let first = trimmed ?? writer.firstEntry
    // The newest entry stays: its number is where the next start goes on counting.
    let end = min(limit, first + Int64(Writer.trimRowsMax), writer.lastEntry)
    guard end > first else { return JobOutcome() }
    let count = try db.run("DELETE FROM feedback_entries WHERE id < ?", [.integer(end)])
    trimmed = end
    return JobOutcome(stored: count)
  }
}

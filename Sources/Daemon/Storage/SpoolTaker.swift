import Feedback
import Glibc
import JSONStream
import Linux
import Model
import Synchronization
import Telemetry

/// Stores records that wait in the spool: those that `kaizen exec` wrote while no daemon answered,
/// and those that came while their database was broken.
///
/// Each spool by itself: one that cannot be taken does not hold up the other.
final class SpoolTaker: Sendable {
  private let feedback: FeedbackLoop
  private let storage: StorageState
  private let count: @Sendable (IngestResult) -> Void
  private let log: Log
  private let spools: [SpoolFile]
  private let refused: SpoolFile
  /// What went wrong last, by spool: told once, not at every look.
  private let troubles = Mutex<[String: String]>([:])

  /// Of the lines one portion was refused for, those that are named in the log.
  private static let namedMax = 3

  init(
    folder: String, feedback: FeedbackLoop, storage: StorageState, log: Log,
    count: @escaping @Sendable (IngestResult) -> Void
  ) {
    self.feedback = feedback
    self.storage = storage
    self.log = log
    self.count = count
    spools = [
      SpoolFile(folder + "/exec.ndjson"), DeferredFeedback(spoolFolder: folder).spool,
    ]
    refused = SpoolFile(folder + "/refused.ndjson")
  }

  /// Stores what waits; what cannot be stored now stays for the next time.
  func run() {
    if storage.of(.feedback) != nil { return }
    for spool in spools {
      do {
        try spool.take(store)
        troubles.withLock { $0[spool.path] = nil }
      } catch {
        tell(spool, "\(error)")
      }
    }
  }

  private func store(_ bytes: [UInt8]) throws(KaizenError) {
    if JSONLines(bytes).first(where: { _ in true }) == nil { return }
    let result = try feedback.ingest(bytes)
    count(result)
    log.info(
      "took spooled records",
      [
        "stored": .integer(Int64(result.stored)), "duplicate": .integer(Int64(result.duplicate)),
        "rejected": .integer(Int64(result.rejectedCount)),
      ])
    // Not their own fault: all stay, and those that were stored are known by their ids.
    if let setback = result.setback { throw setback }
    keep(result, of: bytes)
  }

  /// Lines that no daemon of this version takes are kept for people, as long as there is room.
  private func keep(_ result: IngestResult, of bytes: [UInt8]) {
    if result.rejectedLines.isEmpty { return }
    var lines: [Range<Int>] = []
    for line in JSONLines(bytes) where result.rejectedLines.contains(line.number) {
      lines.append(line.range)
    }
    var fields: [String: JSONValue] = ["file": .string(refused.path)]
    fields["first"] = .array(result.rejected.prefix(Self.namedMax).map { .string("\($0.error)") })
    let (lostCount, trouble) = keepAside(lines[...], of: bytes)
    guard let trouble else {
      log.warning("spooled lines were refused and kept aside", fields)
      return
    }
    fields["kept"] = .integer(Int64(lines.count - lostCount))
    fields["lost"] = .integer(Int64(lostCount))
    fields["error"] = .string("\(trouble)")
    log.warning("spooled lines were refused and are lost", fields)
  }

  /// Appends those of `lines` that there is room for; how many there is none for, and why.
  private func keepAside(
    _ lines: ArraySlice<Range<Int>>, of bytes: [UInt8]
  ) -> (lostCount: Int, trouble: SystemError?) {
    var text: [UInt8] = []
    for line in lines {
      if !text.isEmpty { text.append(UInt8(ascii: "\n")) }
      text += bytes[line]
    }
    do throws(SystemError) {
      try refused.append(text, isDurable: true)
      return (0, nil)
    } catch {
      // What is too much as a whole may fit in part.
      guard lines.count > 1, error.code == EFBIG || error.code == ENOSPC else {
        return (lines.count, error)
      }
      let middle = lines.startIndex + lines.count / 2
      let first = keepAside(lines[..<middle], of: bytes)
      let second = keepAside(lines[middle...], of: bytes)
      return (first.lostCount + second.lostCount, first.trouble ?? second.trouble)
    }
  }

  private func tell(_ spool: SpoolFile, _ trouble: String) {
    let isNew = troubles.withLock { troubles in
      defer { troubles[spool.path] = trouble }
      return troubles[spool.path] != trouble
    }
    if !isNew { return }
    log.warning(
      "spooled records stay where they are",
      ["file": .string(spool.path), "error": .string(trouble)])
  }
}

internal import Glibc
internal import Linux
internal import Model
internal import SQLite

extension Writer {
  /// Takes the snapshot's rows, where it agrees with the database.
  /// - Returns: the first entry that is not in it; nil where all must be read.
  func restore(from memory: inout FeedbackMemory) throws(KaizenError) -> Int64? {
    let path = SnapshotFile.path(of: database.path)
    unlink(path + ".new")  // what a crash left half-written
    guard var input = SnapshotFile.Input(path), var reader = input.next() else { return nil }
    guard let header = SnapshotHeader(&reader) else { return nil }
    guard try agrees(header, memory) else { return nil }
    guard var restored = RestoredRows(&input, header) else { return nil }
    hashKey = header.hashKey
    frozenIDs = restored.ids
    frozenIDsFirst = try firstEntry(
      since: now().seconds - Self.idSeconds, first: firstEntry, last: lastEntry)
    restoredEntry = header.lastEntry
    memory.restore(restored.columns, order: restored.order)
    restored.columns = []
    // Entries that were removed after it was written, and rows beyond a limit that was lowered.
    let first = header.lastEntry - Int64(header.rowCount) + 1
    memory.dropFirst(max(0, Int(firstEntry - first), header.rowCount - memory.rowsMax))
    return header.lastEntry + 1
  }

  private func agrees(_ header: SnapshotHeader, _ memory: FeedbackMemory) throws(KaizenError)
    -> Bool
  {
    guard header.lastEntry <= lastEntry else {
      noteLoss(header)
      return false
    }
    // Names are numbers in it; more of them may have come since.
    guard header.agentCount <= memory.agents.count,
      header.errorTypeCount <= memory.errorTypes.count, !header.marks.isEmpty
    else { return false }
    let present = header.marks.filter { $0.entry >= firstEntry }
    // Where all of it was removed since, it says nothing.
    guard !present.isEmpty else { return false }
    let found = try SnapshotMark.read(present.map(\.entry), database, key: header.hashKey)
    return found == present
  }

  /// The snapshot was written after a commit of rows that the database no longer has.
  private func noteLoss(_ header: SnapshotHeader) {
    let until = Instant(seconds: header.frozenAt).description
    notes.append(
      "\(database.path): its last record is number \(lastEntry), yet \(header.lastEntry) were "
        + "stored by \(until): the -wal file is missing, or an older copy was put in its place; "
        + "the records between are not in any answer")
  }
}

/// What the first section says.
struct SnapshotHeader {
  var hashKey: UInt64
  var lastEntry: Int64
  var frozenAt: Int64
  var rowCount: Int
  var agentCount: Int
  var errorTypeCount: Int
  var sectionCount: Int
  var idSectionCount: Int
  var marks: [SnapshotMark]

  /// Nil where it is none of this version's.
  init?(_ reader: inout SectionReader) {
    guard reader.integer(UInt64.self) == SnapshotFile.magic,
      reader.integer(UInt64.self) == SnapshotFile.version
    else { return nil }
    hashKey = reader.integer(UInt64.self)
    lastEntry = reader.integer(Int64.self)
    frozenAt = reader.integer(Int64.self)
    rowCount = Int(truncatingIfNeeded: reader.integer(UInt64.self))
    agentCount = Int(truncatingIfNeeded: reader.integer(UInt64.self))
    errorTypeCount = Int(truncatingIfNeeded: reader.integer(UInt64.self))
    sectionCount = Int(truncatingIfNeeded: reader.integer(UInt64.self))
    idSectionCount = Int(truncatingIfNeeded: reader.integer(UInt64.self))
    marks = []
    let markCount = reader.integer(UInt64.self)
    for _ in 0..<min(markCount, 64) {
      marks.append(
        SnapshotMark(entry: reader.integer(Int64.self), hash: reader.integer(UInt64.self)))
    }
    guard reader.isWhole, rowCount >= 0, Int64(rowCount) <= lastEntry, agentCount >= 0,
      (0...agentCount).contains(sectionCount), (0...2).contains(idSectionCount)
    else { return nil }
  }
}

/// What the other sections hold; nil where anything in them is not as the header says.
struct RestoredRows {
  var columns: [(agent: Int32, columns: AgentColumns)] = []
  var order: [Int32] = []
  var ids: [FrozenMemory.IDs] = []

  init?(_ input: inout SnapshotFile.Input, _ header: SnapshotHeader) {
    var counts = [Int](repeating: 0, count: header.agentCount)
    for _ in 0..<header.sectionCount {
      guard var section = input.next() else { return nil }
      let agent = Int(section.integer(Int64.self))
      guard counts.indices.contains(agent), counts[agent] == 0,
        let columns = Self.columns(&section)
      else { return nil }
      counts[agent] = columns.rows.count
      self.columns.append((Int32(agent), columns))
    }
    guard var section = input.next() else { return nil }
    order = section.array(Int32.self, count: header.rowCount)
    guard section.isWhole else { return nil }
    for agent in order {
      guard counts.indices.contains(Int(agent)) else { return nil }
      counts[Int(agent)] -= 1
    }
    guard counts.allSatisfy({ $0 == 0 }) else { return nil }
    for _ in 0..<header.idSectionCount {
      guard var section = input.next() else { return nil }
      let count = Int(truncatingIfNeeded: section.integer(UInt64.self))
      let keys = section.array(UInt64.self, count: count)
      ids.append(
        FrozenMemory.IDs(keys: keys, entries: section.array(Int64.self, count: count)))
      guard section.isWhole else { return nil }
    }
    guard input.isAtEnd else { return nil }
  }

  private static func columns(_ section: inout SectionReader) -> AgentColumns? {
    let count = Int(section.integer(Int64.self))
    let until = section.integer(Int64.self)
    let dropped = Int(section.integer(Int64.self))
    guard dropped >= 0 else { return nil }
    let columns = AgentColumns(droppedUntil: until, droppedCount: dropped) { columns in
      columns.times = section.array(Int64.self, count: count)
      columns.operations = section.array(UInt64.self, count: count)
      columns.scores = section.array(Double.self, count: count)
      columns.durations = section.array(Double.self, count: count)
      columns.memory = section.array(Float.self, count: count)
      columns.cpu = section.array(Float.self, count: count)
      columns.errors = section.array(Int32.self, count: count)
      columns.generations = section.array(Int32.self, count: count)
      columns.types = section.array(UInt8.self, count: count)
      columns.sources = section.array(UInt8.self, count: count)
    }
    return section.isWhole && columns.types.allSatisfy { $0 < 8 } ? columns : nil
  }
}

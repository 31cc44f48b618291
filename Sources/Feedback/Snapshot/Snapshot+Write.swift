internal import Glibc
internal import Linux
internal import Model
internal import SQLite

/// Writes what was frozen.
struct SnapshotWriter {
  let frozen: FrozenMemory
  /// Entries of the database and hashes of their rows, by which it is known again.
  let marks: [SnapshotMark]

  /// Replaces the snapshot at `path`, durably.
  func write(to path: String) throws(SystemError) {
    do throws(SystemError) {
      try write(SnapshotFile.Output(path))
    } catch {
      unlink(path + ".new")  // on a full disk it would take the room of records
      throw error
    }
  }

  private func write(_ output: consuming SnapshotFile.Output) throws(SystemError) {
    try output.write(header())
    for (index, agent) in frozen.memory.agents.enumerated() where !agent.columns.rows.isEmpty {
      try output.write(section(Int32(index), agent.columns))
    }
    var order = SectionBytes()
    order.append(all: frozen.memory.orderOfArrival[...])
    try output.write(order)
    for half in frozen.ids {
      var section = SectionBytes()
      section.append(UInt64(half.count))
      section.append(all: Array(half.keys)[...])
      section.append(all: Array(half.values)[...])
      try output.write(section)
    }
    try output.finish()
  }

  private func header() -> SectionBytes {
    let memory = frozen.memory
    var header = SectionBytes()
    for value in [SnapshotFile.magic, SnapshotFile.version, frozen.hashKey] { header.append(value) }
    for value in [frozen.lastEntry, frozen.frozenAt] { header.append(value) }
    for count in [
      memory.rowCount, memory.agents.count, memory.errorTypes.count,
      memory.agents.count { !$0.columns.rows.isEmpty }, frozen.ids.count, marks.count,
    ] { header.append(UInt64(count)) }
    for mark in marks {
      header.append(mark.entry)
      header.append(mark.hash)
    }
    return header
  }

  private func section(_ agent: Int32, _ columns: AgentColumns) -> SectionBytes {
    let rows = columns.rows
    var section = SectionBytes()
    section.append(Int64(agent))
    section.append(Int64(rows.count))
    section.append(columns.droppedUntil)
    section.append(Int64(columns.droppedCount))
    section.append(all: columns.times[rows])
    section.append(all: columns.operations[rows])
    section.append(all: columns.scores[rows])
    section.append(all: columns.durations[rows])
    section.append(all: columns.memory[rows])
    section.append(all: columns.cpu[rows])
    section.append(all: columns.errors[rows])
    section.append(all: columns.generations[rows])
    section.append(all: columns.types[rows])
    section.append(all: columns.sources[rows])
    return section
  }
}

/// One entry of the database and a hash of what it says.
struct SnapshotMark: Equatable {
  var entry: Int64
  var hash: UInt64

  /// Entries that are looked at: the last, and further back ever fewer.
  static func entries(last: Int64, first: Int64) -> [Int64] {
    guard last >= first else { return [] }
    var entries: [Int64] = [last]
    var step: Int64 = 1
    while last - step >= first, entries.count < 24 {
      entries.append(last - step)
      step *= 4
    }
    return entries
  }

  /// The marks of those entries that are on disk.
  static func read(
    _ entries: [Int64], _ database: Database, key: UInt64
  ) throws(KaizenError) -> [SnapshotMark] {
    var marks: [SnapshotMark] = []
    for entry in entries {
      let hash = try database.first(
        "SELECT agent, time, received, type, operation FROM feedback_entries WHERE id = ?",
        [.integer(entry)]
      ) { row in
        var hash = try row.withText(4) { StableHash.of($0, key: key) }
        for column in 0..<4 {
          let value = try row.integer(column)
          hash = withUnsafeBytes(of: value) { StableHash.of($0, key: hash) }
        }
        return hash
      }
      if let hash { marks.append(SnapshotMark(entry: entry, hash: hash)) }
    }
    return marks
  }
}

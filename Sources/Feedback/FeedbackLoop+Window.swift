public import Model
internal import Synchronization

extension FeedbackLoop {
  /// The records of `agent` from `from` until before `to` as columns in the order of time, at most
  /// `limit`: the newest.
  public func window(
    _ agent: AgentID, from: Instant, to: Instant, limit: Int
  ) -> FeedbackWindow {
    writer.memory.withLock { memory in
      guard let columns = memory[agent.text]?.columns else { return FeedbackWindow() }
      var rows: [Int] = []
      columns.select(from: from.nanoseconds, to: to.nanoseconds) { rows.append($0) }
      // Records come nearly in order; equal times stay in the order they came.
      rows.sort { (columns.times[$0], $0) < (columns.times[$1], $1) }
      let dropped = max(0, rows.count - max(0, limit))
      var window = Self.window(columns, rows[dropped...], errorTypes: memory.errorTypes)
      window.droppedCount =
        dropped + (columns.droppedUntil >= from.nanoseconds ? columns.droppedCount : 0)
      return window
    }
  }

  private static func window(
    _ columns: AgentColumns, _ rows: ArraySlice<Int>, errorTypes: [String]
  ) -> FeedbackWindow {
    var window = FeedbackWindow()
    window.times = rows.map { columns.times[$0] }
    window.types = rows.map { typeIndexes[Int(columns.types[$0])] }
    window.sources = rows.map { sourceIndexes[Int(columns.sources[$0])] }
    window.scores = rows.map { columns.scores[$0] }
    window.durations = rows.map { columns.durations[$0] }
    window.memory = rows.map { Double(columns.memory[$0]) }
    window.cpu = rows.map { Double(columns.cpu[$0]) }
    window.operations = rows.map { columns.operations[$0] }
    window.generations = rows.map { Int64(columns.generations[$0]) }
    // The window names only the error types in it.
    var local: [Int32: Int32] = [:]
    window.errors = rows.map { row in
      let error = columns.errors[row]
      guard errorTypes.indices.contains(Int(error)) else { return -1 }
      if let known = local[error] { return known }
      local[error] = Int32(window.errorTypes.count)
      window.errorTypes.append(errorTypes[Int(error)])
      return Int32(window.errorTypes.count - 1)
    }
    return window
  }

  /// From the numbers on disk to the places in `allCases` that a window speaks of.
  private static let typeIndexes = FeedbackType.byCode.map { type in
    UInt8(FeedbackType.allCases.firstIndex(of: type) ?? 0)
  }

  private static let sourceIndexes = FeedbackSource.byCode.map { source in
    UInt8(FeedbackSource.allCases.firstIndex(of: source) ?? 0)
  }
}

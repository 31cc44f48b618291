internal import Model

extension Vitals {
  /// What the rows with a time in [`from`, `to`) add up to, and with them the operations in
  /// `unfinished`.
  /// - Complexity: O(spans + rows of the spans at the edges + operations in several spans).
  func sums(
    _ columns: AgentColumns, from: Int64, to: Int64, unfinished: [UInt64]
  ) -> VitalSums {
    var total = VitalSums()
    let head = columns.base + columns.rows.lowerBound
    for span in spans[firstSpan(Self.number(from))...] {
      if span.firstTime >= to { break }
      if span.lastTime < from { continue }
      // A span's rows may have been dropped in part: only then its first row is before the head.
      if span.firstTime >= from, span.lastTime < to, span.firstRow >= head {
        total.add(span.sums)
      } else {
        scan(span, columns, head: head, from: from, to: to, &total)
      }
    }
    for rows in several.values {
      var outcome: OperationOutcome?
      for row in rows where row >= head {
        merge(columns, row - columns.base, from: from, to: to, &outcome)
      }
      if let outcome { total.count(outcome) }
    }
    for key in unfinished { count(unfinished: key, columns, head, from: from, to: to, &total) }
    return total
  }

  /// The place of the first span with that number or a later one, by bisection.
  func firstSpan(_ number: Int64) -> Int {
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func merge(
    _ columns: AgentColumns, _ index: Int, from: Int64, to: Int64,
    _ outcome: inout OperationOutcome?
  ) {
    let time = columns.times[index]
    guard time >= from, time < to else { return }
    var merged = outcome ?? OperationOutcome()
    merged.merge(columns, index)
    outcome = merged
  }

  /// Below this many rows a list is searched faster than a dictionary is filled.
  private static let listCountMax = 48

  private func scan(
    _ span: Span, _ columns: AgentColumns, head: Int, from: Int64, to: Int64,
    _ total: inout VitalSums
  ) {
    let first = max(span.firstRow, head)
    guard first <= span.lastRow else { return }
    var list: [(key: UInt64, outcome: OperationOutcome)] = []
    var table: [UInt64: OperationOutcome] = [:]
    list.reserveCapacity(min(span.lastRow - first + 1, Self.listCountMax))
    for index in first - columns.base...span.lastRow - columns.base {
      let time = columns.times[index]
      guard time >= from, time < to, Self.number(time) == span.number else { continue }
      total.countRecord(columns, index)
      let key = columns.operations[index]
      if !several.isEmpty, several[key] != nil { continue }
      if span.lastRow - first >= Self.listCountMax {
        table[key, default: OperationOutcome()].merge(columns, index)
      } else if let place = list.firstIndex(where: { $0.key == key }) {
        list[place].outcome.merge(columns, index)
      } else {
        var outcome = OperationOutcome()
        outcome.merge(columns, index)
        list.append((key, outcome))
      }
    }
    for entry in list { total.count(entry.outcome) }
    for outcome in table.values { total.count(outcome) }
  }

  /// An operation that never ended is an error; its other records, such as a score, may have
  /// counted it already.
  private func count(
    unfinished key: UInt64, _ columns: AgentColumns, _ head: Int, from: Int64, to: Int64,
    _ total: inout VitalSums
  ) {
    var outcome: OperationOutcome?
    for row in rows(of: key, head: head) {
      merge(columns, row - columns.base, from: from, to: to, &outcome)
    }
    if outcome == nil { total.operations += 1 }
    if outcome?.hasError != true { total.errors += 1 }
  }
}

internal import Model

/// Sums of one agent's records by spans of time, kept as records come, so that health over days
/// needs no scan.
///
/// A span of time that a question covers whole is answered by its sums; of one that it covers in
/// part the rows are looked at. An operation with records in several spans belongs to none: its
/// rows are kept by themselves. So the figures are those of a scan, whatever is asked.
///
/// Rows are numbered from the agent's first on (`AgentColumns.base`); a number stays when older
/// rows are dropped.
struct Vitals: Sendable {
  /// Nanoseconds of a span, 12 hours: shorter ones are more to add up, longer ones more to scan.
  static let spanNanoseconds: Int64 = 12 * 3_600_000_000_000

  struct Span: Sendable {
    /// Spans since 1970.
    var number: Int64
    /// The rows of this span lie within these.
    var firstRow: Int
    var lastRow: Int
    var firstTime: Int64
    var lastTime: Int64
    var sums = VitalSums()
  }

  /// What is known of one operation.
  struct Operation: Sendable {
    /// The span of all its records; of one with records in several it says nothing.
    var span: Int64
    var lastRow: Int
    var isInSeveral = false
    var outcome = OperationOutcome()
  }

  /// In the order of time.
  private(set) var spans: [Span] = []
  private(set) var operations: [UInt64: Operation] = [:]
  /// Operations with records in several spans, and their rows.
  private(set) var several: [UInt64: [Int]] = [:]
  /// For each row from `linkBase` on the row before it of the same operation; −1: none.
  private var links: [Int] = []
  private var linkBase = 0

  /// The number of the next row to take.
  var end: Int { linkBase + links.count }

  /// Takes the rows that came since the last time.
  /// - Complexity: O(1) for each new row, amortized.
  mutating func catchUp(_ columns: AgentColumns) {
    let head = columns.base + columns.rows.lowerBound
    let end = columns.base + columns.rows.upperBound
    if linkBase + links.count < head { self = Vitals(startingAt: head) }
    if head - linkBase > 1024, head - linkBase > links.count / 2 { forget(before: head) }
    for row in linkBase + links.count..<end { add(columns, row, head: head) }
  }

  private init(startingAt row: Int) { linkBase = row }

  init() {}

  private mutating func add(_ columns: AgentColumns, _ row: Int, head: Int) {
    let index = row - columns.base
    let key = columns.operations[index]
    let span = span(for: columns.times[index], row)
    spans[span].sums.countRecord(columns, index)
    let number = spans[span].number
    guard var operation = operations[key], operation.lastRow >= head else {
      var operation = Operation(span: number, lastRow: row)
      operation.outcome.merge(columns, index)
      spans[span].sums.count(operation.outcome)
      several[key] = nil
      operations[key] = operation
      links.append(-1)
      return
    }
    links.append(operation.lastRow)
    let previous = operation.lastRow
    operation.lastRow = row
    if operation.isInSeveral {
      several[key, default: []].append(row)
    } else if operation.span == number {
      spans[span].sums.count(operation.outcome, sign: -1)
      operation.outcome.merge(columns, index)
      spans[span].sums.count(operation.outcome)
    } else {
      let old = firstSpan(operation.span)
      if old < spans.count, spans[old].number == operation.span {
        spans[old].sums.count(operation.outcome, sign: -1)
      }
      operation.isInSeveral = true
      several[key] = chain(from: previous, head: head).reversed() + [row]
    }
    operations[key] = operation
  }

  /// An operation's rows from `row` back to its first.
  private func chain(from row: Int, head: Int) -> [Int] {
    var rows: [Int] = []
    var next = row
    while next >= head, next >= linkBase {
      rows.append(next)
      next = links[next - linkBase]
    }
    return rows
  }

  /// The place in `spans` of that time, made where there is none.
  private mutating func span(for time: Int64, _ row: Int) -> Int {
    let number = Self.number(time)
    // Most come in the order of time; who sends old times in any order makes nobody wait either.
    let isNewest = spans.last.map { $0.number < number } ?? true
    let place = isNewest ? spans.count : firstSpan(number)
    if place < spans.count, spans[place].number == number {
      spans[place].lastRow = row
      spans[place].firstTime = min(spans[place].firstTime, time)
      spans[place].lastTime = max(spans[place].lastTime, time)
    } else {
      spans.insert(
        Span(number: number, firstRow: row, lastRow: row, firstTime: time, lastTime: time),
        at: place)
    }
    return place
  }

  static func number(_ time: Int64) -> Int64 {
    // Rounded down, also before 1970.
    time >= 0 ? time / spanNanoseconds : -((-time + spanNanoseconds - 1) / spanNanoseconds)
  }

  /// Forgets what belongs to rows that were dropped.
  private mutating func forget(before head: Int) {
    let count = min(head - linkBase, links.count)
    links.removeFirst(count)
    linkBase += count
    spans.removeAll { $0.lastRow < head }
    operations = operations.filter { $0.value.lastRow >= head }
    several = several.compactMapValues { rows in
      let left = rows.filter { $0 >= head }
      return left.isEmpty ? nil : left
    }
  }

  /// The rows of one operation, in the order they came.
  func rows(of key: UInt64, head: Int) -> [Int] {
    operations[key].map { chain(from: $0.lastRow, head: head).reversed() } ?? []
  }
}

import KaizenPluginSDK

/// How many distinct operations had each error type, and how many operations there were.
struct ErrorCounts {
  /// One error type.
  struct Recurring {
    var type: String
    var operations: Int
    var firstNanoseconds: Int64
    var lastNanoseconds: Int64
  }

  /// Distinct error types that are told apart; later ones are not counted.
  private static let typesMax = 1000
  /// Bytes of an error type that are read; types that agree so far are one.
  private static let typeBytesMax = 400
  /// Characters of an error type that are shown.
  private static let shownMax = 200

  /// What is known of one type; sets, because operations may be recorded more than once.
  private struct Entry {
    var operations: Set<UInt64>
    var first: Int64
    var last: Int64
  }

  private var entries: [String: Entry] = [:]
  /// Distinct operations of the window, those without an error included.
  private(set) var operationCount = 0

  /// Counts all rows of the window, in one pass.
  init(types: TextColumn, operations: Column<UInt64>, times: Column<Int64>) {
    var all: Set<UInt64> = []
    let rows = min(types.count, operations.count, times.count)
    for row in 0..<rows {
      guard let operation = operations[row] else { continue }
      all.insert(operation)
      guard let type = types.bytes(row), !type.isEmpty else { continue }
      count(
        String(decoding: type.prefix(Self.typeBytesMax), as: UTF8.self), operation: operation,
        time: times[row] ?? 0)
    }
    operationCount = all.count
  }

  /// Those with at least `least` operations, the most frequent first.
  func recurring(_ least: Int) -> [Recurring] {
    entries
      .filter { $0.value.operations.count >= least }
      .map {
        Recurring(
          type: Self.line($0.key), operations: $0.value.operations.count,
          firstNanoseconds: $0.value.first,
          lastNanoseconds: $0.value.last)
      }
      .sorted { ($1.operations, $0.type) < ($0.operations, $1.type) }
  }

  /// Notes that the operation had that error.
  private mutating func count(_ type: String, operation: UInt64, time: Int64) {
    // Through the index, so that the set is changed in place and never copied.
    if let place = entries.index(forKey: type) {
      entries.values[place].operations.insert(operation)
      entries.values[place].first = min(entries.values[place].first, time)
      entries.values[place].last = max(entries.values[place].last, time)
    } else if entries.count < Self.typesMax {
      entries[type] = Entry(operations: [operation], first: time, last: time)
    }
  }

  /// One line of bounded length, as a title needs it.
  private static func line(_ type: String) -> String {
    String(type.prefix(shownMax).map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }
}

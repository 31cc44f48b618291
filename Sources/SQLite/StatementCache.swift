/// A compiled statement on the heap, so that a dictionary can hold it.
final class KeptStatement {
  let statement: Statement
  init(_ statement: consuming Statement) { self.statement = statement }
}

/// Compiled statements that nobody uses at the moment, by their text.
///
/// One that is in use is not here, so a query inside the rows of the same query gets its own.
final class StatementCache {
  /// The most statements kept; at the limit all are dropped and the useful ones come back.
  static let countMax = 128
  private var idle: [String: KeptStatement] = [:]

  func take(_ sql: String) -> KeptStatement? { idle.removeValue(forKey: sql) }

  func give(back statement: KeptStatement, _ sql: String) {
    if idle.count >= Self.countMax { idle.removeAll() }
    idle[sql] = statement
  }

  func removeAll() { idle.removeAll() }
}

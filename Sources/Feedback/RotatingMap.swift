/// Remembers the newest keys: two halves, of which the older is dropped when the newer is full.
///
/// So a key is remembered for at least half of `countMax` others, and at most `countMax` are kept.
struct RotatingMap<Value> {
  private var newer: [UInt64: Value] = [:]
  private var older: [UInt64: Value] = [:]
  private let halfMax: Int

  init(countMax: Int) { halfMax = max(1, countMax / 2) }

  var count: Int { newer.count + older.count }

  subscript(key: UInt64) -> Value? { newer[key] ?? older[key] }

  mutating func set(_ key: UInt64, _ value: Value) {
    if newer.count >= halfMax, newer[key] == nil { rotate() }
    newer[key] = value
  }

  mutating func remove(_ key: UInt64) {
    newer.removeValue(forKey: key)
    older.removeValue(forKey: key)
  }

  /// Both halves, the newer first.
  var halves: [[UInt64: Value]] { [newer, older] }

  /// Drops the older half.
  mutating func rotate() {
    older = newer
    newer = [:]
  }
}

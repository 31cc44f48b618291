internal import Glibc

/// Whether values tend to rise or fall over time, whatever their distribution.
///
/// - Source: Mann 1945; Kendall 1975; variance with ties as in R, `trend::mk.test`.
public struct MannKendall: Hashable, Sendable {
  /// The fewest values that can show anything: with 4 even a strict order has p = 0.083.
  public static let countMin = 5
  /// The most values taken: the test compares all pairs.
  public static let countMax = 2000
  /// Up to this many values without ties, p is exact; above, the normal approximation holds.
  static let exactCountMax = 10

  /// Rising pairs minus falling pairs.
  public let s: Int
  /// Two-sided p-value of no trend.
  public let pValue: Double

  /// Tests `values`, oldest first; nil below `countMin`, above `countMax`, or with a value not finite.
  /// - Complexity: O(n²).
  public init?(_ values: [Double]) {
    guard (Self.countMin...Self.countMax).contains(values.count),
      values.allSatisfy(\.isFinite)
    else { return nil }
    var s = 0
    for later in 1..<values.count {
      for earlier in 0..<later {
        if values[later] > values[earlier] { s += 1 }
        if values[later] < values[earlier] { s -= 1 }
      }
    }
    self.s = s
    let ties = Self.tieGroups(values)
    pValue =
      ties.isEmpty && values.count <= Self.exactCountMax
      ? Self.exactPValue(s, count: values.count)
      : Self.normalPValue(s, count: values.count, ties: ties)
  }

  /// How many values each group of equal ones has.
  private static func tieGroups(_ values: [Double]) -> [Int] {
    var groups: [Double: Int] = [:]
    for value in values { groups[value, default: 0] += 1 }
    return groups.values.filter { $0 > 1 }
  }

  /// Two-sided, by counting the orders of n values that have as many inversions or more.
  static func exactPValue(_ s: Int, count n: Int) -> Double {
    if s == 0 { return 1 }
    // orders[k]: orders of the values so far with k inversions (the Mahonian numbers).
    var orders: [Double] = [1]
    for size in 2...n {
      var next = [Double](repeating: 0, count: orders.count + size - 1)
      for (inversions, ways) in orders.enumerated() {
        for more in 0..<size { next[inversions + more] += ways }
      }
      orders = next
    }
    let pairs = n * (n - 1) / 2
    let extreme = (pairs - abs(s)) / 2
    let total = orders.reduce(0, +)
    return min(1, 2 * orders[0...extreme].reduce(0, +) / total)
  }

  /// Two-sided, with the correction for continuity and for ties.
  static func normalPValue(_ s: Int, count: Int, ties: [Int]) -> Double {
    func term(_ n: Int) -> Double { Double(n * (n - 1)) * Double(2 * n + 5) }
    let variance = (term(count) - ties.map(term).reduce(0, +)) / 18
    guard variance > 0, s != 0 else { return 1 }
    let z = Double(abs(s) - 1) / variance.squareRoot()
    return erfc(z / 2.0.squareRoot())
  }
}

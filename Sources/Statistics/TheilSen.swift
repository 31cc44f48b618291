/// The slope of a line through points that a few wild ones do not turn: the median of all slopes.
///
/// - Source: Theil 1950; Sen 1968.
public struct TheilSen: Hashable, Sendable {
  /// Change of the value for each unit of time.
  public let slope: Double

  /// The slope through `points`; nil below two different times, above 2,000 points, or with a value
  /// not finite.
  /// - Complexity: O(n² log n).
  public init?(_ points: [(time: Double, value: Double)]) {
    guard points.count <= MannKendall.countMax else { return nil }
    var slopes: [Double] = []
    for (index, later) in points.enumerated() {
      for earlier in points[..<index] where later.time != earlier.time {
        slopes.append((later.value - earlier.value) / (later.time - earlier.time))
      }
    }
    guard slopes.allSatisfy(\.isFinite), let median = Quantile.of(slopes, 0.5) else { return nil }
    slope = median
  }
}

/// How a daily figure moves: the Theil-Sen slope with its Mann-Kendall p-value.
public struct Trend: Hashable, Sendable {
  /// Change a day, in the figure's own unit.
  public var slopePerDay: Double
  /// Two-sided p-value of no trend.
  public var pValue: Double
  /// Days with data; at least 5.
  public var dayCount: Int

  /// Makes a trend from its parts.
  public init(slopePerDay: Double, pValue: Double, dayCount: Int) {
    self.slopePerDay = slopePerDay
    self.pValue = pValue
    self.dayCount = dayCount
  }
}

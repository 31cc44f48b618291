/// What the true rate may be, after so many successes in so many trials.
///
/// Unlike p̂ ± z·σ it stays within [0, 1] and holds for few trials and for rates near 0 or 1.
/// - Source: Wilson 1927; recommended by Brown, Cai & DasGupta 2001, "Interval estimation for a
///   binomial proportion".
public struct WilsonInterval: Hashable, Sendable {
  /// The quantile of the normal distribution for 95 % between the bounds.
  public static let z95 = 1.959963984540054

  /// The lower bound, in [0, 1].
  public let lower: Double
  /// The upper bound, in [0, 1].
  public let upper: Double

  /// The interval for `successes` of `trials`; nil without trials or where successes exceed them.
  /// - Parameter z: how sure; the default gives 95 %.
  public init?(successes: Int, trials: Int, z: Double = WilsonInterval.z95) {
    guard trials > 0, (0...trials).contains(successes) else { return nil }
    let n = Double(trials)
    let rate = Double(successes) / n
    let scale = 1 + z * z / n
    let centre = (rate + z * z / (2 * n)) / scale
    let half = z * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot() / scale
    lower = max(0, centre - half)
    upper = min(1, centre + half)
  }
}

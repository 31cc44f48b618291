import Glibc

/// Count, mean and spread of a stream of numbers, in one pass.
///
/// Source: B. P. Welford 1962, "Note on a method for calculating corrected sums of squares".
public struct Sample: Sendable {
  /// How many numbers there were.
  public private(set) var count = 0
  /// Their mean; 0 for none.
  public private(set) var mean = 0.0
  private var squares = 0.0

  /// A sample of nothing yet.
  public init() {}

  /// A sample of the numbers that are there; NaN and the infinities are none.
  public init(_ values: some Sequence<Double>) {
    for value in values where value.isFinite { add(value) }
  }

  /// Takes one number in, in O(1).
  public mutating func add(_ value: Double) {
    count += 1
    let distance = value - mean
    mean += distance / Double(count)
    squares += distance * (value - mean)
  }

  /// The chance of such a mean or a higher one were the true mean `limit`, by Student's t.
  ///
  /// nil below two numbers; without any spread it is 0 or 1.
  public func pValue(meanAbove limit: Double) -> Double? {
    guard count >= 2 else { return nil }
    let freedom = Double(count - 1)
    let error = (squares / freedom / Double(count)).squareRoot()
    if error == 0 { return mean > limit ? 0 : 1 }
    let t = (mean - limit) / error
    let tail = 0.5 * IncompleteBeta.value(freedom / 2, 0.5, at: freedom / (freedom + t * t))
    return t > 0 ? tail : 1 - tail
  }
}

/// The regularized incomplete beta function, which is Student's distribution in another guise:
/// P(|T| > t) = I(ν/2, 1/2; ν/(ν + t²)), https://dlmf.nist.gov/8.17.
enum IncompleteBeta {
  /// Stands for 0 where Lentz's method would divide by it.
  private static let tiny = 1e-300
  /// Terms after which the fraction is as exact as it gets; some ten are usual.
  private static let termsMax = 300

  /// I(a, b; x), for a, b > 0.
  static func value(_ a: Double, _ b: Double, at x: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x))
    // The fraction converges fast on this side of the mean, and I(a,b;x) = 1 − I(b,a;1−x).
    return x < (a + 1) / (a + b + 2)
      ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, 1 - x) / b
  }

  /// The continued fraction https://dlmf.nist.gov/8.17#v, evaluated by Lentz's method.
  private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    func guarded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / guarded(1 - (a + b) * x / (a + 1))
    var result = d
    for term in 1...termsMax {
      let m = Double(term)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / guarded(1 + even * d)
      c = guarded(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / guarded(1 + odd * d)
      c = guarded(1 + odd / c)
      result *= d * c
      if abs(d * c - 1) < 1e-12 { break }
    }
    return result
  }

  /// ln Γ(x) for x > 0, by Γ(x + 1) = xΓ(x) from 10 upwards.
  ///
  /// Source: https://dlmf.nist.gov/5.11#E1.
  /// lgamma(3) would write the global signgam, which a component in the daemon must not.
  private static func logGamma(_ x: Double) -> Double {
    var x = x
    var shift = 0.0
    while x < 10 {
      shift += log(x)
      x += 1
    }
    let series = 1 / (12 * x) - 1 / (360 * x * x * x) + 1 / (1260 * x * x * x * x * x)
    return (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + series - shift
  }
}

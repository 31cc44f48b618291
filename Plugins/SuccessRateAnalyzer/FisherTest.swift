import Glibc

/// Fisher's exact test of a two-by-two table, one-sided: whether a rate is lower than another.
///
/// Exact at every size, unlike the z-test, and conservative: agents have 10 operations a day.
/// Source: R. A. Fisher 1935, "The logic of inductive inference", J. R. Stat. Soc. 98 (1).
enum FisherTest {
  /// The chance of so few successes or fewer, were both rates the same.
  ///
  /// P(X ≤ successes), X hypergeometric: the sum runs down from the observed table by the ratio of
  /// neighbours, and ends where terms no longer count. O(successes) at most.
  static func pValue(
    successes: UInt64, failures: UInt64, referenceSuccesses: UInt64, referenceFailures: UInt64
  ) -> Double {
    var a = Double(successes)
    var b = Double(failures)
    var c = Double(referenceSuccesses)
    var d = Double(referenceFailures)
    let total = a + b + c + d
    let logTerm =
      logFactorial(a + b) + logFactorial(c + d) + logFactorial(a + c) + logFactorial(b + d)
      - logFactorial(a) - logFactorial(b) - logFactorial(c) - logFactorial(d)
      - logFactorial(total)
    var term = exp(logTerm)
    var sum = term
    while a > 0, d > 0, term > sum * 1e-16 {
      term *= a * d / ((b + 1) * (c + 1))
      a -= 1
      b += 1
      c += 1
      d -= 1
      sum += term
    }
    return min(sum, 1)
  }

  /// ln n! by Stirling's series, exact to 1e-12 from 10 upwards, by multiplication below.
  /// Source: https://dlmf.nist.gov/5.11#E1
  private static func logFactorial(_ n: Double) -> Double {
    if n < 10 {
      var product = 1.0
      var factor = 2.0
      while factor <= n {
        product *= factor
        factor += 1
      }
      return log(product)
    }
    let x = n + 1
    let series = 1 / (12 * x) - 1 / (360 * x * x * x) + 1 / (1260 * x * x * x * x * x)
    return (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + series
  }
}

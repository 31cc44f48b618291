internal import Glibc

/// Whether one of two versions does better on the same cases: McNemar's test, exact.
///
/// Only cases with different outcomes count; without an effect each goes either way like a coin.
/// - Source: McNemar 1947; exact binomial form.
public struct PairedSignTest: Hashable, Sendable {
  /// The fewest cases with different outcomes that can reach p < 0.05: 5, all one way (p = 0.031).
  public static let discordantMin = 5

  /// Probability of so many wins or more without an effect: Σ_{k ≥ wins} C(n, k) ÷ 2ⁿ.
  public let pValue: Double

  /// Tests whether `wins` cases for the version against `losses` are more than chance.
  ///
  /// Ask for harm by exchanging the two. Without any different outcome p is 1.
  /// - Complexity: O(wins + losses).
  public init(wins: Int, losses: Int) {
    precondition(wins >= 0 && losses >= 0, "counts of cases are not negative")
    guard wins > 0 else {
      pValue = 1
      return
    }
    let n = wins + losses
    // From C(n, n) = 1 downwards, in logarithms: 2ⁿ is beyond a double from n = 1024.
    var logTerm = -Double(n) * log(2.0)
    var sum = exp(logTerm)
    var k = n
    while k > wins {
      logTerm += log(Double(k)) - log(Double(n - k + 1))
      sum += exp(logTerm)
      k -= 1
    }
    pValue = min(1, sum)
  }
}

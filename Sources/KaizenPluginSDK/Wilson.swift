/// The interval of a rate that holds at small counts too.
///
/// Source: E. B. Wilson 1927, "Probable inference, the law of succession, and statistical inference".
public enum Wilson {
  /// The lower end of the two-sided 95 % interval of `successes` ÷ `total`; 0 without data.
  public static func lowerBound(successes: Int, of total: Int) -> Double {
    guard total > 0 else { return 0 }
    let z = 1.959963984540054
    let n = Double(total)
    let rate = Double(successes) / n
    let centre = rate + z * z / (2 * n)
    let half = z * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, (centre - half) / (1 + z * z / n))
  }
}

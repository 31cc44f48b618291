/// Values at a given rank.
public enum Quantile {
  /// The value below which the share `p` of `values` lies, between two of them by interpolation;
  /// nil without values or for `p` outside [0, 1].
  /// - Complexity: O(n log n).
  /// - Source: Hyndman & Fan 1996, definition 7, the default of R and NumPy.
  public static func of(_ values: [Double], _ p: Double) -> Double? {
    ofSorted(values.sorted(), p)
  }

  /// The same for values in rising order.
  public static func ofSorted(_ values: [Double], _ p: Double) -> Double? {
    guard !values.isEmpty, (0...1).contains(p) else { return nil }
    let position = p * Double(values.count - 1)
    let below = Int(position)
    let fraction = position - Double(below)
    guard fraction > 0 else { return values[below] }
    return values[below] + fraction * (values[below + 1] - values[below])
  }
}

/// How much each dimension counts in the overall score.
public struct DimensionWeights: Hashable, Sendable {
  private let shares: [String: Double]

  /// The five dimensions every agent is judged by.
  public static let standard = DimensionWeights([
    "correctness": 0.30, "maintainability": 0.25, "security": 0.25, "documentation": 0.10,
    "coverage": 0.10,
  ])

  /// Weights by dimension; what is negative or not finite counts as 0.
  public init(_ shares: [String: Double]) {
    self.shares = shares.mapValues { $0.isFinite ? max(0, $0) : 0 }
  }

  /// The weight of `dimension`; a dimension of a component's own has 0 and is gated all the same.
  public subscript(dimension: String) -> Double { shares[dimension] ?? 0 }

  /// The dimensions that count.
  public var dimensions: [String] { shares.filter { $0.value > 0 }.keys.sorted() }

  /// The mean of `values` by these weights, renormalized over the dimensions that are there.
  ///
  /// Without any weight at all, the mean is nil.
  public func mean(of values: [String: Double]) -> Double? {
    // In a fixed order: a sum of doubles depends on it.
    let ordered = values.sorted { $0.key < $1.key }
    let total = ordered.reduce(0) { $0 + self[$1.key] }
    guard total > 0 else { return nil }
    return ordered.reduce(0) { $0 + self[$1.key] * $1.value } / total
  }
}

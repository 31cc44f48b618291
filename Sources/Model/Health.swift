/// How well an agent does, from 0 to 100, with the terms it is made of.
///
/// health = 100 × (0.40 success_rate + 0.25 response_time_score + 0.20 code_quality
/// + 0.15 (1 − error_rate)); a term without data is left out and the weights renormalized.
public struct Health: Hashable, Sendable {
  /// One term: its weight and its value in [0, 1], nil where there is no data.
  public struct Term: Hashable, Sendable {
    /// The term, as in DESIGN and the API.
    public var name: String
    /// Its share of the score before renormalizing.
    public var weight: Double
    /// In [0, 1].
    public var value: Double?
    /// Makes a term.
    public init(name: String, weight: Double, value: Double?) {
      self.name = name
      self.weight = weight
      self.value = value
    }
  }

  /// The four terms, data or not.
  public let terms: [Term]
  /// Operations the score stands on.
  public let operationCount: Int
  /// Below `minDataPoints` operations.
  public let isProvisional: Bool

  /// Operations below which a score is provisional, unless configured otherwise.
  public static let minDataPoints = 10

  /// The health that `metrics` show.
  /// - Parameters:
  ///   - serviceLevel: the response time promised; without one the term is left out.
  ///   - codeQuality: the Guardian's score in [0, 1], if it has one.
  public init(
    _ metrics: AgentMetrics, serviceLevel: Duration?, codeQuality: Double?,
    minDataPoints: Int = Health.minDataPoints
  ) {
    let responseTime = serviceLevel.flatMap { level in
      metrics.meanMilliseconds.map { mean in
        mean > 0 ? min(1, level.milliseconds / mean) : 1
      }
    }
    terms = [
      Term(name: "success_rate", weight: 0.40, value: metrics.successRate),
      Term(name: "response_time_score", weight: 0.25, value: responseTime),
      Term(name: "code_quality", weight: 0.20, value: codeQuality ?? metrics.quality),
      Term(name: "error_free_rate", weight: 0.15, value: metrics.errorRate.map { 1 - $0 }),
    ]
    operationCount = metrics.operationCount
    isProvisional = metrics.operationCount < minDataPoints
  }

  /// The score in [0, 100]; nil where no term has data.
  public var score: Double? {
    let present = terms.compactMap { term in term.value.map { (term.weight, $0) } }
    let weights = present.reduce(0) { $0 + $1.0 }
    guard weights > 0 else { return nil }
    return 100 * present.reduce(0) { $0 + $1.0 * $1.1 } / weights
  }
}

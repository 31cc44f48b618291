public import Model

/// What the Guardian says of one tree: each dimension, all of them together, and every finding.
public struct Assessment: Hashable, Sendable {
  /// How one dimension came out.
  public enum Outcome: Hashable, Sendable {
    /// A score in [0, 1].
    case scored(Double)
    /// No score, and why: nobody scores it, or its scorer failed.
    case unavailable(String)
    /// A scorer gave what is no score, such as NaN.
    case invalid(String)

    /// The score, where there is one.
    public var score: Double? {
      if case .scored(let value) = self { value } else { nil }
    }

    /// Why there is none.
    public var reason: String? {
      switch self {
      case .scored: nil
      case .unavailable(let reason), .invalid(let reason): reason
      }
    }
  }

  /// One scorer's part in a dimension.
  public struct Share: Hashable, Sendable {
    /// The scorer.
    public var scorer: ComponentID
    /// How much it counts.
    public var weight: Double
    /// Its score, in [0, 1].
    public var value: Double

    /// The mean by weight of at least one share.
    static func mean(of shares: [Share]) -> Double {
      let weight = shares.reduce(0) { $0 + $1.weight }
      return shares.reduce(0) { $0 + $1.value * $1.weight } / weight
    }
  }

  /// Who made up each dimension's score, in the order of the ids.
  public internal(set) var shares: [String: [Share]] = [:]
  /// Of scored dimensions: why scorers of theirs have no part in it.
  public internal(set) var absent: [String: [String]] = [:]
  /// The outcome of every dimension with a weight or a scorer.
  public var dimensions: [String: Outcome]
  /// The weighted mean of the dimensions with a score; nil where there is none.
  public var overall: Double?
  /// Every finding, in the order of file, line and rule.
  public var findings: [Finding]
  /// Findings beyond `Guardian.findingCountMax`, which were left out.
  public var droppedFindingCount: Int

  /// Puts an assessment together; its overall score follows from the dimensions.
  public init(
    dimensions: [String: Outcome], findings: [Finding] = [], droppedFindingCount: Int = 0,
    weights: DimensionWeights = .standard
  ) {
    self.dimensions = dimensions
    self.overall = weights.mean(of: dimensions.compactMapValues(\.score))
    self.findings = findings
    self.droppedFindingCount = droppedFindingCount
  }

  /// The assessment as the API shows it.
  public var json: JSONValue {
    let rows = dimensions.mapValues { outcome -> JSONValue in
      var row: [String: JSONValue] = ["score": outcome.score.map(JSONValue.number) ?? .null]
      if let reason = outcome.reason { row["reason"] = .string(reason) }
      return .object(row)
    }.merging(absent.mapValues { ["absent": .array($0.map(JSONValue.string))] }) { row, absent in
      .object((row.object ?? [:]).merging(absent.object ?? [:]) { first, _ in first })
    }
    return [
      "overall": overall.map(JSONValue.number) ?? .null, "dimensions": .object(rows),
      "findings": .array(findings.map(\.json)),
      "findings_left_out": .integer(Int64(droppedFindingCount)),
    ]
  }
}

extension Finding {
  /// The finding as the contract and the API show it.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "rule": .string(rule), "level": .string(level.rawValue), "file": .string(file),
      "message": .string(message),
    ]
    if let line { members["line"] = .integer(Int64(line)) }
    return .object(members)
  }
}

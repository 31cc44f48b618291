public import Model

/// Whether a change may pass the Guardian, and why not.
public struct GateDecision: Hashable, Sendable {
  /// One reason to refuse a change.
  public struct Reason: Hashable, Sendable, CustomStringConvertible {
    /// What sort of reason.
    public enum Kind: String, CaseIterable, Sendable {
      case overallFell = "overall_fell"
      case dimensionFell = "dimension_fell"
      case dimensionLost = "dimension_lost"
      case invalidScore = "invalid_score"
      case newFinding = "new_finding"
      case tooManyFindings = "too_many_findings"
    }

    /// What sort of reason.
    public var kind: Kind
    /// The reason in words, with the figures.
    public var text: String
    /// The reason in words.
    public var description: String { text }

    init(_ kind: Kind, _ text: String) {
      self.kind = kind
      self.text = text
    }
  }

  /// Every reason against the change; none means that it passed.
  public var reasons: [Reason]
  /// Dimensions that could not be compared, and why; not held against the change.
  public var unjudged: [String: String]

  /// Whether the change may go on.
  public var isPassed: Bool { reasons.isEmpty }

  /// The decision as the API shows it.
  public var json: JSONValue {
    [
      "passed": .bool(isPassed),
      "reasons": .array(
        reasons.map { ["kind": .string($0.kind.rawValue), "text": .string($0.text)] }),
      "unjudged": .object(unjudged.mapValues(JSONValue.string)),
    ]
  }
}

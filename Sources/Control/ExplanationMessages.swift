public import Model

/// Why a trial ended as it did.
public struct ExplanationInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "an explanation"
  /// The health that the run began from.
  public var healthBefore: Double?
  /// The health of what its generation has done since.
  public var healthAfter: Double?
  /// The operations that stands on.
  public var operationsAfter: Int?
  /// The tests.
  public var tests: TestPair
  /// Cases that passed on the base and not on the clone.
  public var regressed: [String]
  /// The scores by dimension.
  public var scores: ScorePair
  /// The Guardian's score of the base as a whole.
  public var overallBefore: Double?
  /// That of the clone.
  public var overallAfter: Double?
  /// Whether the gate passed it; nil where it was not reached.
  public var gatePassed: Bool?
  /// Why it did not.
  public var gateReasons: [String]
  /// All of it in words, one sentence a line.
  public var lines: [String]

  /// Makes the value from its parts.
  public init(
    healthBefore: Double? = nil, healthAfter: Double? = nil, operationsAfter: Int? = nil,
    tests: TestPair, regressed: [String] = [], scores: ScorePair, overallBefore: Double? = nil,
    overallAfter: Double? = nil, gatePassed: Bool? = nil, gateReasons: [String] = [],
    lines: [String]
  ) {
    self.healthBefore = healthBefore
    self.healthAfter = healthAfter
    self.operationsAfter = operationsAfter
    self.tests = tests
    self.regressed = regressed
    self.scores = scores
    self.overallBefore = overallBefore
    self.overallAfter = overallAfter
    self.gatePassed = gatePassed
    self.gateReasons = gateReasons
    self.lines = lines
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    healthBefore = reader.optionalReal("health_before")
    healthAfter = reader.optionalReal("health_after")
    operationsAfter = reader.optionalCount("operations_after")
    tests = reader.required("tests", TestPair.self)
    regressed = reader.texts("regressed")
    scores = reader.required("scores", ScorePair.self)
    overallBefore = reader.optionalReal("overall_before")
    overallAfter = reader.optionalReal("overall_after")
    gatePassed = reader.bool("gate_passed")
    gateReasons = reader.texts("gate_reasons")
    lines = reader.texts("lines")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "health_before": JSONValue(healthBefore),
      "health_after": JSONValue(healthAfter),
      "operations_after": JSONValue(operationsAfter),
      "tests": JSONValue(tests),
      "regressed": JSONValue(regressed),
      "scores": JSONValue(scores),
      "overall_before": JSONValue(overallBefore),
      "overall_after": JSONValue(overallAfter),
      "gate_passed": JSONValue(gatePassed),
      "gate_reasons": JSONValue(gateReasons),
      "lines": JSONValue(lines),
    ]
  }
}

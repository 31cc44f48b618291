public import Model

/// One term of the health, null where there is no data.
public struct HealthTermInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a health term"
  /// Its name, as in the formula.
  public var name: String
  /// Its share of the score before renormalizing.
  public var weight: Double
  /// In [0, 1].
  public var value: Double?

  /// Makes the value from its parts.
  public init(
    name: String, weight: Double, value: Double? = nil
  ) {
    self.name = name
    self.weight = weight
    self.value = value
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    name = reader.text("name")
    weight = reader.real("weight")
    value = reader.optionalReal("value")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "name": JSONValue(name),
      "weight": JSONValue(weight),
      "value": JSONValue(value),
    ]
  }
}

/// How the daily health moves.
public struct TrendInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a trend"
  /// Points a day, by Theil and Sen.
  public var slopePerDay: Double
  /// Two-sided, by Mann and Kendall.
  public var pValue: Double
  /// Days with data.
  public var days: Int
  /// up, down or flat, at the 5 % level.
  public var direction: String

  /// Makes the value from its parts.
  public init(
    slopePerDay: Double, pValue: Double, days: Int, direction: String
  ) {
    self.slopePerDay = slopePerDay
    self.pValue = pValue
    self.days = days
    self.direction = direction
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    slopePerDay = reader.real("slope_per_day")
    pValue = reader.real("p_value")
    days = reader.count("days")
    direction = reader.text("direction")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "slope_per_day": JSONValue(slopePerDay),
      "p_value": JSONValue(pValue),
      "days": JSONValue(days),
      "direction": JSONValue(direction),
    ]
  }
}

/// How one generation did.
public struct GenerationHealth: ControlValue {
  /// What it is, for messages.
  public static let noun = "a generation's health"
  /// Its number; 0 for records that name none.
  public var generation: Int
  /// Its health, 0 to 100.
  public var score: Double?
  /// Its operations in the window.
  public var operations: Int
  /// In [0, 1].
  public var successRate: Double?
  /// In [0, 1].
  public var errorRate: Double?
  /// Mean response time.
  public var meanMilliseconds: Double?

  /// Makes the value from its parts.
  public init(
    generation: Int, score: Double? = nil, operations: Int, successRate: Double? = nil,
    errorRate: Double? = nil, meanMilliseconds: Double? = nil
  ) {
    self.generation = generation
    self.score = score
    self.operations = operations
    self.successRate = successRate
    self.errorRate = errorRate
    self.meanMilliseconds = meanMilliseconds
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    generation = reader.count("generation")
    score = reader.optionalReal("score")
    operations = reader.count("operations")
    successRate = reader.optionalReal("success_rate")
    errorRate = reader.optionalReal("error_rate")
    meanMilliseconds = reader.optionalReal("mean_ms")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "generation": JSONValue(generation),
      "score": JSONValue(score),
      "operations": JSONValue(operations),
      "success_rate": JSONValue(successRate),
      "error_rate": JSONValue(errorRate),
      "mean_ms": JSONValue(meanMilliseconds),
    ]
  }
}

/// The health of one agent over some days.
public struct HealthAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a health answer"
  /// The agent.
  public var agent: String
  /// The window.
  public var days: Int
  /// 0 to 100; nil where no term has data.
  public var score: Double?
  /// Stands on fewer than the least number of operations.
  public var isProvisional: Bool
  /// Operations in the window.
  public var operations: Int
  /// The four terms.
  public var terms: [HealthTermInfo]
  /// Over daily windows; nil below five days with data.
  public var trend: TrendInfo?
  /// The score of each generation in the window.
  public var generations: [GenerationHealth]

  /// Makes the value from its parts.
  public init(
    agent: String, days: Int, score: Double? = nil, isProvisional: Bool = false, operations: Int,
    terms: [HealthTermInfo] = [], trend: TrendInfo? = nil, generations: [GenerationHealth] = []
  ) {
    self.agent = agent
    self.days = days
    self.score = score
    self.isProvisional = isProvisional
    self.operations = operations
    self.terms = terms
    self.trend = trend
    self.generations = generations
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent")
    days = reader.count("days")
    score = reader.optionalReal("score")
    isProvisional = reader.optionalFlag("provisional", default: false)
    operations = reader.count("operations")
    terms = reader.items("terms", HealthTermInfo.self)
    trend = reader.one("trend", TrendInfo.self)
    generations = reader.items("generations", GenerationHealth.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "days": JSONValue(days),
      "score": JSONValue(score),
      "provisional": JSONValue(isProvisional),
      "operations": JSONValue(operations),
      "terms": JSONValue(terms),
      "trend": JSONValue(trend),
      "generations": JSONValue(generations),
    ]
  }
}

public import Model

/// Something to improve about one agent.
public struct OpportunityInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "an opportunity"
  /// Its id.
  public var id: String
  /// The agent.
  public var agent: String
  /// What it is about.
  public var type: OpportunityType
  /// How much it matters.
  public var severity: Severity
  /// Who found it.
  public var component: String
  /// One line for people.
  public var title: String
  /// How sure the finder is, in [0, 1].
  public var strength: Double
  /// What it stands on.
  public var evidence: JSONValue
  /// When it was found.
  public var foundAt: Instant?

  /// Makes the value from its parts.
  public init(
    id: String, agent: String, type: OpportunityType = .codeSmell, severity: Severity = .low,
    component: String, title: String, strength: Double, evidence: JSONValue = .null,
    foundAt: Instant? = nil
  ) {
    self.id = id
    self.agent = agent
    self.type = type
    self.severity = severity
    self.component = component
    self.title = title
    self.strength = strength
    self.evidence = evidence
    self.foundAt = foundAt
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    agent = reader.text("agent")
    type = reader.word("type", OpportunityType.self, required: true) ?? .codeSmell
    severity = reader.word("severity", Severity.self, required: true) ?? .low
    component = reader.text("component")
    title = reader.text("title")
    strength = reader.real("strength")
    evidence = reader.value("evidence") ?? .null
    foundAt = reader.optionalMoment("found_at")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "agent": JSONValue(agent),
      "type": JSONValue(type),
      "severity": JSONValue(severity),
      "component": JSONValue(component),
      "title": JSONValue(title),
      "strength": JSONValue(strength),
      "evidence": evidence,
      "found_at": JSONValue(foundAt),
    ]
  }
}

/// Asks for an analysis now.
public struct AnalyzeRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "an analysis to make"
  /// The window; 7 where it is not said.
  public var days: Int?

  /// Makes the value from its parts.
  public init(
    days: Int? = nil
  ) {
    self.days = days
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    days = reader.optionalCount("days", in: 1...365)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "days": JSONValue(days)
    ]
  }
}

/// What one component had to say, or how it failed.
public struct ComponentNote: ControlValue {
  /// What it is, for messages.
  public static let noun = "a component's note"
  /// The component.
  public var component: String
  /// What it said.
  public var message: String
  /// Whether its call failed.
  public var isFailure: Bool

  /// Makes the value from its parts.
  public init(
    component: String, message: String, isFailure: Bool = false
  ) {
    self.component = component
    self.message = message
    self.isFailure = isFailure
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    component = reader.text("component")
    message = reader.text("message")
    isFailure = reader.optionalFlag("failed", default: false)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "component": JSONValue(component),
      "message": JSONValue(message),
      "failed": JSONValue(isFailure),
    ]
  }
}

/// What an analysis found, and what an optimization would do about it.
public struct AnalyzeAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "an analysis"
  /// The agent.
  public var agent: String
  /// The window.
  public var days: Int
  /// The health.
  public var health: HealthAnswer
  /// What recurs in the feedback.
  public var patterns: [PatternInfo]
  /// What was found.
  public var opportunities: [OpportunityInfo]
  /// The strategy that `auto` stands for at this health.
  public var strategy: String?
  /// What an optimization would do.
  public var plans: [PlanInfo]
  /// What components said or failed at.
  public var notes: [ComponentNote]

  /// Makes the value from its parts.
  public init(
    agent: String, days: Int, health: HealthAnswer, patterns: [PatternInfo] = [],
    opportunities: [OpportunityInfo] = [],
    strategy: String? = nil, plans: [PlanInfo] = [], notes: [ComponentNote] = []
  ) {
    self.agent = agent
    self.days = days
    self.health = health
    self.patterns = patterns
    self.opportunities = opportunities
    self.strategy = strategy
    self.plans = plans
    self.notes = notes
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent")
    days = reader.count("days")
    health = reader.required("health", HealthAnswer.self)
    patterns = reader.items("patterns", PatternInfo.self)
    opportunities = reader.items("opportunities", OpportunityInfo.self)
    strategy = reader.string("strategy")
    plans = reader.items("plans", PlanInfo.self)
    notes = reader.items("notes", ComponentNote.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "days": JSONValue(days),
      "health": JSONValue(health),
      "patterns": JSONValue(patterns),
      "opportunities": JSONValue(opportunities),
      "strategy": JSONValue(strategy),
      "plans": JSONValue(plans),
      "notes": JSONValue(notes),
    ]
  }
}

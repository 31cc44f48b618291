/// The ten sorts of things to improve.
public enum OpportunityType: String, CaseIterable, Sendable {
  case successRateDecline = "success_rate_decline"
  case performanceDegradation = "performance_degradation"
  case qualityIssues = "quality_issues"
  case toolUpgrade = "tool_upgrade"
  case resourceInefficiency = "resource_inefficiency"
  case errorPattern = "error_pattern"
  case capabilityGap = "capability_gap"
  case trainingNeeded = "training_needed"
  case codeSmell = "code_smell"
  case securityVulnerability = "security_vulnerability"

  /// The least severity an opportunity of this type has.
  public var severity: Severity {
    switch self {
    case .securityVulnerability: .critical
    case .successRateDecline, .qualityIssues, .errorPattern: .high
    case .performanceDegradation, .resourceInefficiency, .capabilityGap, .codeSmell: .medium
    case .toolUpgrade, .trainingNeeded: .low
    }
  }

  /// A gain is kept on probation and blessed by evidence; every other change is a repair.
  public var isGain: Bool {
    switch self {
    case .successRateDecline, .performanceDegradation, .resourceInefficiency: true
    default: false
    }
  }
}

/// Something to improve about one agent, as a component found it.
public struct Opportunity: Hashable, Sendable {
  /// What it is about.
  public var type: OpportunityType
  /// The higher of the type's and the component's own.
  public var severity: Severity
  /// The agent concerned.
  public var agent: AgentID
  /// Who found it.
  public var component: ComponentID
  /// One line for people; with agent, type and component it is the opportunity's identity.
  public var title: String
  /// How sure the finder is, in [0, 1]; the loop acts alone only on strong ones.
  public var strength: Double
  /// What it stands on.
  public var evidence: JSONValue

  /// Makes an opportunity; the severity is raised to the type's.
  public init(
    type: OpportunityType, severity: Severity?, agent: AgentID, component: ComponentID,
    title: String, strength: Double, evidence: JSONValue
  ) {
    self.type = type
    self.severity = max(type.severity, severity ?? type.severity)
    self.agent = agent
    self.component = component
    self.title = title
    self.strength = strength
    self.evidence = evidence
  }
}

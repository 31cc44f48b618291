public import Model

/// What a policy judges: one plan, and its change once there is one.
public struct PolicySubject: Hashable, Sendable {
  /// One opportunity of the plan and who acts on it.
  public struct Item: Hashable, Sendable {
    /// The opportunity's type.
    public var type: OpportunityType
    /// Its severity.
    public var severity: Severity
    /// Who acts on it.
    public var applier: ComponentID

    /// Makes an item.
    public init(type: OpportunityType, severity: Severity, applier: ComponentID) {
      self.type = type
      self.severity = severity
      self.applier = applier
    }
  }

  /// What a trial changed.
  public struct Change: Hashable, Sendable {
    /// Every file written, added or removed, relative to the root.
    public var paths: [String]
    /// Lines added and removed.
    public var lineCount: Int

    /// Makes a change.
    public init(paths: [String], lineCount: Int) {
      self.paths = paths
      self.lineCount = lineCount
    }
  }

  /// The agent.
  public var agent: AgentID
  /// The strategy the plan was made under, never `auto`.
  public var strategy: Strategy.Name
  /// What the plan does.
  public var items: [Item]
  /// What came of it; nil before the trial.
  public var change: Change?

  /// Makes a subject.
  public init(agent: AgentID, strategy: Strategy.Name, items: [Item], change: Change? = nil) {
    self.agent = agent
    self.strategy = strategy
    self.items = items
    self.change = change
  }

  /// The subject that `plan` is, with its change once there is one.
  public init(_ plan: Plan, change: Change? = nil) {
    self.init(
      agent: plan.agent, strategy: plan.strategy.name,
      items: plan.items.map {
        Item(type: $0.opportunity.type, severity: $0.opportunity.severity, applier: $0.applier)
      }, change: change)
  }
}

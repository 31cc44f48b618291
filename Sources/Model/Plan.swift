/// Opportunities of one agent and the appliers chosen for them under a strategy.
public struct Plan: Hashable, Sendable {
  /// One opportunity and who is to act on it.
  public struct Item: Hashable, Sendable {
    /// What is to be improved.
    public var opportunity: Opportunity
    /// The opportunity's own id.
    public var opportunityID: String
    /// Who changes the clone for it.
    public var applier: ComponentID

    /// Makes an item.
    public init(opportunity: Opportunity, opportunityID: String, applier: ComponentID) {
      self.opportunity = opportunity
      self.opportunityID = opportunityID
      self.applier = applier
    }
  }

  /// The plan's own id.
  public var id: String
  /// The agent it is for.
  public var agent: AgentID
  /// The limits it was made under.
  public var strategy: Strategy
  /// What it does, in order.
  public var items: [Item]
  /// Whether a person must agree before promotion.
  public var needsApproval: Bool

  /// Makes a plan.
  public init(
    id: String, agent: AgentID, strategy: Strategy, items: [Item], needsApproval: Bool
  ) {
    self.id = id
    self.agent = agent
    self.strategy = strategy
    self.items = items
    self.needsApproval = needsApproval
  }
}

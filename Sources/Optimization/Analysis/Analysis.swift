public import Model

/// What one analysis of an agent found.
public struct Analysis: Sendable {
  /// What one component had to say, or how it failed.
  public struct Note: Hashable, Sendable {
    /// Who.
    public var component: ComponentID
    /// What.
    public var message: String
    /// Whether the call failed; its opportunities are then missing.
    public var isFailure: Bool

    /// Makes a note.
    public init(component: ComponentID, message: String, isFailure: Bool) {
      self.component = component
      self.message = message
      self.isFailure = isFailure
    }
  }

  /// The agent.
  public var agent: AgentID
  /// Days in the window, and in the one before it.
  public var days: Int
  /// When.
  public var time: Instant
  /// What the window says.
  public var now: AgentMetrics
  /// What the window before it says.
  public var before: AgentMetrics
  /// How the daily success rate moves; nil below five days with data.
  public var trend: Trend?
  /// The score of the window.
  public var health: Health
  /// The score of each generation seen in the window.
  public var generations: [GenerationHealth]
  /// Everything found, folded and stored.
  public var opportunities: [KnownOpportunity]
  /// What components said.
  public var notes: [Note]

  /// How one generation did within the window.
  public struct GenerationHealth: Hashable, Sendable {
    /// Its number; nil for records that name none.
    public var generation: GenerationNumber?
    /// What its records say.
    public var metrics: AgentMetrics
    /// Its score.
    public var health: Health

    /// Makes one.
    public init(generation: GenerationNumber?, metrics: AgentMetrics, health: Health) {
      self.generation = generation
      self.metrics = metrics
      self.health = health
    }
  }
}

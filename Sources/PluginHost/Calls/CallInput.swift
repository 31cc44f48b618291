public import Model

/// What every call says of its agent.
public struct CallContext: Hashable, Sendable {
  /// The agent.
  public var agent: AgentID
  /// Its descriptor, as in `agent.json`.
  public var descriptor: JSONValue
  /// The response time promised.
  public var serviceLevel: Duration?
  /// The generation looked at; nil for observed agents.
  public var generation: GenerationNumber?
  /// What feedback says now.
  public var metrics: AgentMetrics
  /// What it said in the window before.
  public var previous: AgentMetrics?

  /// Makes a context.
  public init(
    agent: AgentID, descriptor: JSONValue = [:], serviceLevel: Duration? = nil,
    generation: GenerationNumber? = nil, metrics: AgentMetrics = AgentMetrics(),
    previous: AgentMetrics? = nil
  ) {
    self.agent = agent
    self.descriptor = descriptor
    self.serviceLevel = serviceLevel
    self.generation = generation
    self.metrics = metrics
    self.previous = previous
  }
}

/// A version of an agent's files: where they lie, and where a component sees them.
public struct AgentFiles: Hashable, Sendable {
  /// The folder on disk.
  public var root: String
  /// Where the sandbox shows it: the agent's own path.
  public var pathInside: String
  /// The files of the agent, relative to the root.
  public var names: [String]

  /// Makes files; without `pathInside` they are seen where they lie.
  public init(root: String, pathInside: String? = nil, names: [String]) {
    self.root = root
    self.pathInside = pathInside ?? root
    self.names = names
  }
}

/// What an analyzer looks at.
public struct AnalysisInput: Sendable {
  /// The agent and its numbers.
  public var context: CallContext
  /// How the success rate moves, where there are enough days.
  public var trend: Trend?
  /// The agent's feedback, shared by all components of this analysis.
  public var window: SharedWindow?
  /// Its files, read-only; nil for observed agents.
  public var files: AgentFiles?
  /// What else is known: an object of lists, as `facts_json` in kaizen_plugin.h has them.
  public var facts: JSONValue

  /// Makes an input.
  public init(
    context: CallContext, trend: Trend? = nil, window: SharedWindow? = nil,
    files: AgentFiles? = nil, facts: JSONValue = [:]
  ) {
    self.facts = facts
    self.context = context
    self.trend = trend
    self.window = window
    self.files = files
  }
}

/// What an applier acts on.
public struct ApplyInput: Sendable {
  /// The agent and its numbers.
  public var context: CallContext
  /// The opportunity to act on.
  public var item: Plan.Item
  /// The clone, writable at the agent's own path.
  public var clone: AgentFiles
  /// What earlier trials of this applier on this agent came to: a list of objects.
  public var history: JSONValue

  /// Makes an input.
  public init(
    context: CallContext, item: Plan.Item, clone: AgentFiles, history: JSONValue = []
  ) {
    self.context = context
    self.item = item
    self.clone = clone
    self.history = history
  }
}

/// What a scorer judges.
public struct ScoreInput: Sendable {
  /// The agent and its numbers.
  public var context: CallContext
  /// The files, read-only.
  public var files: AgentFiles
  /// The files that differ from the base; empty where the base itself is scored.
  public var changed: [String]

  /// Makes an input.
  public init(context: CallContext, files: AgentFiles, changed: [String] = []) {
    self.context = context
    self.files = files
    self.changed = changed
  }
}

public import Approval
public import Feedback
import Glibc
import Linux
public import Model
public import PluginHost
public import Sandbox
import Synchronization
public import Telemetry
import Workspace

/// Composes the domain rooms: analyzes agents, plans, tries changes, and keeps what proves itself.
///
/// Thread-safe and synchronous; a run has a thread of its own.
public final class OptimizationEngine: Sendable {
  /// What the engine is made of; each part can be used without it.
  public struct Parts: Sendable {
    /// What is stored of agents, plans and trials.
    public var store: EngineStore
    /// Who decides approvals, and the audit.
    public var admiral: Admiral
    /// The feedback.
    public var feedback: FeedbackLoop
    /// The components.
    public var components: ComponentHost
    /// What runs the agents' own commands.
    public var confiner: Confiner
    /// Who is told what happens.
    public var events: EventBus
    /// Where it is logged.
    public var log: Log
    /// The wall clock.
    public var now: @Sendable () -> Instant
    /// Who is told how long each analysis took.
    public var onAnalysis: (@Sendable (Duration) -> Void)?

    /// Makes the parts.
    public init(
      store: EngineStore, admiral: Admiral, feedback: FeedbackLoop, components: ComponentHost,
      confiner: Confiner, events: EventBus, log: Log,
      now: (@Sendable () -> Instant)? = nil
    ) {
      self.store = store
      self.admiral = admiral
      self.feedback = feedback
      self.components = components
      self.confiner = confiner
      self.events = events
      self.log = log
      self.now = now ?? { Instant(nanoseconds: Clock.wallNanoseconds()) }
    }
  }

  /// What people may set.
  public struct Limits: Sendable {
    /// Days of an analysis's window where nobody says.
    public var days = 7
    /// Operations below which health is provisional.
    public var minDataPoints = Health.minDataPoints
    /// Most feedback rows handed to a component.
    public var windowRowCountMax = 100_000
    /// Generations kept of an agent.
    public var generationCountMax = 10
    /// Most bytes the old generations of one agent may take.
    public var generationBytesMax = 4 << 30
    /// Most files one trial may change.
    public var changedFileCountMax = 100
    /// Bytes kept of a test run's output.
    public var testOutputBytesMax = 64 << 10
    /// Versions of tools that the operator knows to be out, by name.
    public var toolCatalogue: [String: String] = [:]
    /// How far the loop goes alone with an agent of which nobody says it.
    public var autopilot = Autopilot.propose
    /// How long the loop leaves alone what was tried once.
    public var coolDown = Duration.seconds(86_400)

    /// The limits of a daemon without settings.
    public init() {}
  }

  let parts: Parts
  let limits: Limits
  /// The folder beneath which each agent's store lies: `agents/` of the home.
  let storeRoot: String
  let analyst: Analyst
  /// The user of the daemon itself, for what nobody asked for.
  static var ownUser: UInt32 { geteuid() }
  /// The runs under way and lately ended.
  public let runs: RunBoard
  /// Trials that recovery could not end, one line each for people.
  let needsAttention = Mutex<[String]>([])
  /// Test reports of bases by what they depend on; bounded.
  let provenBases = Mutex<[String: TestReport]>([:])
  /// What of descriptors in the home could not be taken up.
  let descriptorProblems = Mutex<[AgentID: String]>([:])
  /// What scorers found in the trees they scored last.
  let foundBefore = FindingCache()
  /// Folders that are being added, so that two requests cannot attach one, and what ends their tests.
  let adding = Mutex<[String: StopToken]>([:])

  /// Makes an engine over parts that are ready; `recover()` comes before anything else is asked.
  public init(parts: Parts, limits: Limits = Limits(), storeRoot: String) throws(KaizenError) {
    self.parts = parts
    self.limits = limits
    self.storeRoot = storeRoot
    analyst = Analyst(
      feedback: parts.feedback, components: parts.components,
      minDataPoints: limits.minDataPoints, windowRowCountMax: limits.windowRowCountMax,
      toolVersions: ToolVersions(confiner: parts.confiner, catalogue: limits.toolCatalogue))
    runs = RunBoard()
  }

  /// Admits no further run and waits for those under way; false where `timeout` came first.
  ///
  /// What the loop began by itself is cut short: it can begin that again.
  public func stop(timeout: Duration) -> Bool {
    runs.close()
    cancelUnattended()
    // Nothing is lost: an addition that is cut short is undone, and can be asked for again.
    for token in adding.withLock({ Array($0.values) }) {
      token.stop(
        KaizenError("E_STOPPING", "the daemon is stopping", hint: "add it when it runs again"))
    }
    return runs.drain(timeout: timeout)
  }

  /// What a person should look at; one line each.
  public func attention() -> [String] { needsAttention.withLock { $0 } }

  /// The agent as it is now, with its lock: whoever asked may have waited while it was removed.
  func locked(
    _ agent: AgentRecord, _ purpose: String
  ) throws(KaizenError) -> (site: TrialSite, lock: AgentLock) {
    let lock = try AgentLock.acquire(
      agent.layout, purpose: purpose)
    let fresh = try requireAgent(agent.id)
    guard fresh.addedAt == agent.addedAt else {
      throw KaizenError(
        "E_AGENT_BUSY", "\(agent.id) was removed and added again meanwhile", hint: "try again")
    }
    return (try site(fresh), lock)
  }

  /// The time on the wall clock.
  func now() -> Instant { parts.now() }

  /// The agent with files of that id.
  /// - Throws: `E_UNKNOWN_AGENT`, or `E_OBSERVED` for one known from its feedback alone.
  func requireAgent(_ id: AgentID) throws(KaizenError) -> AgentRecord {
    if let agent = try parts.store.agent(id) { return agent }
    try requireKnown(id)
    throw KaizenError(
      "E_OBSERVED", "\(id) is known from its feedback alone and has no files here",
      hint: "`kaizen agent add PATH --id \(id)` attaches its files")
  }

  /// Throws `E_UNKNOWN_AGENT` where nobody ever spoke of the agent.
  public func requireKnown(_ id: AgentID) throws(KaizenError) {
    if try parts.store.agent(id) != nil { return }
    if parts.feedback.agents().contains(id) { return }
    throw KaizenError(
      "E_UNKNOWN_AGENT", "there is no agent \"\(id)\"",
      hint: "`kaizen agent list` shows them; `kaizen agent add PATH` adds one")
  }

  /// Every agent with files, by id.
  public func agents() throws(KaizenError) -> [AgentRecord] { try parts.store.agents() }

  /// The agent of that id, where it has files.
  public func findAgent(_ id: AgentID) throws(KaizenError) -> AgentRecord? {
    try parts.store.agent(id)
  }

  /// What the last analysis found, the gravest first.
  public func opportunities(
    of id: AgentID, limit: Int
  ) throws(KaizenError) -> [OpportunityRecord] {
    try requireKnown(id)
    return try parts.store.opportunities(of: id, limit: limit)
  }

  /// The trials of an agent, newest first.
  public func history(of id: AgentID, limit: Int) throws(KaizenError) -> [TrialRecord] {
    try requireKnown(id)
    return try parts.store.history(of: id, limit: limit)
  }

  /// The trial of that id; nil where there is none or it cannot be read.
  public func trial(_ id: Int64) -> TrialRecord? {
    do {
      return try parts.store.trial(id)
    } catch {
      parts.log.warning(
        "a trial cannot be read", ["trial": .integer(id), "error": .string("\(error)")])
      return nil
    }
  }

  /// The trial that waits for an approval.
  public func trial(awaiting approval: String) throws(KaizenError) -> TrialRecord? {
    try parts.store.trial(awaiting: approval)
  }

  /// How many trials ended with each verdict.
  public func verdictCounts() throws(KaizenError) -> [String: Int] {
    try parts.store.verdictCounts()
  }
}

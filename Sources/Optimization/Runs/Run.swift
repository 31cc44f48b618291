public import Model

/// One optimization of one agent, from analysis to verdict.
public struct Run: Hashable, Sendable {
  /// One plan and what became of it.
  public struct Outcome: Hashable, Sendable {
    /// The plan.
    public var plan: Plan
    /// The trial's id, once there is one.
    public var trial: Int64?
    /// How it ended; nil while it runs, and in a dry run.
    public var ending: TrialEnding?
    /// The request for approval, where there is one.
    public var approval: String?

    /// Makes an outcome that is yet to come.
    public init(plan: Plan) { self.plan = plan }
  }

  /// Who began a run, and so how far it may go.
  public enum Origin: String, CaseIterable, Sendable {
    /// A person, or a program at the control socket.
    case user
    /// The continuous loop: a person promotes whatever proves itself.
    case propose
    /// The continuous loop: the policy decides.
    case auto
  }

  /// Its number, which no other run ever has.
  public var number: Int64
  /// Its id, such as `r-3`.
  public var id: String { "r-\(number)" }
  /// The agent.
  public var agent: AgentID
  /// Who asked for it; the daemon's own user where it asked itself.
  public var requestedBy: UInt32
  /// Who began it.
  public var origin = Origin.user
  /// Plan only.
  public var isDryRun: Bool
  /// The strategy asked for.
  public var strategy: Strategy.Name
  /// The health it began from, once that is known.
  public var healthBefore: Double?
  /// The health it ended with, where it changed what is live.
  public var healthAfter: Double?
  /// Opportunities the analysis found, once it has ended.
  public var opportunityCount: Int?
  /// What happened so far, one line each.
  public var progress: [String] = []
  /// The plans, in the order they are tried.
  public var outcomes: [Outcome] = []
  /// Opportunities in no plan, with the reason.
  public var leftOut: [Planning.LeftOut] = []
  /// How it ended; nil while it runs.
  public var ending: TrialEnding?
  /// When it started.
  public var startedAt: Instant
  /// When it ended.
  public var endedAt: Instant?

  /// Most progress lines kept of one run.
  static let progressCountMax = 1000

  /// The run's verdict: that of the first plan executed, `awaiting_approval` only if none was.
  static func verdict(of outcomes: [Outcome]) -> TrialEnding {
    let endings = outcomes.compactMap(\.ending)
    return endings.first { $0.verdict != .awaitingApproval } ?? endings.first
      ?? TrialEnding(
        .nothingToDo, code: "nothing_to_do",
        reason: "no opportunity has an applier to act on it")
  }
}

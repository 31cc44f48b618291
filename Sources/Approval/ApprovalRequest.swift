public import Model

/// One question to people, whether exactly this may go on.
public struct ApprovalRequest: Hashable, Sendable {
  /// Where a request stands; only the first two can change.
  public enum State: String, CaseIterable, Sendable {
    /// It waits for decisions.
    case pending
    /// Enough people agreed; it can be used once.
    case approved
    /// Somebody refused.
    case rejected
    /// Nobody decided, or used it, in time.
    case expired
    /// What it stood for was done.
    case used
  }

  /// What one person said.
  public struct Decision: Hashable, Sendable {
    /// Who, by uid.
    public var uid: UInt32
    /// For or against.
    public var isApproval: Bool
    /// Why, if they said.
    public var reason: String?
    /// When.
    public var time: Instant
  }

  /// What is asked, before the policy's terms are added to it.
  public struct Question: Hashable, Sendable {
    /// The request's own id.
    public var id: String
    /// The agent.
    public var agent: AgentID
    /// The plan.
    public var plan: String
    /// The run that waits for the answer.
    public var run: String?
    /// When it is needed.
    public var stage: Policy.Stage
    /// The digest of exactly what would be approved.
    public var digest: Digest
    /// The highest severity in the plan.
    public var severity: Severity
    /// One line on what would be done.
    public var title: String
    /// Who asked for the run.
    public var requestedBy: Actor
    /// The components that found and would change something.
    public var proposers: [ComponentID]
    /// Diff, tests, scores: what a person needs to decide.
    public var evidence: JSONValue

    /// Makes a question.
    public init(
      id: String, agent: AgentID, plan: String, run: String? = nil, stage: Policy.Stage,
      digest: Digest, severity: Severity, title: String, requestedBy: Actor,
      proposers: [ComponentID], evidence: JSONValue
    ) {
      self.id = id
      self.agent = agent
      self.plan = plan
      self.run = run
      self.stage = stage
      self.digest = digest
      self.severity = severity
      self.title = title
      self.requestedBy = requestedBy
      self.proposers = proposers
      self.evidence = evidence
    }
  }

  /// What is asked.
  public var question: Question
  /// The names of the policy's rules that ask for it.
  public var rules: [String]
  /// Approvals needed.
  public var needed: Int
  /// Who may give them.
  public var approvers: Policy.Approvers
  /// Whether the uid that asked may not.
  public var fourEyes: Bool
  /// When it was asked.
  public var createdAt: Instant
  /// When it lapses.
  public var expiresAt: Instant
  /// Where it stands.
  public internal(set) var state: State
  /// What people said, in order.
  public internal(set) var decisions: [Decision]

  /// The id.
  public var id: String { question.id }
}

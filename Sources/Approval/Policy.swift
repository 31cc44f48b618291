public import Model

/// Which plans need whose approval, when: data from `policy.json`, not branches in the engine.
public struct Policy: Hashable, Sendable {
  /// When an approval is needed.
  public enum Stage: String, CaseIterable, Sendable {
    /// Before a clone is made.
    case beforeTrial = "before_trial"
    /// Before a generation goes live, with diff, tests and scores as evidence.
    case beforePromotion = "before_promotion"
  }

  /// Who may approve.
  public enum Approvers: Hashable, Sendable {
    /// Everyone whom the control socket lets decide.
    case anyone
    /// These uids only.
    case users(Set<UInt32>)
  }

  /// What a rule is about; a condition that is absent holds for every plan.
  public struct Match: Hashable, Sendable {
    /// This severity and above.
    public var severity: Severity?
    /// One of these types.
    public var types: [OpportunityType]?
    /// An agent whose id matches one of these.
    public var agents: [PathPattern]?
    /// One of these strategies.
    public var strategies: [Strategy.Name]?
    /// An applier whose id matches one of these.
    public var appliers: [PathPattern]?
    /// A changed path that matches one of these.
    public var paths: [PathPattern]?
    /// More changed lines than these.
    public var linesOver: Int?
    /// More changed files than these.
    public var filesOver: Int?

    /// Makes a match; without conditions it holds for every plan.
    public init(
      severity: Severity? = nil, types: [OpportunityType]? = nil, agents: [PathPattern]? = nil,
      strategies: [Strategy.Name]? = nil, appliers: [PathPattern]? = nil,
      paths: [PathPattern]? = nil, linesOver: Int? = nil, filesOver: Int? = nil
    ) {
      self.severity = severity
      self.types = types
      self.agents = agents
      self.strategies = strategies
      self.appliers = appliers
      self.paths = paths
      self.linesOver = linesOver
      self.filesOver = filesOver
    }

    /// Whether it looks at the change itself, which is known after the trial only.
    public var needsChange: Bool { paths != nil || linesOver != nil || filesOver != nil }
  }

  /// One rule.
  public struct Rule: Hashable, Sendable {
    /// Its name, for people.
    public var name: String
    /// What it is about.
    public var match: Match
    /// Approvals needed; 0 lets the plan through.
    public var approvalCount: Int
    /// By whom.
    public var approvers: Approvers
    /// When.
    public var stage: Stage
    /// How long a request waits.
    public var expiry: Duration

    /// Makes a rule.
    public init(
      name: String, match: Match, approvalCount: Int, approvers: Approvers = .anyone,
      stage: Stage = .beforePromotion, expiry: Duration = Policy.expiry
    ) {
      self.name = name
      self.match = match
      self.approvalCount = approvalCount
      self.approvers = approvers
      self.stage = stage
      self.expiry = expiry
    }
  }

  /// Most rules.
  public static let ruleCountMax = 200
  /// Most approvals one rule may ask for.
  public static let approvalCountMax = 16
  /// How long a request waits, unless its rule says otherwise: three days.
  public static let expiry = Duration.seconds(72 * 3600)

  /// Whether nobody may approve what the same uid asked for.
  public var fourEyes: Bool
  /// In the order they are tried; the first that matches decides.
  public var rules: [Rule]

  /// Makes a policy.
  public init(fourEyes: Bool = false, rules: [Rule]) {
    self.fourEyes = fourEyes
    self.rules = rules
  }

  /// The shipped policy, where the home has no `policy.json`: from HIGH on, one person agrees.
  public static let shipped = Policy(rules: [
    Rule(name: "high-and-above", match: Match(severity: .high), approvalCount: 1)
  ])
}

public import Model

/// Asks for a run.
public struct OptimizeRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "an optimization to make"
  /// How far it may go; auto where it is not said.
  public var strategy: Strategy.Name?
  /// Plan only, change nothing.
  public var isDryRun: Bool
  /// The window; 7 where it is not said.
  public var days: Int?

  /// Makes the value from its parts.
  public init(
    strategy: Strategy.Name? = nil, isDryRun: Bool = false, days: Int? = nil
  ) {
    self.strategy = strategy
    self.isDryRun = isDryRun
    self.days = days
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    strategy = reader.word("strategy", Strategy.Name.self)
    isDryRun = reader.optionalFlag("dry_run", default: false)
    days = reader.optionalCount("days", in: 1...365)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "strategy": JSONValue(strategy),
      "dry_run": JSONValue(isDryRun),
      "days": JSONValue(days),
    ]
  }
}

/// One opportunity and who acts on it.
public struct PlanItemInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a plan's item"
  /// The opportunity's id.
  public var opportunity: String
  /// What it is about.
  public var type: OpportunityType
  /// How much it matters.
  public var severity: Severity
  /// The opportunity in one line.
  public var title: String
  /// Who changes the clone for it.
  public var applier: String

  /// Makes the value from its parts.
  public init(
    opportunity: String, type: OpportunityType = .codeSmell, severity: Severity = .low,
    title: String, applier: String
  ) {
    self.opportunity = opportunity
    self.type = type
    self.severity = severity
    self.title = title
    self.applier = applier
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    opportunity = reader.text("opportunity")
    type = reader.word("type", OpportunityType.self, required: true) ?? .codeSmell
    severity = reader.word("severity", Severity.self, required: true) ?? .low
    title = reader.text("title")
    applier = reader.text("applier")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "opportunity": JSONValue(opportunity),
      "type": JSONValue(type),
      "severity": JSONValue(severity),
      "title": JSONValue(title),
      "applier": JSONValue(applier),
    ]
  }
}

/// One plan and how it ended.
public struct PlanInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a plan"
  /// Its id.
  public var id: String
  /// The limits it was made under.
  public var strategy: String
  /// Whether a person must agree.
  public var needsApproval: Bool
  /// How it ended; nil while it has not been tried.
  public var verdict: Verdict?
  /// Whether its files were ever live.
  public var wasLive: Bool
  /// Why it ended so, with the arithmetic.
  public var reason: String?
  /// What decided it, for programs, such as `base_tests_fail`.
  public var code: String?
  /// The request for approval, where there is one.
  public var approval: String?
  /// What it does, in order.
  public var items: [PlanItemInfo]
  /// The trial, where one was made.
  public var trial: TrialInfo?

  /// Makes the value from its parts.
  public init(
    id: String, strategy: String, needsApproval: Bool = false, verdict: Verdict? = nil,
    wasLive: Bool = false, reason: String? = nil, code: String? = nil,
    approval: String? = nil, items: [PlanItemInfo] = [], trial: TrialInfo? = nil
  ) {
    self.id = id
    self.strategy = strategy
    self.needsApproval = needsApproval
    self.verdict = verdict
    self.wasLive = wasLive
    self.reason = reason
    self.code = code
    self.approval = approval
    self.items = items
    self.trial = trial
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    strategy = reader.text("strategy")
    needsApproval = reader.optionalFlag("needs_approval", default: false)
    verdict = reader.word("verdict", Verdict.self)
    wasLive = reader.optionalFlag("was_live", default: false)
    reason = reader.string("reason")
    code = reader.string("code")
    approval = reader.string("approval")
    items = reader.items("items", PlanItemInfo.self)
    trial = reader.one("trial", TrialInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "strategy": JSONValue(strategy),
      "needs_approval": JSONValue(needsApproval),
      "verdict": JSONValue(verdict),
      "was_live": JSONValue(wasLive),
      "reason": JSONValue(reason),
      "code": JSONValue(code),
      "approval": JSONValue(approval),
      "items": JSONValue(items),
      "trial": JSONValue(trial),
    ]
  }
}

/// One optimization of one agent, from its start to its verdict.
public struct RunInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a run"
  /// Its id.
  public var id: String
  /// The agent.
  public var agent: String
  /// Whether it still goes on.
  public var state: RunState
  /// The strategy in force, once it is known.
  public var strategy: String?
  /// It plans only.
  public var isDryRun: Bool
  /// When it began.
  public var startedAt: Instant
  /// When it ended.
  public var finishedAt: Instant?
  /// What it has done, one line a step.
  public var progress: [String]
  /// That of the first plan executed.
  public var verdict: Verdict?
  /// Whether the files of that plan were ever live.
  public var wasLive: Bool
  /// Why it ended so.
  public var reason: String?
  /// What decided it, for programs, such as `base_tests_fail`.
  public var code: String?
  /// The health it started from.
  public var healthBefore: Double?
  /// The health where it ended, where there is any yet.
  public var healthAfter: Double?
  /// How many opportunities the analysis found.
  public var opportunities: Int?
  /// All plans.
  public var plans: [PlanInfo]
  /// The trial of the first plan executed.
  public var trial: TrialInfo?

  /// Makes the value from its parts.
  public init(
    id: String, agent: String, state: RunState = .running, strategy: String? = nil,
    isDryRun: Bool = false, startedAt: Instant, finishedAt: Instant? = nil, progress: [String] = [],
    verdict: Verdict? = nil, wasLive: Bool = false, reason: String? = nil, code: String? = nil,
    healthBefore: Double? = nil, healthAfter: Double? = nil, opportunities: Int? = nil,
    plans: [PlanInfo] = [], trial: TrialInfo? = nil
  ) {
    self.id = id
    self.agent = agent
    self.state = state
    self.strategy = strategy
    self.isDryRun = isDryRun
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.progress = progress
    self.verdict = verdict
    self.wasLive = wasLive
    self.reason = reason
    self.code = code
    self.healthBefore = healthBefore
    self.healthAfter = healthAfter
    self.opportunities = opportunities
    self.plans = plans
    self.trial = trial
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    agent = reader.text("agent")
    state = reader.word("state", RunState.self, required: true) ?? .running
    strategy = reader.string("strategy")
    isDryRun = reader.optionalFlag("dry_run", default: false)
    startedAt = reader.moment("started_at")
    finishedAt = reader.optionalMoment("finished_at")
    progress = reader.texts("progress")
    verdict = reader.word("verdict", Verdict.self)
    wasLive = reader.optionalFlag("was_live", default: false)
    reason = reader.string("reason")
    code = reader.string("code")
    healthBefore = reader.optionalReal("health_before")
    healthAfter = reader.optionalReal("health_after")
    opportunities = reader.optionalCount("opportunities")
    plans = reader.items("plans", PlanInfo.self)
    trial = reader.one("trial", TrialInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "agent": JSONValue(agent),
      "state": JSONValue(state),
      "strategy": JSONValue(strategy),
      "dry_run": JSONValue(isDryRun),
      "started_at": JSONValue(startedAt),
      "finished_at": JSONValue(finishedAt),
      "progress": JSONValue(progress),
      "verdict": JSONValue(verdict),
      "was_live": JSONValue(wasLive),
      "reason": JSONValue(reason),
      "code": JSONValue(code),
      "health_before": JSONValue(healthBefore),
      "health_after": JSONValue(healthAfter),
      "opportunities": JSONValue(opportunities),
      "plans": JSONValue(plans),
      "trial": JSONValue(trial),
    ]
  }
}

/// One plan that was tried, and how it ended.
public struct HistoryInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a past plan"
  /// The plan's id.
  public var id: String
  /// The run it belonged to.
  public var run: String?
  /// The trial's id.
  public var trial: String?
  /// The agent.
  public var agent: String
  /// The limits it was made under.
  public var strategy: String
  /// How it ended.
  public var verdict: Verdict?
  /// Whether its files were ever live.
  public var wasLive: Bool
  /// Why it ended so.
  public var reason: String?
  /// What decided it, for programs, such as `base_tests_fail`.
  public var code: String?
  /// The generation it started from.
  public var base: Int?
  /// The generation it made.
  public var generation: Int?
  /// When it began.
  public var startedAt: Instant
  /// When it ended.
  public var finishedAt: Instant?
  /// What it was about.
  public var titles: [String]
  /// Who changed the clone.
  public var appliers: [String]
  /// Who began its run: user, propose or auto.
  public var origin: String?
  /// The request for approval, where there is one.
  public var approval: String?
  /// Why it ended so, where that was asked for.
  public var explanation: ExplanationInfo?

  /// Makes the value from its parts.
  public init(
    id: String, run: String? = nil, trial: String? = nil, agent: String, strategy: String,
    verdict: Verdict? = nil, wasLive: Bool = false, reason: String? = nil, code: String? = nil,
    base: Int? = nil, generation: Int? = nil, startedAt: Instant, finishedAt: Instant? = nil,
    titles: [String] = [],
    appliers: [String] = [], origin: String? = nil, approval: String? = nil,
    explanation: ExplanationInfo? = nil
  ) {
    self.id = id
    self.run = run
    self.trial = trial
    self.agent = agent
    self.strategy = strategy
    self.verdict = verdict
    self.wasLive = wasLive
    self.reason = reason
    self.code = code
    self.base = base
    self.generation = generation
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.titles = titles
    self.appliers = appliers
    self.origin = origin
    self.approval = approval
    self.explanation = explanation
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    run = reader.string("run")
    trial = reader.string("trial")
    agent = reader.text("agent")
    strategy = reader.text("strategy")
    verdict = reader.word("verdict", Verdict.self)
    wasLive = reader.optionalFlag("was_live", default: false)
    reason = reader.string("reason")
    code = reader.string("code")
    base = reader.optionalCount("base")
    generation = reader.optionalCount("generation")
    startedAt = reader.moment("started_at")
    finishedAt = reader.optionalMoment("finished_at")
    titles = reader.texts("titles")
    appliers = reader.texts("appliers")
    origin = reader.string("origin")
    approval = reader.string("approval")
    explanation = reader.one("explanation", ExplanationInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "run": JSONValue(run),
      "trial": JSONValue(trial),
      "agent": JSONValue(agent),
      "strategy": JSONValue(strategy),
      "verdict": JSONValue(verdict),
      "was_live": JSONValue(wasLive),
      "reason": JSONValue(reason),
      "code": JSONValue(code),
      "base": JSONValue(base),
      "generation": JSONValue(generation),
      "started_at": JSONValue(startedAt),
      "finished_at": JSONValue(finishedAt),
      "titles": JSONValue(titles),
      "appliers": JSONValue(appliers),
      "origin": JSONValue(origin),
      "approval": JSONValue(approval),
      "explanation": JSONValue(explanation),
    ]
  }
}

public import Model

/// What one person decided.
public struct DecisionInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a decision"
  /// Who, by Unix user id.
  public var uid: Int
  /// The user's name, where it has one.
  public var name: String?
  /// For or against.
  public var approved: Bool
  /// Why.
  public var reason: String?
  /// When.
  public var time: Instant

  /// Makes the value from its parts.
  public init(
    uid: Int, name: String? = nil, approved: Bool, reason: String? = nil, time: Instant
  ) {
    self.uid = uid
    self.name = name
    self.approved = approved
    self.reason = reason
    self.time = time
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    uid = reader.count("uid")
    name = reader.string("name")
    approved = reader.flag("approved")
    reason = reader.string("reason")
    time = reader.moment("time")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "uid": JSONValue(uid),
      "name": JSONValue(name),
      "approved": JSONValue(approved),
      "reason": JSONValue(reason),
      "time": JSONValue(time),
    ]
  }
}

/// A request for approval, and what became of it.
public struct ApprovalInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "an approval"
  /// Its id.
  public var id: String
  /// The agent.
  public var agent: String
  /// The plan.
  public var plan: String
  /// The run that waits for it.
  public var run: String?
  /// When it is needed: before_trial or before_promotion.
  public var stage: String
  /// pending, approved, rejected, expired or used.
  public var state: String
  /// The highest in the plan.
  public var severity: Severity
  /// In one line, what would be done.
  public var title: String
  /// The policy rule that asks for it.
  public var rule: String?
  /// Approvals needed.
  public var needed: Int
  /// Decisions so far.
  public var decisions: [DecisionInfo]
  /// The digest of exactly what is approved.
  public var digest: String
  /// The user id that asked for the run.
  public var requestedBy: Int?
  /// When it was asked for.
  public var createdAt: Instant
  /// When it expires.
  public var expiresAt: Instant
  /// What the plan does.
  public var items: [PlanItemInfo]
  /// The evidence; only in the answer for one request.
  public var trial: TrialInfo?

  /// Makes the value from its parts.
  public init(
    id: String, agent: String, plan: String, run: String? = nil, stage: String, state: String,
    severity: Severity = .low, title: String, rule: String? = nil, needed: Int = 1,
    decisions: [DecisionInfo] = [], digest: String, requestedBy: Int? = nil, createdAt: Instant,
    expiresAt: Instant, items: [PlanItemInfo] = [], trial: TrialInfo? = nil
  ) {
    self.id = id
    self.agent = agent
    self.plan = plan
    self.run = run
    self.stage = stage
    self.state = state
    self.severity = severity
    self.title = title
    self.rule = rule
    self.needed = needed
    self.decisions = decisions
    self.digest = digest
    self.requestedBy = requestedBy
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.items = items
    self.trial = trial
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    agent = reader.text("agent")
    plan = reader.text("plan")
    run = reader.string("run")
    stage = reader.text("stage")
    state = reader.text("state")
    severity = reader.word("severity", Severity.self, required: true) ?? .low
    title = reader.text("title")
    rule = reader.string("rule")
    needed = reader.count("needed")
    decisions = reader.items("decisions", DecisionInfo.self)
    digest = reader.text("digest")
    requestedBy = reader.optionalCount("requested_by")
    createdAt = reader.moment("created_at")
    expiresAt = reader.moment("expires_at")
    items = reader.items("items", PlanItemInfo.self)
    trial = reader.one("trial", TrialInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "agent": JSONValue(agent),
      "plan": JSONValue(plan),
      "run": JSONValue(run),
      "stage": JSONValue(stage),
      "state": JSONValue(state),
      "severity": JSONValue(severity),
      "title": JSONValue(title),
      "rule": JSONValue(rule),
      "needed": JSONValue(needed),
      "decisions": JSONValue(decisions),
      "digest": JSONValue(digest),
      "requested_by": JSONValue(requestedBy),
      "created_at": JSONValue(createdAt),
      "expires_at": JSONValue(expiresAt),
      "items": JSONValue(items),
      "trial": JSONValue(trial),
    ]
  }
}

/// Approves a request.
public struct ApproveRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "an approval to give"
  /// What the person saw; refused where it is no longer that.
  public var digest: String?

  /// Makes the value from its parts.
  public init(
    digest: String? = nil
  ) {
    self.digest = digest
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    digest = reader.string("digest")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "digest": JSONValue(digest)
    ]
  }
}

/// Rejects a request.
public struct RejectRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "a rejection to give"
  /// Why.
  public var reason: String?

  /// Makes the value from its parts.
  public init(
    reason: String? = nil
  ) {
    self.reason = reason
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    reason = reader.reason()
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "reason": JSONValue(reason)
    ]
  }
}

/// The decision was taken.
public struct DecisionAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a decision's answer"
  /// The request as it stands now.
  public var approval: ApprovalInfo
  /// The run that goes on because of it, to wait for.
  public var run: String?

  /// Makes the value from its parts.
  public init(
    approval: ApprovalInfo, run: String? = nil
  ) {
    self.approval = approval
    self.run = run
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    approval = reader.required("approval", ApprovalInfo.self)
    run = reader.string("run")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "approval": JSONValue(approval),
      "run": JSONValue(run),
    ]
  }
}

public import Model

/// Asks for a time in which nothing new goes live.
public struct FreezeRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "a freeze to make"
  /// The longest, in seconds: a year.
  public static let secondsMax: Int64 = 365 * 86_400
  /// How long, in seconds.
  public var seconds: Int
  /// Why, for people.
  public var reason: String?

  /// Makes the value from its parts.
  public init(seconds: Int, reason: String? = nil) {
    self.seconds = seconds
    self.reason = reason
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    seconds = reader.count("for_s", in: 1...Self.secondsMax)
    reason = reader.reason()
  }

  /// The value as JSON.
  public var json: JSONValue {
    ["for_s": .integer(Int64(seconds)), "reason": JSONValue(reason)]
  }
}

/// A time in which nothing new goes live.
public struct FreezeInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a freeze"
  /// The agent; nil is all of them.
  public var agent: String?
  /// When it ends by itself.
  public var until: Instant
  /// When it began.
  public var since: Instant
  /// Who asked for it.
  public var uid: Int
  /// Why.
  public var reason: String?

  /// Makes the value from its parts.
  public init(
    agent: String? = nil, until: Instant, since: Instant, uid: Int, reason: String? = nil
  ) {
    self.agent = agent
    self.until = until
    self.since = since
    self.uid = uid
    self.reason = reason
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.string("agent")
    until = reader.moment("until")
    since = reader.moment("since")
    uid = reader.count("uid")
    reason = reader.string("reason")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "until": JSONValue(until),
      "since": JSONValue(since),
      "uid": JSONValue(uid),
      "reason": JSONValue(reason),
    ]
  }
}

/// Asks that a trial or a run end.
public struct CancelRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "a cancellation"
  /// Why, for people.
  public var reason: String?

  /// Makes the value from its parts.
  public init(reason: String? = nil) { self.reason = reason }

  /// Reads the members.
  public init(reading reader: inout FieldReader) { reason = reader.reason() }

  /// The value as JSON.
  public var json: JSONValue { ["reason": JSONValue(reason)] }
}

/// What became of a cancellation.
public struct CancelAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a cancellation's answer"
  /// The trial, where there was one yet.
  public var trial: String?
  /// The run, where one was under way.
  public var run: String?
  /// The agent.
  public var agent: String
  /// How it ended; nil while it still ends.
  public var verdict: Verdict?
  /// Whether its files were ever live.
  public var wasLive: Bool
  /// Why it ended so.
  public var reason: String?

  /// Makes the value from its parts.
  public init(
    trial: String? = nil, run: String? = nil, agent: String, verdict: Verdict? = nil,
    wasLive: Bool = false, reason: String? = nil
  ) {
    self.trial = trial
    self.run = run
    self.agent = agent
    self.verdict = verdict
    self.wasLive = wasLive
    self.reason = reason
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    trial = reader.string("trial")
    run = reader.string("run")
    agent = reader.text("agent")
    verdict = reader.word("verdict", Verdict.self)
    wasLive = reader.optionalFlag("was_live", default: false)
    reason = reader.string("reason")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "trial": JSONValue(trial),
      "run": JSONValue(run),
      "agent": JSONValue(agent),
      "verdict": JSONValue(verdict),
      "was_live": JSONValue(wasLive),
      "reason": JSONValue(reason),
    ]
  }
}

/// Sets how far the loop goes alone with an agent.
public struct AutopilotRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "an autopilot to set"
  /// How far.
  public var autopilot: Autopilot

  /// Makes the value from its parts.
  public init(autopilot: Autopilot) { self.autopilot = autopilot }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    autopilot = reader.word("autopilot", Autopilot.self, required: true) ?? .off
  }

  /// The value as JSON.
  public var json: JSONValue { ["autopilot": JSONValue(autopilot)] }
}

/// What goes on with one agent: the optimization's status.
public struct AgentStatusAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "an agent's status"
  /// The agent.
  public var agent: String
  /// How far the loop goes alone: off, observe, propose or auto.
  public var autopilot: String
  /// The freeze it is under.
  public var frozen: FreezeInfo?
  /// Its health over the last 7 days, 0 to 100.
  public var health: Double?
  /// The health stands on too few operations.
  public var isProvisional: Bool
  /// Open opportunities.
  public var opportunities: Int
  /// Trials so far.
  public var trials: Int
  /// The run under way.
  public var run: RunInfo?
  /// Requests that wait for a person.
  public var approvals: [String]
  /// The last run that ended.
  public var lastRun: LastRunInfo?
  /// When the loop looked at it last.
  public var lookedAt: Instant?
  /// What the loop had to say of it.
  public var loop: String?

  /// Makes the value from its parts.
  public init(
    agent: String, autopilot: String, frozen: FreezeInfo? = nil, health: Double? = nil,
    isProvisional: Bool = false, opportunities: Int, trials: Int, run: RunInfo? = nil,
    approvals: [String] = [], lastRun: LastRunInfo? = nil, lookedAt: Instant? = nil,
    loop: String? = nil
  ) {
    self.agent = agent
    self.autopilot = autopilot
    self.frozen = frozen
    self.health = health
    self.isProvisional = isProvisional
    self.opportunities = opportunities
    self.trials = trials
    self.run = run
    self.approvals = approvals
    self.lastRun = lastRun
    self.lookedAt = lookedAt
    self.loop = loop
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent")
    autopilot = reader.text("autopilot")
    frozen = reader.one("frozen", FreezeInfo.self)
    health = reader.optionalReal("health")
    isProvisional = reader.optionalFlag("provisional", default: false)
    opportunities = reader.count("opportunities")
    trials = reader.count("trials")
    run = reader.one("run", RunInfo.self)
    approvals = reader.texts("approvals")
    lastRun = reader.one("last_run", LastRunInfo.self)
    lookedAt = reader.optionalMoment("looked_at")
    loop = reader.string("loop")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "autopilot": JSONValue(autopilot),
      "frozen": JSONValue(frozen),
      "health": JSONValue(health),
      "provisional": JSONValue(isProvisional),
      "opportunities": .integer(Int64(opportunities)),
      "trials": .integer(Int64(trials)),
      "run": JSONValue(run),
      "approvals": JSONValue(approvals),
      "last_run": JSONValue(lastRun),
      "looked_at": JSONValue(lookedAt),
      "loop": JSONValue(loop),
    ]
  }
}

/// A run that is over.
public struct LastRunInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a past run"
  /// Its id.
  public var id: String
  /// Who began it: user, propose or auto.
  public var origin: String
  /// How it ended.
  public var verdict: Verdict?
  /// Why.
  public var reason: String?
  /// When.
  public var finishedAt: Instant

  /// Makes the value from its parts.
  public init(
    id: String, origin: String, verdict: Verdict? = nil, reason: String? = nil,
    finishedAt: Instant
  ) {
    self.id = id
    self.origin = origin
    self.verdict = verdict
    self.reason = reason
    self.finishedAt = finishedAt
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    origin = reader.text("origin")
    verdict = reader.word("verdict", Verdict.self)
    reason = reader.string("reason")
    finishedAt = reader.moment("finished_at")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "origin": JSONValue(origin),
      "verdict": JSONValue(verdict),
      "reason": JSONValue(reason),
      "finished_at": JSONValue(finishedAt),
    ]
  }
}

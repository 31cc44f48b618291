public import Model

/// One decision or switch, chained to the one before.
public struct AuditInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "an audit entry"
  /// Its number.
  public var sequence: Int
  /// When.
  public var time: Instant
  /// Who: uid:1000, policy or daemon.
  public var actor: String
  /// What.
  public var action: String
  /// The agent concerned.
  public var agent: String?
  /// The plan, approval or generation concerned.
  public var subject: String?
  /// All else.
  public var details: JSONValue
  /// The hash over this entry and the hash before it.
  public var hash: String

  /// Makes the value from its parts.
  public init(
    sequence: Int, time: Instant, actor: String, action: String, agent: String? = nil,
    subject: String? = nil, details: JSONValue = .null, hash: String
  ) {
    self.sequence = sequence
    self.time = time
    self.actor = actor
    self.action = action
    self.agent = agent
    self.subject = subject
    self.details = details
    self.hash = hash
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    sequence = reader.count("sequence")
    time = reader.moment("time")
    actor = reader.text("actor")
    action = reader.text("action")
    agent = reader.string("agent")
    subject = reader.string("subject")
    details = reader.value("details") ?? .null
    hash = reader.text("hash")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "sequence": JSONValue(sequence),
      "time": JSONValue(time),
      "actor": JSONValue(actor),
      "action": JSONValue(action),
      "agent": JSONValue(agent),
      "subject": JSONValue(subject),
      "details": details,
      "hash": JSONValue(hash),
    ]
  }
}

/// What the check of the audit's hash chain found.
public struct AuditVerifyAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "an audit check"
  /// Whether every entry follows from the one before.
  public var isIntact: Bool
  /// Entries checked.
  public var entries: Int
  /// The last hash.
  public var head: String?
  /// The first entry that does not follow.
  public var brokenAt: Int?
  /// In one line.
  public var message: String

  /// Makes the value from its parts.
  public init(
    isIntact: Bool, entries: Int, head: String? = nil, brokenAt: Int? = nil, message: String
  ) {
    self.isIntact = isIntact
    self.entries = entries
    self.head = head
    self.brokenAt = brokenAt
    self.message = message
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    isIntact = reader.flag("intact")
    entries = reader.count("entries")
    head = reader.string("head")
    brokenAt = reader.optionalCount("broken_at")
    message = reader.text("message")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "intact": JSONValue(isIntact),
      "entries": JSONValue(entries),
      "head": JSONValue(head),
      "broken_at": JSONValue(brokenAt),
      "message": JSONValue(message),
    ]
  }
}

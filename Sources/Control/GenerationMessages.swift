public import Model

/// One immutable version of an agent's files.
public struct GenerationInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a generation"
  /// Its number.
  public var number: Int
  /// Whether it is live.
  public var isLive: Bool
  /// Whether it is kept from collection.
  public var isPinned: Bool
  /// committed, trial, superseded, rolled_back or collected.
  public var state: String
  /// The digest of all its files.
  public var digest: String?
  /// The one it was made from.
  public var parent: Int?
  /// Where it came from: attach, a trial's id, edits or rollback.
  public var origin: String
  /// When it was made.
  public var createdAt: Instant
  /// Files in it.
  public var files: Int?
  /// Their bytes.
  public var bytes: Int?
  /// Why it was made, in one line.
  public var reason: String?

  /// Makes the value from its parts.
  public init(
    number: Int, isLive: Bool = false, isPinned: Bool = false, state: String, digest: String? = nil,
    parent: Int? = nil, origin: String, createdAt: Instant, files: Int? = nil, bytes: Int? = nil,
    reason: String? = nil
  ) {
    self.number = number
    self.isLive = isLive
    self.isPinned = isPinned
    self.state = state
    self.digest = digest
    self.parent = parent
    self.origin = origin
    self.createdAt = createdAt
    self.files = files
    self.bytes = bytes
    self.reason = reason
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    number = reader.count("number")
    isLive = reader.optionalFlag("live", default: false)
    isPinned = reader.optionalFlag("pinned", default: false)
    state = reader.text("state")
    digest = reader.string("digest")
    parent = reader.optionalCount("parent")
    origin = reader.text("origin")
    createdAt = reader.moment("created_at")
    files = reader.optionalCount("files")
    bytes = reader.optionalCount("bytes")
    reason = reader.string("reason")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "number": JSONValue(number),
      "live": JSONValue(isLive),
      "pinned": JSONValue(isPinned),
      "state": JSONValue(state),
      "digest": JSONValue(digest),
      "parent": JSONValue(parent),
      "origin": JSONValue(origin),
      "created_at": JSONValue(createdAt),
      "files": JSONValue(files),
      "bytes": JSONValue(bytes),
      "reason": JSONValue(reason),
    ]
  }
}

/// What differs between two generations.
public struct DiffAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a difference"
  /// The agent.
  public var agent: String
  /// The older one.
  public var a: Int
  /// The newer one.
  public var b: Int
  /// The files that differ.
  public var changed: [FileChangeInfo]
  /// As a unified diff, cut at a limit.
  public var diff: String
  /// Whether the limit cut the diff.
  public var isCut: Bool

  /// Makes the value from its parts.
  public init(
    agent: String, a: Int, b: Int, changed: [FileChangeInfo] = [], diff: String, isCut: Bool = false
  ) {
    self.agent = agent
    self.a = a
    self.b = b
    self.changed = changed
    self.diff = diff
    self.isCut = isCut
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent")
    a = reader.count("a")
    b = reader.count("b")
    changed = reader.items("changed", FileChangeInfo.self)
    diff = reader.text("diff")
    isCut = reader.optionalFlag("cut", default: false)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "a": JSONValue(a),
      "b": JSONValue(b),
      "changed": JSONValue(changed),
      "diff": JSONValue(diff),
      "cut": JSONValue(isCut),
    ]
  }
}

/// Asks to put an earlier generation live.
public struct RollbackRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "a rollback to make"
  /// Which; by default the one before the live one.
  public var to: Int?

  /// Makes the value from its parts.
  public init(
    to: Int? = nil
  ) {
    self.to = to
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    to = reader.optionalCount("to", in: 1...Int64(Int32.max))
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "to": JSONValue(to)
    ]
  }
}

/// An earlier generation is live again.
public struct RollbackAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a rollback"
  /// The agent.
  public var agent: String
  /// What was live.
  public var from: Int
  /// What is live now.
  public var to: Int
  /// The generation that keeps edits found on the live files.
  public var storedEdits: Int?
  /// In one line.
  public var message: String

  /// Makes the value from its parts.
  public init(
    agent: String, from: Int, to: Int, storedEdits: Int? = nil, message: String
  ) {
    self.agent = agent
    self.from = from
    self.to = to
    self.storedEdits = storedEdits
    self.message = message
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent")
    from = reader.count("from")
    to = reader.count("to")
    storedEdits = reader.optionalCount("stored_edits")
    message = reader.text("message")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "from": JSONValue(from),
      "to": JSONValue(to),
      "stored_edits": JSONValue(storedEdits),
      "message": JSONValue(message),
    ]
  }
}

/// The Guardian's view of the live files.
public struct QualityAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a quality answer"
  /// The agent; nil where a path was scored.
  public var agent: String?
  /// The path that was scored without a daemon; nil for an agent.
  public var path: String?
  /// The generation scored.
  public var generation: Int?
  /// The weighted score in [0, 1].
  public var overall: Double?
  /// By dimension.
  public var scores: [ScoreInfo]
  /// What was found.
  public var findings: [FindingInfo]
  /// What scorers said or failed at.
  public var notes: [ComponentNote]

  /// Makes the value from its parts.
  public init(
    agent: String? = nil, path: String? = nil, generation: Int? = nil, overall: Double? = nil,
    scores: [ScoreInfo] = [],
    findings: [FindingInfo] = [], notes: [ComponentNote] = []
  ) {
    self.agent = agent
    self.path = path
    self.generation = generation
    self.overall = overall
    self.scores = scores
    self.findings = findings
    self.notes = notes
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.string("agent")
    path = reader.string("path")
    generation = reader.optionalCount("generation")
    overall = reader.optionalReal("overall")
    scores = reader.items("scores", ScoreInfo.self)
    findings = reader.items("findings", FindingInfo.self)
    notes = reader.items("notes", ComponentNote.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent": JSONValue(agent),
      "path": JSONValue(path),
      "generation": JSONValue(generation),
      "overall": JSONValue(overall),
      "scores": JSONValue(scores),
      "findings": JSONValue(findings),
      "notes": JSONValue(notes),
    ]
  }
}

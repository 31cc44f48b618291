public import Model

/// How a call is to be run again.
public struct ReplayRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "a replay"
  /// Whether to run the version there is now instead of the one that was called.
  public var isCurrent: Bool

  /// Makes the value from its parts.
  public init(isCurrent: Bool = false) { self.isCurrent = isCurrent }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    isCurrent = reader.optionalFlag("current", default: false)
  }

  /// The value as JSON.
  public var json: JSONValue { ["current": JSONValue(isCurrent)] }
}

/// One thing that was another when a call was run again.
public struct ReplayDifference: ControlValue {
  /// What it is, for messages.
  public static let noun = "a difference"
  /// What: `end`, `answers`, or the sort of answer whose number it is.
  public var what: String
  /// What the record says.
  public var recorded: String
  /// What came now.
  public var replayed: String

  /// Makes the value from its parts.
  public init(what: String, recorded: String, replayed: String) {
    self.what = what
    self.recorded = recorded
    self.replayed = replayed
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    what = reader.text("what")
    recorded = reader.text("recorded")
    replayed = reader.text("replayed")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "what": JSONValue(what), "recorded": JSONValue(recorded), "replayed": JSONValue(replayed),
    ]
  }
}

/// What came of running a call again.
public struct ReplayAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a replayed call"
  /// The call's number.
  public var call: Int
  /// The component.
  public var component: String
  /// The version that ran now.
  public var version: String
  /// The digest of the copy that ran now.
  public var digest: String?
  /// Whether it came to the same.
  public var isSame: Bool
  /// What was another than before.
  public var differences: [ReplayDifference]
  /// good or failed.
  public var end: String
  /// Why it failed now: the code.
  public var code: String?
  /// Why it failed now, for people.
  public var message: String?
  /// What it answered now, a line each, of each sort the first.
  public var answers: [String]
  /// What it noted.
  public var notes: [String]
  /// What it logged, the level first.
  public var logs: [String]
  /// How long it took, its worker's start included.
  public var milliseconds: Double
  /// What was not as it had been, and is none of the component's doing.
  public var warnings: [String]

  /// Makes the value from its parts.
  public init(
    call: Int, component: String, version: String, digest: String? = nil, isSame: Bool,
    differences: [ReplayDifference] = [], end: String, code: String? = nil, message: String? = nil,
    answers: [String] = [], notes: [String] = [], logs: [String] = [], milliseconds: Double,
    warnings: [String] = []
  ) {
    self.call = call
    self.component = component
    self.version = version
    self.digest = digest
    self.isSame = isSame
    self.differences = differences
    self.end = end
    self.code = code
    self.message = message
    self.answers = answers
    self.notes = notes
    self.logs = logs
    self.milliseconds = milliseconds
    self.warnings = warnings
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    call = reader.count("call")
    component = reader.text("component")
    version = reader.text("version")
    digest = reader.string("digest")
    isSame = reader.flag("same")
    differences = reader.items("differences", ReplayDifference.self)
    end = reader.text("end")
    code = reader.string("code")
    message = reader.string("message")
    answers = reader.texts("answers")
    notes = reader.texts("notes")
    logs = reader.texts("logs")
    milliseconds = reader.real("ms")
    warnings = reader.texts("warnings")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "call": JSONValue(call),
      "component": JSONValue(component),
      "version": JSONValue(version),
      "digest": JSONValue(digest),
      "same": JSONValue(isSame),
      "differences": JSONValue(differences),
      "end": JSONValue(end),
      "code": JSONValue(code),
      "message": JSONValue(message),
      "answers": JSONValue(answers),
      "notes": JSONValue(notes),
      "logs": JSONValue(logs),
      "ms": JSONValue(milliseconds),
      "warnings": JSONValue(warnings),
    ]
  }
}

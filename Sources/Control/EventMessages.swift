public import Model

/// Something that happened in the daemon.
public struct EventInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "an event"
  /// Its number.
  public var sequence: Int
  /// When.
  public var time: Instant
  /// What: a dotted name.
  public var kind: String
  /// The agent concerned.
  public var agent: String?
  /// In one line.
  public var message: String
  /// All else.
  public var details: JSONValue

  /// Makes the value from its parts.
  public init(
    sequence: Int, time: Instant, kind: String, agent: String? = nil, message: String,
    details: JSONValue = .null
  ) {
    self.sequence = sequence
    self.time = time
    self.kind = kind
    self.agent = agent
    self.message = message
    self.details = details
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    sequence = reader.count("sequence")
    time = reader.moment("time")
    kind = reader.text("kind")
    agent = reader.string("agent")
    message = reader.text("message")
    details = reader.value("details") ?? .null
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "sequence": JSONValue(sequence),
      "time": JSONValue(time),
      "kind": JSONValue(kind),
      "agent": JSONValue(agent),
      "message": JSONValue(message),
      "details": details,
    ]
  }
}

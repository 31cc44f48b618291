public import Model

/// Says that an agent has begun a unit of work.
public struct OperationStart: ControlRequest {
  /// What it is, for messages.
  public static let noun = "an operation start"
  /// The agent.
  public var agent: String
  /// The operation's own id.
  public var operation: String
  /// The generation that does the work, where the caller knows it.
  public var generation: Int?
  /// When it began; now, where it is not said.
  public var time: Instant?

  /// Makes the value from its parts.
  public init(
    agent: String, operation: String, generation: Int? = nil, time: Instant? = nil
  ) {
    self.agent = agent
    self.operation = operation
    self.generation = generation
    self.time = time
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.identifier("agent_id")
    operation = reader.identifier("operation_id")
    generation = reader.optionalCount("generation", in: 1...Int64(Int32.max))
    time = reader.optionalMoment("time")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent_id": JSONValue(agent),
      "operation_id": JSONValue(operation),
      "generation": JSONValue(generation),
      "time": JSONValue(time),
    ]
  }
}

/// The start was noted.
public struct OperationStarted: ControlValue {
  /// What it is, for messages.
  public static let noun = "an operation answer"
  /// The agent.
  public var agent: String
  /// The operation's own id.
  public var operation: String
  /// The generation that is live; nil for an observed agent.
  public var generation: Int?

  /// Makes the value from its parts.
  public init(
    agent: String, operation: String, generation: Int? = nil
  ) {
    self.agent = agent
    self.operation = operation
    self.generation = generation
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    agent = reader.text("agent_id")
    operation = reader.text("operation_id")
    generation = reader.optionalCount("generation")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "agent_id": JSONValue(agent),
      "operation_id": JSONValue(operation),
      "generation": JSONValue(generation),
    ]
  }
}

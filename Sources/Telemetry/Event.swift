public import Model

/// Something that happened in the daemon, for whoever watches.
public struct Event: Hashable, Sendable {
  /// Its place in the order of events, from 1 at the start of the daemon.
  public var sequence: Int64
  /// When it happened.
  public var time: Instant
  /// What happened, such as `trial.kept`.
  public var kind: String
  /// The agent concerned, if any.
  public var agent: AgentID?
  /// One line for people.
  public var message: String
  /// The rest, for programs.
  public var fields: [String: JSONValue]

  /// Makes an event.
  public init(
    sequence: Int64, time: Instant, kind: String, agent: AgentID?, message: String,
    fields: [String: JSONValue]
  ) {
    self.sequence = sequence
    self.time = time
    self.kind = kind
    self.agent = agent
    self.message = message
    self.fields = fields
  }

  /// The event as the API shows it.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "sequence": .integer(sequence), "time": .string(time.description), "kind": .string(kind),
      "message": .string(message),
    ]
    if let agent { members["agent"] = .string(agent.text) }
    if !fields.isEmpty { members["fields"] = .object(fields) }
    return .object(members)
  }
}

/// Events in order, and how many were gone before they could be read.
public struct EventBatch: Hashable, Sendable {
  /// The events, oldest first.
  public var events: [Event]
  /// Events between the one asked after and the first of these that the ring no longer has.
  public var missedCount: Int64
  /// The bus is closed: no more will come.
  public var isClosed: Bool

  /// Where to read on: the last event's sequence, or the one asked after where there is none.
  public func next(after sequence: Int64) -> Int64 { events.last?.sequence ?? sequence }
}

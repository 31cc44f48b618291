public import Model

/// One record that was not stored.
public struct RejectedRecord: ControlValue {
  /// What it is, for messages.
  public static let noun = "a rejected record"
  /// Where it stood in the request, from 1.
  public var line: Int
  /// What is wrong with it.
  public var error: String

  /// Makes the value from its parts.
  public init(
    line: Int, error: String
  ) {
    self.line = line
    self.error = error
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    line = reader.count("line")
    error = reader.text("error")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "line": JSONValue(line),
      "error": JSONValue(error),
    ]
  }
}

/// What became of the records of one request; stored means durable.
public struct FeedbackAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a feedback answer"
  /// Records stored.
  public var stored: Int
  /// Records whose id had been stored before.
  public var duplicate: Int
  /// Records that wait in the spool, durably: their database is broken, and they are stored when it
  /// is restored; nil where none do.
  public var spooled: Int?
  /// The first of those refused.
  public var rejected: [RejectedRecord]
  /// All those refused.
  public var rejectedCount: Int

  /// Makes the value from its parts.
  public init(
    stored: Int, duplicate: Int, spooled: Int? = nil, rejected: [RejectedRecord] = [],
    rejectedCount: Int = 0
  ) {
    self.stored = stored
    self.duplicate = duplicate
    self.spooled = spooled
    self.rejected = rejected
    self.rejectedCount = rejectedCount
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    stored = reader.count("stored")
    duplicate = reader.count("duplicate")
    spooled = reader.optionalCount("spooled")
    rejected = reader.items("rejected", RejectedRecord.self)
    rejectedCount = reader.count("rejected_count")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "stored": JSONValue(stored),
      "duplicate": JSONValue(duplicate),
      "spooled": JSONValue(spooled),
      "rejected": JSONValue(rejected),
      "rejected_count": JSONValue(rejectedCount),
    ]
  }
}

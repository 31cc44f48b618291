public import Model

/// The form of one feedback record, for the description of the interface.
///
/// Records come by the hundred thousand and are read by a decoder of their own, in the room that
/// stores them; schemathesis holds the two to each other, with records made up from this form and sent
/// to a real daemon (Tests/CheckAPI). Members that stand in neither are kept.
public struct FeedbackRecordForm: ControlValue {
  /// What it is, for messages.
  public static let noun = "a feedback record"

  /// Bytes of `error_type`, `model`, `domain` and `session_id`.
  private static let words = 1...256
  /// Bytes of `comment`.
  private static let comment = 1...65_536

  /// Reads the members, each by the rule of the decoder.
  public init(reading reader: inout FieldReader) {
    _ = reader.identifier("agent_id")
    _ = reader.identifier("operation_id")
    _ = reader.word("type", FeedbackType.self, required: true)
    _ = reader.word("source", FeedbackSource.self)
    _ = reader.string("id", form: .identifier)
    _ = reader.number("score", in: 0...1)
    _ = reader.number("rating", in: 1...5)
    _ = reader.string("error_type", form: .bounded(Self.words))
    _ = reader.number("duration_ms", in: 0...31_536_000_000)
    _ = reader.number("memory_mb", in: 0...1e9)
    _ = reader.number("cpu_percent", in: 0...1e6)
    _ = reader.integer("generation", in: 1...Int64(Int32.max))
    _ = reader.object("details")
    _ = reader.integer("tokens_in", in: 0...1_000_000_000_000)
    _ = reader.integer("tokens_out", in: 0...1_000_000_000_000)
    _ = reader.number("cost_usd", in: 0...1e9)
    _ = reader.string("comment", form: .bounded(Self.comment))
    for key in ["model", "domain", "session_id"] {
      _ = reader.string(key, form: .bounded(Self.words))
    }
    _ = reader.object("dimensions")
    _ = reader.timestamp("time")
  }

  /// Nothing: nobody sends a form.
  public var json: JSONValue { [:] }
}

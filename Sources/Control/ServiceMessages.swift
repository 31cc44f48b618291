public import Model

/// The process is there.
public struct LifeAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a sign of life"
  /// Always `ok`.
  public var status: String

  /// Makes the value from its parts.
  public init(status: String) { self.status = status }

  /// Reads the members.
  public init(reading reader: inout FieldReader) { status = reader.text("status") }

  /// The value as JSON.
  public var json: JSONValue { ["status": JSONValue(status)] }
}

/// A body that may be there, and says nothing.
public struct EmptyRequest: ControlRequest {
  /// What it is, for messages.
  public static let noun = "an empty request"

  /// Makes the value.
  public init() {}

  /// Reads no member.
  public init(reading reader: inout FieldReader) {}

  /// The value as JSON.
  public var json: JSONValue { [:] }
}

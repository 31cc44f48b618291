public import Model

/// One setting with its value and origin.
public struct SettingInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a setting"
  /// Its dotted name.
  public var key: String
  /// Its value.
  public var value: JSONValue
  /// default, file, environment or flag.
  public var origin: String
  /// The file, variable or flag that set it.
  public var source: String?
  /// What it is for.
  public var help: String?

  /// Makes the value from its parts.
  public init(
    key: String, value: JSONValue = .null, origin: String, source: String? = nil,
    help: String? = nil
  ) {
    self.key = key
    self.value = value
    self.origin = origin
    self.source = source
    self.help = help
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    key = reader.text("key")
    value = reader.value("value") ?? .null
    origin = reader.text("origin")
    source = reader.string("source")
    help = reader.string("help")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "key": JSONValue(key),
      "value": value,
      "origin": JSONValue(origin),
      "source": JSONValue(source),
      "help": JSONValue(help),
    ]
  }
}

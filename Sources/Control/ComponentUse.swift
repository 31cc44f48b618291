public import Model

/// What the calls of one component came to since the daemon started.
public struct ComponentUse: ControlValue {
  /// What it is, for messages.
  public static let noun = "a component's use"
  /// Its id.
  public var id: String
  /// Its version.
  public var version: String
  /// ready, disabled, unavailable or broken.
  public var state: String
  /// Calls so far.
  public var calls: Int
  /// Calls that failed.
  public var failures: Int
  /// Mean duration of a call; nil before the first.
  public var meanMilliseconds: Double?
  /// What 95 of 100 of the latest calls stayed within; nil before the first.
  public var p95Milliseconds: Double?
  /// Why the last failure failed.
  public var lastError: String?

  /// Takes the figures of a component.
  public init(_ info: ComponentInfo) {
    id = info.id
    version = info.version
    state = info.state
    calls = info.calls
    failures = info.failures
    meanMilliseconds = info.meanMilliseconds
    p95Milliseconds = info.p95Milliseconds
    lastError = info.lastError
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    version = reader.text("version")
    state = reader.text("state")
    calls = reader.count("calls")
    failures = reader.count("failures")
    meanMilliseconds = reader.optionalReal("mean_ms")
    p95Milliseconds = reader.optionalReal("p95_ms")
    lastError = reader.string("last_error")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "version": JSONValue(version),
      "state": JSONValue(state),
      "calls": JSONValue(calls),
      "failures": JSONValue(failures),
      "mean_ms": JSONValue(meanMilliseconds),
      "p95_ms": JSONValue(p95Milliseconds),
      "last_error": JSONValue(lastError),
    ]
  }
}

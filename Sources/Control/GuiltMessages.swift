public import Model

/// What of a component is skipped, because it was found guilty of its deaths.
public struct GuiltInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a finding of guilt"
  /// input, version or pair.
  public var culprit: String
  /// The versions that died; the first is the one that is registered.
  public var versions: [String]
  /// The fingerprint of the input it was found on.
  public var input: String
  /// The agent that this input is about.
  public var agent: String
  /// The version that is called instead; nil where none is.
  public var instead: String?
  /// Since when.
  public var since: Instant
  /// What is skipped, on which evidence, and until when.
  public var finding: String
  /// The command that lifts it.
  public var liftedBy: String

  /// Makes the value from its parts.
  public init(
    culprit: String, versions: [String], input: String, agent: String, instead: String? = nil,
    since: Instant, finding: String, liftedBy: String
  ) {
    self.culprit = culprit
    self.versions = versions
    self.input = input
    self.agent = agent
    self.instead = instead
    self.since = since
    self.finding = finding
    self.liftedBy = liftedBy
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    culprit = reader.text("culprit")
    versions = reader.texts("versions")
    input = reader.text("input")
    agent = reader.text("agent")
    instead = reader.string("instead")
    since = reader.moment("since")
    finding = reader.text("finding")
    liftedBy = reader.text("lifted_by")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "culprit": JSONValue(culprit),
      "versions": JSONValue(versions),
      "input": JSONValue(input),
      "agent": JSONValue(agent),
      "instead": JSONValue(instead),
      "since": JSONValue(since),
      "finding": JSONValue(finding),
      "lifted_by": JSONValue(liftedBy),
    ]
  }
}

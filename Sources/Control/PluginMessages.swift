public import Model

/// One component: what it declares, and how it does.
public struct ComponentInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a component"
  /// Its id.
  public var id: String
  /// analyzer, applier or scorer.
  public var kind: String
  /// Its version.
  public var version: String
  /// ready, disabled, unavailable or broken.
  public var state: String
  /// library, command or function.
  public var entry: String
  /// in-process or worker.
  public var placement: String
  /// The manifest that registers it.
  public var manifest: String
  /// Opportunity types it emits.
  public var emits: [String]
  /// Opportunity types it acts on.
  public var handles: [String]
  /// How much it may break; appliers only.
  public var risk: String?
  /// The time one call may take.
  public var deadlineMilliseconds: Double?
  /// Calls so far.
  public var calls: Int
  /// Calls that failed.
  public var failures: Int
  /// Mean duration of a call.
  public var meanMilliseconds: Double?
  /// What 95 of 100 of the latest calls stayed within.
  public var p95Milliseconds: Double?
  /// Why the last failure failed.
  public var lastError: String?
  /// Why it is not ready; one line each.
  public var problems: [String]
  /// What a person should know.
  public var warnings: [String]
  /// What is skipped of it after it died again and again.
  public var guilty: [GuiltInfo]

  /// Makes the value from its parts.
  public init(
    id: String, kind: String, version: String, state: String, entry: String, placement: String,
    manifest: String, emits: [String] = [], handles: [String] = [], risk: String? = nil,
    deadlineMilliseconds: Double? = nil, calls: Int = 0, failures: Int = 0,
    meanMilliseconds: Double? = nil, p95Milliseconds: Double? = nil, lastError: String? = nil,
    problems: [String] = [],
    warnings: [String] = [], guilty: [GuiltInfo] = []
  ) {
    self.id = id
    self.kind = kind
    self.version = version
    self.state = state
    self.entry = entry
    self.placement = placement
    self.manifest = manifest
    self.emits = emits
    self.handles = handles
    self.risk = risk
    self.deadlineMilliseconds = deadlineMilliseconds
    self.calls = calls
    self.failures = failures
    self.meanMilliseconds = meanMilliseconds
    self.p95Milliseconds = p95Milliseconds
    self.lastError = lastError
    self.problems = problems
    self.warnings = warnings
    self.guilty = guilty
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    id = reader.text("id")
    kind = reader.text("kind")
    version = reader.text("version")
    state = reader.text("state")
    entry = reader.text("entry")
    placement = reader.text("placement")
    manifest = reader.text("manifest")
    emits = reader.texts("emits")
    handles = reader.texts("handles")
    risk = reader.string("risk")
    deadlineMilliseconds = reader.optionalReal("deadline_ms")
    calls = reader.count("calls")
    failures = reader.count("failures")
    meanMilliseconds = reader.optionalReal("mean_ms")
    p95Milliseconds = reader.optionalReal("p95_ms")
    lastError = reader.string("last_error")
    problems = reader.texts("problems")
    warnings = reader.texts("warnings")
    guilty = reader.items("guilty", GuiltInfo.self)
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "id": JSONValue(id),
      "kind": JSONValue(kind),
      "version": JSONValue(version),
      "state": JSONValue(state),
      "entry": JSONValue(entry),
      "placement": JSONValue(placement),
      "manifest": JSONValue(manifest),
      "emits": JSONValue(emits),
      "handles": JSONValue(handles),
      "risk": JSONValue(risk),
      "deadline_ms": JSONValue(deadlineMilliseconds),
      "calls": JSONValue(calls),
      "failures": JSONValue(failures),
      "mean_ms": JSONValue(meanMilliseconds),
      "p95_ms": JSONValue(p95Milliseconds),
      "last_error": JSONValue(lastError),
      "problems": JSONValue(problems),
      "warnings": JSONValue(warnings),
      "guilty": .array(guilty.map(\.json)),
    ]
  }
}

/// What reading the manifests again changed.
public struct ReloadAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a reload"
  /// Components that are new.
  public var added: [String]
  /// Components that were replaced.
  public var changed: [String]
  /// Components that are gone.
  public var removed: [String]
  /// What is wrong in manifests; one line each.
  public var problems: [String]

  /// Makes the value from its parts.
  public init(
    added: [String] = [], changed: [String] = [], removed: [String] = [], problems: [String] = []
  ) {
    self.added = added
    self.changed = changed
    self.removed = removed
    self.problems = problems
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    added = reader.texts("added")
    changed = reader.texts("changed")
    removed = reader.texts("removed")
    problems = reader.texts("problems")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "added": JSONValue(added),
      "changed": JSONValue(changed),
      "removed": JSONValue(removed),
      "problems": JSONValue(problems),
    ]
  }
}

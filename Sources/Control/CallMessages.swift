public import Model

/// One call of a component, as the flight recorder has it.
public struct CallInfo: ControlValue {
  /// What it is, for messages.
  public static let noun = "a call"
  /// Its number, greater than those before it.
  public var call: Int
  /// The component.
  public var component: String
  /// Its version.
  public var version: String
  /// The digest of the copy that ran; absent for a program of the system's.
  public var digest: String?
  /// analyzer, applier or scorer.
  public var kind: String
  /// in-process, worker or command.
  public var placement: String
  /// Whether equal calls give equal answers, as its manifest says.
  public var isPure: Bool
  /// The agent it was called for.
  public var agent: String
  /// The generation it looked at.
  public var generation: Int?
  /// SHA-256 of all it was given.
  public var input: String
  /// SHA-256 of its config.
  public var config: String
  /// The time that the host told it, in nanoseconds since the Unix epoch.
  public var nowNanoseconds: Int
  /// What its random numbers followed from; 64 bits, so as text.
  public var seed: String
  /// When it began.
  public var start: Instant
  /// How long it took.
  public var milliseconds: Double?
  /// Processor time of its process, where known.
  public var processorMilliseconds: Double?
  /// The most memory of its process, where known.
  public var peakBytes: Int?
  /// running, good, failed, stopped, or lost with the daemon.
  public var end: String
  /// Why it failed: the code.
  public var code: String?
  /// Why it failed, for people.
  public var message: String?
  /// Opportunities answered.
  public var opportunities: Int
  /// Scores answered.
  public var scores: Int
  /// Findings answered.
  public var findings: Int
  /// Notes answered.
  public var notes: Int
  /// SHA-256 of the answers.
  public var answers: String
  /// The folder of its whole input; absent where that was not kept, or has gone.
  public var keptIn: String?
  /// Why its input was not kept although it failed.
  public var notKept: String?

  /// Makes the value from its parts.
  public init(
    call: Int, component: String, version: String, digest: String? = nil, kind: String,
    placement: String, isPure: Bool, agent: String, generation: Int? = nil, input: String,
    config: String, nowNanoseconds: Int, seed: String, start: Instant, milliseconds: Double? = nil,
    processorMilliseconds: Double? = nil, peakBytes: Int? = nil, end: String, code: String? = nil,
    message: String? = nil, opportunities: Int = 0, scores: Int = 0, findings: Int = 0,
    notes: Int = 0, answers: String = "", keptIn: String? = nil, notKept: String? = nil
  ) {
    self.call = call
    self.component = component
    self.version = version
    self.digest = digest
    self.kind = kind
    self.placement = placement
    self.isPure = isPure
    self.agent = agent
    self.generation = generation
    self.input = input
    self.config = config
    self.nowNanoseconds = nowNanoseconds
    self.seed = seed
    self.start = start
    self.milliseconds = milliseconds
    self.processorMilliseconds = processorMilliseconds
    self.peakBytes = peakBytes
    self.end = end
    self.code = code
    self.message = message
    self.opportunities = opportunities
    self.scores = scores
    self.findings = findings
    self.notes = notes
    self.answers = answers
    self.keptIn = keptIn
    self.notKept = notKept
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    call = reader.count("call")
    component = reader.text("component")
    version = reader.text("version")
    digest = reader.string("digest")
    kind = reader.text("kind")
    placement = reader.text("placement")
    isPure = reader.flag("pure")
    agent = reader.text("agent")
    generation = reader.optionalCount("generation")
    input = reader.text("input")
    config = reader.text("config")
    nowNanoseconds = reader.count("now_ns")
    seed = reader.text("seed")
    start = reader.moment("start")
    milliseconds = reader.optionalReal("ms")
    processorMilliseconds = reader.optionalReal("cpu_ms")
    peakBytes = reader.optionalCount("peak_bytes")
    end = reader.text("end")
    code = reader.string("code")
    message = reader.string("message")
    opportunities = reader.count("opportunities")
    scores = reader.count("scores")
    findings = reader.count("findings")
    notes = reader.count("notes")
    answers = reader.text("answers")
    keptIn = reader.string("kept_in")
    notKept = reader.string("not_kept")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "call": JSONValue(call),
      "component": JSONValue(component),
      "version": JSONValue(version),
      "digest": JSONValue(digest),
      "kind": JSONValue(kind),
      "placement": JSONValue(placement),
      "pure": JSONValue(isPure),
      "agent": JSONValue(agent),
      "generation": JSONValue(generation),
      "input": JSONValue(input),
      "config": JSONValue(config),
      "now_ns": JSONValue(nowNanoseconds),
      "seed": JSONValue(seed),
      "start": JSONValue(start),
      "ms": JSONValue(milliseconds),
      "cpu_ms": JSONValue(processorMilliseconds),
      "peak_bytes": JSONValue(peakBytes),
      "end": JSONValue(end),
      "code": JSONValue(code),
      "message": JSONValue(message),
      "opportunities": JSONValue(opportunities),
      "scores": JSONValue(scores),
      "findings": JSONValue(findings),
      "notes": JSONValue(notes),
      "answers": JSONValue(answers),
      "kept_in": JSONValue(keptIn),
      "not_kept": JSONValue(notKept),
    ]
  }
}

/// The latest calls, and what is odd about their records.
public struct CallsAnswer: ControlValue {
  /// What it is, for messages.
  public static let noun = "a list of calls"
  /// The calls, newest first.
  public var items: [CallInfo]
  /// Whether the limit cut some off.
  public var hasMore: Bool
  /// What is odd: records cut short, a disk that takes no more.
  public var notes: [String]

  /// Makes the value from its parts.
  public init(_ items: [CallInfo], hasMore: Bool = false, notes: [String] = []) {
    self.items = items
    self.hasMore = hasMore
    self.notes = notes
  }

  /// Reads the members.
  public init(reading reader: inout FieldReader) {
    _ = reader.count("count")
    items = reader.items("items", CallInfo.self)
    hasMore = reader.optionalFlag("more", default: false)
    notes = reader.texts("notes")
  }

  /// The value as JSON.
  public var json: JSONValue {
    [
      "items": JSONValue(items), "count": JSONValue(items.count), "more": JSONValue(hasMore),
      "notes": JSONValue(notes),
    ]
  }
}

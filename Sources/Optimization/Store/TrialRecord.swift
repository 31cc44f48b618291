public import Model
import Quality

/// One trial as it is stored: its state is the intent that recovery starts from.
public struct TrialRecord: Sendable {
  /// Its id; people see `t-7`.
  public var id: Int64
  /// The plan it tries.
  public var plan: Plan
  /// Where it stands.
  public var state: TrialState
  /// The generation that was live when it began.
  public var base: GenerationNumber
  /// The generation it became, once it is committed.
  public var generation: GenerationNumber?
  /// What the workspace needs to find both trees again after a crash.
  public var intent: JSONValue?
  /// The request for approval, where there is one.
  public var approval: String?
  /// Tests, scores, change and notes.
  public var evidence: TrialEvidence
  /// Who asked for it.
  public var requestedBy: UInt32
  /// Who began its run.
  public var origin = Run.Origin.user
  /// The run it was planned in; nil where nobody asks.
  public var run: String?
  /// When it began.
  public var startedAt: Instant
  /// When it ended.
  public var endedAt: Instant?

  /// The id for people.
  public var name: String { "t-\(id)" }
}

/// What a trial stands on, as far as it got.
public struct TrialEvidence: Sendable, Hashable {
  /// The agent's tests on the base.
  public var baseTests: TestReport?
  /// The agent's tests on the clone.
  public var cloneTests: TestReport?
  /// The Guardian's view of base and clone.
  public var scores: JSONValue = .null
  /// Each changed file: path, kind of change, lines.
  public var changes: [JSONValue] = []
  /// The change as a unified diff, cut at a limit.
  public var diff = ""
  /// The digest of exactly what is changed, and for what.
  public var digest: String?
  /// What the appliers said they did; never trusted, only shown.
  public var notes: [JSONValue] = []
  /// New findings on the lines that were touched; at most `findingCountMax`.
  public var findings: [Finding] = []
  /// Items of the plan that nothing was done for, and why.
  public var leftOut: [LeftOutItem] = []
  /// How the clone was made and where the tests ran, for people.
  public var remarks: [String] = []

  /// Most new findings kept of one trial; the gate's reasons say how many more there were.
  static let findingCountMax = 100

  /// Makes empty evidence.
  public init() {}

  /// The evidence as it is stored and shown.
  public var json: JSONValue {
    .object([
      "tests": [
        "base": baseTests?.json ?? .null, "clone": cloneTests?.json ?? .null,
      ],
      "scores": scores, "findings": .array(findings.map(\.json)), "changes": .array(changes),
      "diff": .string(diff),
      "digest": digest.map { .string($0) } ?? .null,
      "notes": .array(notes), "left_out": .array(leftOut.map(\.json)),
      "remarks": .array(remarks.map { .string($0) }),
    ])
  }

  /// The evidence that `json` describes; what is missing is absent.
  init(json: JSONValue) {
    baseTests = json["tests"]?["base"].flatMap { TestReport(json: $0) }
    cloneTests = json["tests"]?["clone"].flatMap { TestReport(json: $0) }
    scores = json["scores"] ?? .null
    findings = (json["findings"]?.array ?? []).compactMap { Finding(evidence: $0) }
    changes = json["changes"]?.array ?? []
    diff = json["diff"]?.string ?? ""
    digest = json["digest"]?.string
    notes = json["notes"]?.array ?? []
    leftOut = (json["left_out"]?.array ?? []).compactMap { LeftOutItem(json: $0) }
    remarks = (json["remarks"]?.array ?? []).compactMap(\.string)
  }
}

extension TrialEvidence {
  /// Whether the plan's item of that index was left out.
  func leavesOut(_ index: Int) -> Bool { leftOut.contains { $0.index == index } }
}

/// An item of a plan whose applier failed; the others went on without it.
public struct LeftOutItem: Hashable, Sendable {
  /// Where it stands in the plan, from 0.
  public var index: Int
  /// What failed, for programs.
  public var code: String
  /// What failed, for people.
  public var reason: String

  /// Makes one.
  public init(index: Int, code: String, reason: String) {
    self.index = index
    self.code = code
    self.reason = reason
  }

  var json: JSONValue {
    ["item": .integer(Int64(index)), "code": .string(code), "reason": .string(reason)]
  }

  init?(json: JSONValue) {
    guard let index = json["item"]?.integer, let code = json["code"]?.string,
      let reason = json["reason"]?.string
    else { return nil }
    self.init(index: Int(index), code: code, reason: reason)
  }
}

extension Finding {
  fileprivate init?(evidence json: JSONValue) {
    guard let rule = json["rule"]?.string,
      let level = json["level"]?.string.flatMap(Level.init(rawValue:)),
      let file = json["file"]?.string, let message = json["message"]?.string
    else { return nil }
    self.init(
      rule: rule, level: level, file: file, line: json["line"]?.integer.map { Int($0) },
      message: message)
  }
}

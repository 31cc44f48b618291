/// One opportunity to act on and the clone to do it in, lent until `apply` returns.
public struct PlanItem: ~Copyable {
  private let raw: UnsafePointer<kz_plan_item>

  init(_ raw: UnsafePointer<kz_plan_item>) { self.raw = raw }

  /// The opportunity's id.
  public var opportunity: String { String(raw.pointee.opportunity) }
  /// One of the component's `handles`.
  public var type: String { String(raw.pointee.type) }
  /// How much it matters.
  public var severity: Severity { Severity(rawValue: raw.pointee.severity) ?? .low }
  /// One line for people.
  public var title: String { String(raw.pointee.title) }
  /// The analyzer that found it.
  public var component: String { String(raw.pointee.component) }
  /// How sure the analyzer is, in [0, 1].
  public var strength: Double { raw.pointee.strength }
  /// What it stands on, a JSON object.
  public var evidenceJSON: String { String(raw.pointee.evidence_json) }
  /// The agent's id.
  public var agent: String { String(raw.pointee.agent) }
  /// The generation the clone was made from.
  public var generation: UInt64 { raw.pointee.generation }
  /// Nanoseconds since 1970 UTC.
  public var nowNanoseconds: Int64 { raw.pointee.now_ns }
  /// The clone, with the files that may be changed.
  public var clone: Tree {
    Tree(root: raw.pointee.root, files: raw.pointee.files, count: raw.pointee.file_count)
  }
  /// The agent's descriptor: tunables, protected files and more; a JSON object.
  public var agentJSON: String { String(raw.pointee.agent_json) }
  /// Earlier trials of this component for this type on this agent, newest last; a JSON array of
  /// `{"note":"…","verdict":"…"}`.
  public var historyJSON: String { String(raw.pointee.history_json) }
}

/// How much an opportunity matters.
public enum Severity: UInt32, Sendable, Comparable {
  /// The one its type has.
  case ofType = 0
  /// In ascending order.
  case low
  case medium
  case high
  case critical

  /// Less urgent before more urgent.
  public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
}

internal import Control
internal import Model
internal import PluginHost
internal import Workspace

/// What one component said and did when it was tried.
struct TryOutcome {
  let component: String
  let kind: ComponentKind?
  var opportunities: [Opportunity] = []
  var scores: [DimensionScore] = []
  var findings: [Finding] = []
  var diff: TreeDiff?
  var remarks = ComponentRemarks()
  var failure: KaizenError?
  /// How long the call took, the start of its worker included.
  var duration: Duration = .zero

  init(_ status: ComponentStatus) {
    component = status.name
    kind = status.manifest?.kind
  }

  private var milliseconds: Double {
    Double(duration.components.attoseconds / 1_000_000_000) / 1e6
      + Double(duration.components.seconds) * 1000
  }

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "component": .string(component), "kind": kind.map { .string($0.rawValue) } ?? .null,
      "milliseconds": .number(milliseconds),
      "notes": .array(remarks.notes.map { .string($0) }),
      "logs": .array(
        remarks.logs.map { ["level": .string($0.level.rawValue), "message": .string($0.message)] }),
      "error": .null,
    ]
    if let failure { members["error"] = ErrorAnswer(failure).json["error"] }
    switch kind {
    case .analyzer:
      members["opportunities"] = .array(
        opportunities.map { OpportunityInfo($0, id: "", foundAt: nil).json })
    case .scorer:
      members["scores"] = .array(scores.map { ScoreInfo($0).json })
      members["findings"] = .array(findings.map { FindingInfo($0).json })
    case .applier: members["change"] = diff?.json ?? .null
    case nil: break
    }
    return .object(members)
  }

  var lines: [String] {
    let what = kind.map { "\($0.rawValue) \(component)" } ?? component
    if let failure {
      return ["\(what): failed", "  \(failure.code.rawValue): \(failure.message)"]
        + (failure.hint.map { ["  \($0)"] } ?? []) + remarkLines
    }
    return ["\(what): \(summary) (\(Figures.milliseconds(milliseconds)))"] + answerLines
      + remarkLines
  }

  private var summary: String {
    func count(_ number: Int, _ one: String, _ many: String) -> String {
      "\(number) \(number == 1 ? one : many)"
    }
    return switch kind {
    case .analyzer: count(opportunities.count, "opportunity", "opportunities")
    case .scorer:
      count(scores.count, "score", "scores") + ", " + count(findings.count, "finding", "findings")
    case .applier:
      diff?.isEmpty ?? true
        ? "nothing changed" : count(diff?.changes.count ?? 0, "file changed", "files changed")
    case nil: "not called"
    }
  }

  private var answerLines: [String] {
    var lines: [String] = []
    for found in opportunities {
      lines.append(
        "  \(found.severity.rawValue.uppercased()) \(found.type.rawValue), "
          + "strength \(Figures.ratio(found.strength)): \(found.title)")
      lines.append("    \(found.evidence.text())")
    }
    lines += scores.map { "  \($0.dimension) \(Figures.ratio($0.value)) of 1" }
    lines += findings.map { "  " + Evidence.line(FindingInfo($0)) }
    if let diff, !diff.text.isEmpty {
      lines += diff.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
      if diff.isTruncated { lines.append("(cut here)") }
    }
    return lines
  }

  private var remarkLines: [String] {
    remarks.notes.map { "  note: \($0)" }
      + remarks.logs.map { "  \($0.level.rawValue): \($0.message)" }
      + (remarks.droppedCount > 0 ? ["  (\(remarks.droppedCount) more notes and log lines)"] : [])
  }
}

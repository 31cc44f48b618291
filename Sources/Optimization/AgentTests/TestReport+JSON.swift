public import Model

extension TestReport {
  /// Most cases written into evidence; the counts stay true.
  private static let writtenCaseCountMax = 200

  /// The report as evidence: counts, the first cases, failed ones before all others, and the end of
  /// the output.
  public var json: JSONValue {
    var ending: [String: JSONValue] = [:]
    switch self.ending {
    case .exited(let code): ending["exit"] = .integer(Int64(code))
    case .signaled(let signal): ending["signal"] = .integer(Int64(signal))
    case .timedOut: ending["timed_out"] = true
    case .absent: ending["absent"] = true
    }
    return .object([
      "ending": .object(ending), "passed": .bool(passed), "summary": .string(summary),
      "case_count": .integer(Int64(caseCount)),
      "passed_count": .integer(Int64(passedCount)),
      "duration_ms": .number(duration.milliseconds), "output": .string(output),
      "output_cut": .bool(isOutputCut),
      "cases": .array(
        (cases.filter { !$0.passed } + cases.filter(\.passed)).prefix(Self.writtenCaseCountMax).map
        {
          ["name": .string($0.name), "passed": .bool($0.passed)]
        }),
    ])
  }

  /// The report that `json` describes; nil where it describes none.
  public init?(json: JSONValue) {
    guard let ending = json["ending"] else { return nil }
    if let code = ending["exit"]?.integer {
      self.ending = .exited(Int32(truncatingIfNeeded: code))
    } else if let signal = ending["signal"]?.integer {
      self.ending = .signaled(Int32(truncatingIfNeeded: signal))
    } else if ending["timed_out"] != nil {
      self.ending = .timedOut
    } else {
      self.ending = .absent
    }
    cases = (json["cases"]?.array ?? []).compactMap { element in
      guard let name = element["name"]?.string, let passed = element["passed"]?.bool else {
        return nil
      }
      return Case(name: name, passed: passed)
    }
    caseCount = json["case_count"]?.integer.map(Int.init(clamping:)) ?? cases.count
    passedCount =
      json["passed_count"]?.integer.map(Int.init(clamping:)) ?? cases.count(where: \.passed)
    isOutputCut = json["output_cut"]?.bool ?? false
    duration = .milliseconds(json["duration_ms"]?.number ?? 0)
    output = json["output"]?.string ?? ""
  }
}

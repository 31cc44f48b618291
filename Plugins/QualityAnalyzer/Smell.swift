import KaizenPluginSDK

/// What scorers found in one file under one rule.
struct Smell {
  /// Most smells of one call; those with an error come first, then the surest.
  private static let reportedMax = 50
  /// Lines named of one smell.
  private static let linesMax = 20

  private var findings: [Facts.Finding]

  /// Findings of every dimension but security, which another analyzer reports.
  static func all(in findings: [Facts.Finding]) -> [Smell] {
    var groups: [String: Smell] = [:]
    for finding in findings where finding.dimension != "security" {
      let key = finding.file + "\u{0}" + finding.rule
      groups[key, default: Smell(findings: [])].findings.append(finding)
    }
    let sorted = groups.values.sorted { a, b in
      a.strength != b.strength ? a.strength > b.strength : a.title < b.title
    }
    return Array(sorted.prefix(reportedMax))
  }

  /// One line that does not change with the count of places.
  var title: String {
    let first = findings[0]
    return "\(Self.line(first.file, 300)): \(Self.line(first.rule, 128))"
  }

  /// The chance that at least one of the findings is right.
  ///
  /// 1 − Π(1 − p), with p by level as the page says; places in one file are taken as independent.
  var strength: Double {
    1 - findings.reduce(1) { $0 * (1 - Self.precision($1.level)) }
  }

  private static func precision(_ level: String) -> Double {
    switch level {
    case "error": 0.9
    case "warning": 0.6
    default: 0.3
    }
  }

  /// The first place, and where else.
  var evidence: Evidence {
    let first = findings[0]
    return [
      "file": .string(first.file), "line": first.line.map { .integer(Int64($0)) } ?? .null,
      "rule": .string(first.rule), "level": .string(first.level),
      "dimension": .string(first.dimension), "message": .string(first.message),
      "count": .integer(Int64(findings.count)),
      "lines": .array(
        findings.compactMap(\.line).prefix(Self.linesMax).map { .integer(Int64($0)) }),
    ]
  }

  /// One line of bounded length.
  private static func line(_ text: String, _ most: Int) -> String {
    String(text.prefix(most).map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }
}

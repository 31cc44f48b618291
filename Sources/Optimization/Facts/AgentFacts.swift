import Feedback
import Model

/// What analyzers are told of an agent beside its numbers and files.
///
/// The JSON is that of `facts_json` in kaizen_plugin.h: a list that is not known is left out.
struct AgentFacts: Sendable {
  /// Learnings told.
  static let learningCountMax = 20
  /// Findings told, the worst first.
  static let findingCountMax = 200
  /// Tools told, those that the agent declares first.
  static let toolCountMax = 64
  /// Texts of errors told.
  static let errorTextCountMax = 20
  /// Bytes of a finding's message.
  private static let messageBytesMax = 300

  var learnings: [Learning]?
  var findings: [Finding]?
  var tools: [KnownTool]?
  var errorTexts: [ErrorText]?

  /// The facts as components get them.
  var json: JSONValue {
    var members: [String: JSONValue] = [:]
    members["learnings"] = learnings.map { all in
      .array(all.prefix(Self.learningCountMax).map(\.brief))
    }
    members["findings"] = findings.map { all in
      .array(Self.worst(all).map(Self.finding))
    }
    members["tools"] = tools.map { all in
      .array(all.prefix(Self.toolCountMax).map(\.json))
    }
    members["error_texts"] = errorTexts.map { all in
      .array(all.prefix(Self.errorTextCountMax).map(Self.errorText))
    }
    return .object(members)
  }

  /// Errors before warnings before notes; within a level in the order of file and line.
  private static func worst(_ findings: [Finding]) -> [Finding] {
    var worst: [Finding] = []
    for level in [Finding.Level.error, .warning, .note] {
      worst += findings.lazy.filter { $0.level == level }.prefix(findingCountMax - worst.count)
    }
    return worst
  }

  private static func finding(_ finding: Finding) -> JSONValue {
    var members: [String: JSONValue] = [
      "dimension": .string(finding.dimension ?? ""), "rule": .string(finding.rule),
      "level": .string(finding.level.rawValue), "file": .string(finding.file),
      // Cut bytes may end within a character: what is left of it is replaced.
      "message": .string(
        String(decoding: finding.message.utf8.prefix(messageBytesMax), as: UTF8.self)),
    ]
    members["line"] = finding.line.map { .integer(Int64($0)) }
    return .object(members)
  }

  private static func errorText(_ error: ErrorText) -> JSONValue {
    var members: [String: JSONValue] = [
      "text": .string(error.text), "count": .integer(Int64(error.count)),
    ]
    members["type"] = error.errorType.map { .string($0) }
    return .object(members)
  }
}

/// A tool in the versions that are known of it.
struct KnownTool: Hashable, Sendable {
  var name: String
  /// What the agent's descriptor declares.
  var declared: String?
  /// What its check printed.
  var installed: String?
  /// What the catalogue in the daemon's config names.
  var latest: String?
  /// Why `installed` is not known; begins with `missing:` where there is no such program.
  var error: String?

  var json: JSONValue {
    var members: [String: JSONValue] = ["name": .string(name)]
    members["declared"] = declared.map { .string($0) }
    members["installed"] = installed.map { .string($0) }
    members["latest"] = latest.map { .string($0) }
    members["error"] = error.map { .string($0) }
    return .object(members)
  }
}

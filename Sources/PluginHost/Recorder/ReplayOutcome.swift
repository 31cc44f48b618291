public import Model

/// What came of running a recorded call again.
public struct ReplayOutcome: Hashable, Sendable {
  /// One thing that was another than before.
  public struct Difference: Hashable, Sendable {
    /// What differs, such as `end` or `answers`.
    public var what: String
    /// What the record says.
    public var recorded: String
    /// What came now.
    public var replayed: String
  }

  /// The call.
  public var call: CallRecord
  /// The version that ran now.
  public var version: String
  /// The digest of the copy that ran now; nil for a program of the system's.
  public var digest: Digest?
  /// Why it failed now; nil where it did not.
  public var failure: KaizenError?
  /// What it answered now.
  public var answers: CallRecord.Answers
  /// The answers themselves, a line each, of each sort the first.
  public var lines: [String]
  /// What it said besides.
  public var remarks: ComponentRemarks
  /// How long it took, its worker's start included.
  public var duration: Duration
  /// What was not as it had been, and is none of the component's doing.
  public var notes: [String]
  /// What was another than before; none where it came to the same.
  public var differences: [Difference]

  /// Whether it came to the same.
  public var isSame: Bool { differences.isEmpty }

  /// Answers of each sort that are shown.
  static let linesMax = 20
}

extension ReplayOutcome {
  /// Compares a replay with its record: the end first, then the answers.
  ///
  /// Two failures are the same where their codes are and what is said before the component's last
  /// words, which have addresses and times in them; of a missed deadline and of garbage, the code.
  static func differences(
    _ call: CallRecord, _ failure: KaizenError?, _ answers: CallRecord.Answers
  ) -> [Difference] {
    var differences: [Difference] = []
    let (before, now) = (essence(of: call.end), essence(of: failure))
    if before != now {
      differences.append(Difference(what: "end", recorded: before, replayed: now))
    }
    func compare(_ what: String, _ recorded: Int, _ replayed: Int) {
      if recorded != replayed {
        differences.append(
          Difference(what: what, recorded: "\(recorded)", replayed: "\(replayed)"))
      }
    }
    let old = call.answers
    // What a call that went on until it was killed had said by then is a matter of time.
    if case .failed("E_PLUGIN_DEADLINE", _) = call.end { return differences }
    if call.end == .lost || call.end == .stopped { return differences }
    compare("opportunities", old.opportunityCount, answers.opportunityCount)
    compare("scores", old.scoreCount, answers.scoreCount)
    compare("findings", old.findingCount, answers.findingCount)
    compare("notes", old.noteCount, answers.noteCount)
    if differences.isEmpty, old.digest != answers.digest {
      differences.append(
        Difference(
          what: "answers", recorded: String(old.digest.prefix(12)),
          replayed: String(answers.digest.prefix(12))))
    }
    return differences
  }

  private static func essence(of end: CallRecord.End) -> String {
    switch end {
    case .good: "good"
    case .running: "running"
    case .lost: "lost with the daemon"
    case .stopped: "stopped"
    case .failed(let code, let message): essence(code, message)
    }
  }

  private static func essence(of failure: KaizenError?) -> String {
    failure.map { essence($0.code, $0.message) } ?? "good"
  }

  private static let wordless: Set<String> = ["E_PLUGIN_DEADLINE", "E_PLUGIN_PROTOCOL"]

  private static func essence(_ code: KaizenError.Code, _ message: String) -> String {
    if wordless.contains(code.rawValue) { return code.rawValue }
    let head = message.split(separator: "; its last words:", maxSplits: 1).first ?? ""
    // As a record holds it.
    return "\(code.rawValue): \(AnswerCollector.cut(String(head), CallRecord.Limit.messageBytes))"
  }

  /// The answers in words.
  static func lines(_ answers: AnswerCollector) -> [String] {
    var lines = answers.opportunities.prefix(linesMax).map {
      "\($0.severity.rawValue) \($0.type.rawValue): \($0.title)"
    }
    lines += answers.dimensions.prefix(linesMax).map { "\($0.dimension) \($0.value)" }
    lines += answers.findings.prefix(linesMax).map { finding in
      "\(finding.file)" + (finding.line.map { ":\($0)" } ?? "")
        + " \(finding.level.rawValue) \(finding.rule): \(finding.message)"
    }
    return lines
  }
}

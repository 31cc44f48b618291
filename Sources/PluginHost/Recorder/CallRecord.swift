public import Model

/// What is known of one call of a component: what it was given, as digests, and what came of it.
public struct CallRecord: Hashable, Sendable {
  /// How a call ended.
  public enum End: Hashable, Sendable {
    /// It has not, yet.
    case running
    /// Well.
    case good
    /// Not well, for this reason.
    case failed(KaizenError.Code, message: String)
    /// Before its time, because somebody cancelled what it was for.
    case stopped
    /// With the daemon itself, which ended while it ran.
    case lost
  }

  /// What a component answered.
  public struct Answers: Hashable, Sendable {
    /// Opportunities it found.
    public var opportunityCount = 0
    /// Dimensions it scored.
    public var scoreCount = 0
    /// Findings it gave.
    public var findingCount = 0
    /// Notes it gave.
    public var noteCount = 0
    /// SHA-256 of all of these, in their order; what it logged is no answer.
    public var digest = ""
  }

  /// Whether the call's whole input was kept.
  public enum Kept: Hashable, Sendable {
    /// No: such calls' inputs are not kept.
    case no
    /// Yes, under the number of the first call that had it and failed.
    case under(UInt64)
    /// No, although the call failed, for this reason.
    case failed(String)
  }

  /// Its number: greater than that of each call before it, over restarts too.
  public var number: UInt64
  /// The component.
  public var component: ComponentID
  /// Its version, as its manifest says.
  public var version: String
  /// The digest of the copy that ran; nil for a program of the system's.
  public var digest: Digest?
  /// What it is.
  public var kind: ComponentKind
  /// Where it ran.
  public var placement: ComponentPlacement
  /// Whether its manifest says that equal calls give equal answers.
  public var isPure: Bool
  /// The agent it was called for.
  public var agent: AgentID
  /// The generation it looked at.
  public var generation: GenerationNumber?
  /// Digest of all it was given; see `CallRequest.fingerprint`.
  public var input: Digest
  /// Digest of its config.
  public var config: Digest
  /// What the host answered during the call.
  public var host: HostAnswers
  /// What the host answered while the component was loaded; nil where nothing asks then.
  public var loaded: HostAnswers?
  /// When it began.
  public var start: Instant
  /// How long it took, waiting for its turn left out; nil where that is not known.
  public var duration: Duration?
  /// The processor time of its process; nil where nobody counted.
  public var processorTime: Duration?
  /// The most memory its process had, its start included; nil where nobody counted.
  public var peakMemoryBytes: Int?
  /// How it ended.
  public var end: End
  /// What it answered by then.
  public var answers = Answers()
  /// Whether its whole input was kept.
  public var kept: Kept = .no

  /// Whether it failed, or took the daemon with it.
  public var isFailure: Bool {
    switch end {
    case .failed, .lost: true
    case .running, .good, .stopped: false
    }
  }
}

extension CallRecord.Answers {
  /// Counts and digests what `collector` has taken, but for the first notes, which are the host's.
  init(_ collector: AnswerCollector, hostNoteCount: Int = 0) {
    let notes = Array(collector.remarks.notes.dropFirst(hostNoteCount))
    opportunityCount = collector.opportunities.count
    scoreCount = collector.dimensions.count
    findingCount = collector.findings.count
    noteCount = notes.count
    var writer = FingerprintWriter()
    writer.add(opportunityCount)
    for found in collector.opportunities {
      writer.add(found.type.rawValue)
      writer.add(found.severity.rawValue)
      writer.add(found.title)
      writer.add(found.strength)
      writer.add(found.evidence)
    }
    writer.add(scoreCount)
    for score in collector.dimensions {
      writer.add(score.dimension)
      writer.add(score.value)
    }
    writer.add(findingCount)
    for finding in collector.findings {
      writer.add(finding.rule)
      writer.add(finding.level.rawValue)
      writer.add(finding.file)
      writer.add(finding.line) { writer, line in writer.add(line) }
      writer.add(finding.message)
    }
    writer.add(notes)
    digest = writer.finish()
  }
}

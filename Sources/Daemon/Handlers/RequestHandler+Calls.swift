import Control
import Model
import PluginHost

// The flight recorder.

extension RequestHandler {
  func listCalls(_ call: Call) throws(KaizenError) -> CallsAnswer {
    guard let recorder = parts.components.recorder else { return CallsAnswer([]) }
    let component = call.query.text("component").flatMap { ComponentID($0) }
    // One more than asked for tells whether there are more.
    let found = recorder.calls(
      of: component, failedOnly: call.query.text("failed") == "yes", limit: call.query.limit + 1)
    if found.isEmpty, let component, !isKnown(component) {
      throw KaizenError(
        "E_UNKNOWN_COMPONENT", "there is no component \"\(component)\", and no call of one",
        hint: "`kaizen plugins list` shows them")
    }
    return CallsAnswer(
      found.prefix(call.query.limit).map { CallInfo($0, keptIn: recorder.inputFolder(of: $0)) },
      hasMore: found.count > call.query.limit, notes: recorder.notes)
  }

  private func isKnown(_ component: ComponentID) -> Bool {
    parts.components.components().contains { $0.name == component.text }
  }

  func replayCall(_ call: Call) throws(KaizenError) -> ReplayAnswer {
    let text = call.matched.id
    guard let number = UInt64(text) else {
      throw KaizenError(
        "E_UNKNOWN_CALL", "\"\(text.prefix(40))\" is no number of a call",
        hint: "`kaizen plugins calls` lists them")
    }
    let request = try call.body(ReplayRequest.self)
    return ReplayAnswer(try parts.components.replay(number, withCurrent: request.isCurrent))
  }
}

extension CallInfo {
  init(_ record: CallRecord, keptIn folder: String?) {
    let (end, code, message) = Self.words(for: record.end)
    var reason: String?
    if case .failed(let why) = record.kept { reason = why }
    if case .under = record.kept, folder == nil { reason = "it has made room for later ones" }
    self.init(
      call: Int(record.number), component: record.component.text, version: record.version,
      digest: record.digest?.hex, kind: record.kind.rawValue,
      placement: record.placement.rawValue, isPure: record.isPure, agent: record.agent.text,
      generation: record.generation?.value, input: record.input.hex, config: record.config.hex,
      nowNanoseconds: Int(record.host.nowNanoseconds), seed: "\(record.host.seed)",
      start: record.start, milliseconds: record.duration?.milliseconds,
      processorMilliseconds: record.processorTime?.milliseconds,
      peakBytes: record.peakMemoryBytes, end: end, code: code, message: message,
      opportunities: record.answers.opportunityCount, scores: record.answers.scoreCount,
      findings: record.answers.findingCount, notes: record.answers.noteCount,
      answers: record.answers.digest, keptIn: folder, notKept: reason)
  }

  private static func words(
    for end: CallRecord.End
  ) -> (end: String, code: String?, message: String?) {
    switch end {
    case .running: ("running", nil, nil)
    case .good: ("good", nil, nil)
    case .stopped: ("stopped", nil, "what it was for was cancelled")
    case .failed(let code, let message): ("failed", code.rawValue, message)
    case .lost: ("lost", nil, "the daemon ended while it ran")
    }
  }
}

extension ReplayAnswer {
  init(_ outcome: ReplayOutcome) {
    let remarks = outcome.remarks
    self.init(
      call: Int(outcome.call.number), component: outcome.call.component.text,
      version: outcome.version, digest: outcome.digest?.hex, isSame: outcome.isSame,
      differences: outcome.differences.map {
        ReplayDifference(what: $0.what, recorded: $0.recorded, replayed: $0.replayed)
      },
      end: outcome.failure == nil ? "good" : "failed", code: outcome.failure?.code.rawValue,
      message: outcome.failure?.message, answers: outcome.lines,
      notes: Array(remarks.notes.prefix(Self.remarksMax)),
      logs: remarks.logs.prefix(Self.remarksMax).map { "\($0.level.rawValue): \($0.message)" },
      milliseconds: outcome.duration.milliseconds, warnings: outcome.notes)
  }

  /// Notes, and log lines, that an answer shows.
  private static let remarksMax = 50
}

import Model

// A record as it lies in the ring's file: integers little-endian, texts as a length of two bytes
// and their UTF-8, what may be absent after a byte that says whether it is there.

extension CallRecord {
  /// Limits of what a record holds; what is longer is cut.
  enum Limit {
    /// Bytes of a version.
    static let versionBytes = 128
    /// Bytes of the message of a failure.
    static let messageBytes = 800
    /// Bytes of the reason why an input was not kept.
    static let reasonBytes = 200
  }

  /// The record as bytes.
  var bytes: [UInt8] {
    var writer = RecordWriter()
    writer.put(number)
    writer.put(component.text)
    writer.put(AnswerCollector.cut(version, Limit.versionBytes))
    writer.put(digest?.hex ?? "")
    writer.put(kind.rawValue)
    writer.put(placement.rawValue)
    writer.put(isPure ? 1 : 0)
    writer.put(agent.text)
    writer.put(generation.map { Int64($0.value) })
    writer.put(input.hex)
    writer.put(config.hex)
    writer.put(host.nowNanoseconds)
    writer.put(host.seed)
    writer.put(loaded?.nowNanoseconds)
    writer.put(loaded?.seed ?? 0)
    writer.put(start.nanoseconds)
    writer.put(duration?.nanoseconds)
    writer.put(processorTime?.nanoseconds)
    writer.put(peakMemoryBytes.map(Int64.init))
    writer.put(answers.opportunityCount)
    writer.put(answers.scoreCount)
    writer.put(answers.findingCount)
    writer.put(answers.noteCount)
    writer.put(answers.digest)
    put(end, to: &writer)
    put(kept, to: &writer)
    return writer.bytes
  }

  private func put(_ end: End, to writer: inout RecordWriter) {
    switch end {
    case .running: writer.put("running")
    case .good: writer.put("good")
    case .lost: writer.put("lost")
    case .stopped: writer.put("stopped")
    case .failed(let code, let message):
      writer.put("failed")
      writer.put(AnswerCollector.cut(code.rawValue, Limit.versionBytes))
      writer.put(AnswerCollector.cut(message, Limit.messageBytes))
    }
  }

  private func put(_ kept: Kept, to writer: inout RecordWriter) {
    switch kept {
    case .no: writer.put("no")
    case .under(let number):
      writer.put("under")
      writer.put(number)
    case .failed(let reason):
      writer.put("failed")
      writer.put(AnswerCollector.cut(reason, Limit.reasonBytes))
    }
  }

  /// The record that `bytes` hold; nil where they hold none.
  init?(bytes: ArraySlice<UInt8>) {
    var reader = RecordReader(bytes)
    number = reader.unsigned()
    let component = ComponentID(reader.text())
    version = reader.text()
    let digest = reader.text()
    let kind = ComponentKind(rawValue: reader.text())
    let placement = ComponentPlacement(rawValue: reader.text())
    isPure = reader.signed() != 0
    let agent = AgentID(reader.text())
    generation = reader.optional().map { GenerationNumber(Int($0)) }
    let input = Digest(hex: reader.text())
    let config = Digest(hex: reader.text())
    host = HostAnswers(nowNanoseconds: reader.signed(), seed: reader.unsigned())
    let loadedAt = reader.optional()
    let loadedSeed = reader.unsigned()
    loaded = loadedAt.map { HostAnswers(nowNanoseconds: $0, seed: loadedSeed) }
    start = Instant(nanoseconds: reader.signed())
    duration = reader.optional().map { .nanoseconds($0) }
    processorTime = reader.optional().map { .nanoseconds($0) }
    peakMemoryBytes = reader.optional().map { Int($0) }
    answers.opportunityCount = Int(reader.signed())
    answers.scoreCount = Int(reader.signed())
    answers.findingCount = Int(reader.signed())
    answers.noteCount = Int(reader.signed())
    answers.digest = reader.text()
    end = .lost
    let isKnown = reader.read(&end) && reader.read(&kept)
    guard let component, let kind, let placement, let agent, let input, let config, isKnown,
      !reader.isBroken
    else { return nil }
    self.component = component
    self.digest = Digest(hex: digest)
    self.kind = kind
    self.placement = placement
    self.agent = agent
    self.input = input
    self.config = config
  }
}

extension RecordReader {
  fileprivate mutating func read(_ end: inout CallRecord.End) -> Bool {
    switch text() {
    case "running": end = .running
    case "good": end = .good
    case "lost": end = .lost
    case "stopped": end = .stopped
    case "failed":
      let code = KaizenError.Code(rawValue: text())
      end = .failed(code, message: text())
    default: return false
    }
    return true
  }

  fileprivate mutating func read(_ kept: inout CallRecord.Kept) -> Bool {
    switch text() {
    case "no": kept = .no
    case "under": kept = .under(unsigned())
    case "failed": kept = .failed(text())
    default: return false
    }
    return true
  }
}

public import Model

/// Reads one feedback record out of JSON, and says all that is wrong with it at once.
///
/// Keys it does not know are kept in `details`. A member that is null counts as absent.
public struct RecordReader {
  /// The earliest time a record may have: 2000-01-01.
  static let timeMin = Instant(seconds: 946_684_800)
  /// How far ahead of now a record's time may be, for clocks that differ.
  static let aheadMax = Duration.seconds(86_400)
  /// Longest `error_type`, `model`, `domain` and `session_id`, in bytes.
  static let wordBytesMax = 256
  /// Longest `comment`, in bytes.
  static let commentBytesMax = 65_536
  /// Most `dimensions` in one record.
  static let dimensionsMax = 64
  /// Problems named in one error.
  static let problemsMax = 5

  private let now: Instant
  private var agent: AgentID?
  private var operation: String?
  private var type: FeedbackType?
  private var source = FeedbackSource.agent
  private var time: Instant?
  private var score: Double?
  private var rating: Double?
  private var errorType: String?
  private var duration: Duration?
  private var memory: Double?
  private var cpu: Double?
  private var generation: GenerationNumber?
  private var idempotencyID: String?
  private var given: [String: JSONValue] = [:]
  private var extra: [String: JSONValue] = [:]
  private var problems: [Problem] = []

  private init(now: Instant) { self.now = now }

  /// Reads `value`, received at `now`.
  /// - Throws: `E_RECORD` with key, what was expected and what was found.
  public static func record(
    from value: JSONValue, now: Instant
  ) throws(KaizenError) -> FeedbackRecord {
    guard case .object(let members) = value else {
      throw KaizenError(
        "E_RECORD", "the record: expected an object, found \(value.shape)",
        hint: "write one { … } a line")
    }
    var reader = RecordReader(now: now)
    for (key, value) in members where value != .null { reader.take(key, value) }
    return try reader.finish()
  }

  private mutating func take(_ key: String, _ value: JSONValue) {
    switch key {
    case "agent_id": identifier(key, value).map { agent = AgentID($0) }
    case "operation_id": operation = identifier(key, value)
    case "type": type = word(key, value, FeedbackType.self)
    case "source": word(key, value, FeedbackSource.self).map { source = $0 }
    case "time": time = moment(key, value)
    case "score": score = number(key, value, in: 0...1)
    case "rating": rating = number(key, value, in: 1...5)
    case "error_type": errorType = text(key, value, bytesMax: Self.wordBytesMax)
    // A year: what took longer is no operation, but a wrong unit.
    case "duration_ms":
      duration = number(key, value, in: 0...31_536_000_000).map { .milliseconds($0) }
    case "memory_mb": memory = number(key, value, in: 0...1e9)
    case "cpu_percent": cpu = number(key, value, in: 0...1e6)
    case "generation":
      generation = whole(key, value, in: 1...Int64(Int32.max)).map { GenerationNumber(Int($0)) }
    case "id": idempotencyID = identifier(key, value)
    case "details": object(key, value).map { given = $0 }
    default: takeDetail(key, value)
    }
  }

  /// What has a rule, but no column of its own.
  private mutating func takeDetail(_ key: String, _ value: JSONValue) {
    let isRight: Bool
    switch key {
    case "tokens_in", "tokens_out": isRight = whole(key, value, in: 0...1_000_000_000_000) != nil
    case "cost_usd": isRight = number(key, value, in: 0...1e9) != nil
    case "comment": isRight = text(key, value, bytesMax: Self.commentBytesMax) != nil
    case "model", "domain", "session_id":
      isRight = text(key, value, bytesMax: Self.wordBytesMax) != nil
    case "dimensions": isRight = dimensions(key, value)
    default: isRight = true
    }
    if isRight { extra[key] = value }
  }

  private mutating func finish() throws(KaizenError) -> FeedbackRecord {
    for (key, isThere) in [
      ("agent_id", agent != nil), ("operation_id", operation != nil), ("type", type != nil),
    ] where !isThere && !problems.contains(where: { $0.key == key }) {
      report(key, "a value", "nothing", fix: "add \"\(key)\"")
    }
    guard problems.isEmpty, let agent, let operation, let type else { throw error() }
    if let rating {
      if score == nil { score = (rating - 1) / 4 }
      extra["rating"] = .number(rating)
    }
    return FeedbackRecord(
      agent: agent, operation: operation, type: type, source: source, time: time ?? now,
      score: type == .failure ? 0 : score, errorType: errorType, duration: duration,
      memoryMegabytes: memory, cpuPercent: cpu, generation: generation,
      idempotencyID: idempotencyID,
      details: extra.isEmpty ? given : given.merging(extra) { _, outer in outer })
  }

  private func error() -> KaizenError {
    let sorted = problems.sorted { $0.key < $1.key }
    let named = sorted.prefix(Self.problemsMax).map(\.description).joined(separator: "; ")
    let more = sorted.count - Self.problemsMax
    return KaizenError("E_RECORD", more > 0 ? "\(named); and \(more) more" : named)
  }
}

extension RecordReader {
  fileprivate mutating func report(
    _ key: String, _ expected: String, _ found: String, fix: String? = nil
  ) {
    problems.append(
      Problem(
        file: "record", key: key, expected: expected, found: found,
        fix: fix ?? "correct \"\(key)\""))
  }

  fileprivate mutating func identifier(_ key: String, _ value: JSONValue) -> String? {
    if let text = value.string, Identifier.isValid(text) { return text }
    report(key, "an id (\(Identifier.form))", value.shape)
    return nil
  }

  fileprivate mutating func word<W: RawRepresentable & CaseIterable>(
    _ key: String, _ value: JSONValue, _ type: W.Type
  ) -> W? where W.RawValue == String {
    if let word = value.string.flatMap(W.init(rawValue:)) { return word }
    let words = W.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    report(key, "one of \(words)", value.shape)
    return nil
  }

  fileprivate mutating func number(
    _ key: String, _ value: JSONValue, in range: ClosedRange<Double>
  ) -> Double? {
    if let number = value.number, range.contains(number) { return number }
    report(key, "a number from \(range.lowerBound) to \(range.upperBound)", value.shape)
    return nil
  }

  fileprivate mutating func whole(
    _ key: String, _ value: JSONValue, in range: ClosedRange<Int64>
  ) -> Int64? {
    if let number = value.integer, range.contains(number) { return number }
    report(key, "an integer from \(range.lowerBound) to \(range.upperBound)", value.shape)
    return nil
  }

  fileprivate mutating func text(
    _ key: String, _ value: JSONValue, bytesMax: Int
  ) -> String? {
    if let text = value.string, (1...bytesMax).contains(text.utf8.count) { return text }
    let count = value.string.map { "\($0.utf8.count) bytes" }
    report(key, "text of 1 to \(bytesMax) bytes", count ?? value.shape)
    return nil
  }

  fileprivate mutating func object(
    _ key: String, _ value: JSONValue
  ) -> [String: JSONValue]? {
    if let members = value.object { return members }
    report(key, "an object", value.shape)
    return nil
  }

  fileprivate mutating func moment(_ key: String, _ value: JSONValue) -> Instant? {
    let latest = now + Self.aheadMax
    var moment = value.string.flatMap { Instant(rfc3339: $0) }
    // Compared as seconds first: a number far out of range would not fit in nanoseconds.
    let seconds = Double(Self.timeMin.seconds)...Double(latest.seconds + 1)
    if let number = value.number, seconds.contains(number) {
      // Seconds and their fraction apart: as one double it would be exact to 256 ns only.
      let whole = number.rounded(.down)
      moment = Instant(seconds: Int64(whole)) + .nanoseconds(Int64((number - whole) * 1e9))
    }
    if let moment, moment >= Self.timeMin, moment <= latest { return moment }
    report(
      key, "RFC 3339 or Unix seconds, from 2000 to a day ahead of \(now)", value.shape)
    return nil
  }

  fileprivate mutating func dimensions(_ key: String, _ value: JSONValue) -> Bool {
    guard let members = object(key, value) else { return false }
    if members.count > Self.dimensionsMax {
      report(key, "at most \(Self.dimensionsMax) dimensions", "\(members.count)")
      return false
    }
    var isRight = true
    for (name, score) in members where number("dimensions.\(name)", score, in: 0...1) == nil {
      isRight = false
    }
    return isRight
  }
}

public import Model

/// Reads one feedback record out of JSON, and says all that is wrong with it at once.
///
/// Keys it does not know are kept in `details`. A member that is null counts as absent.
public struct RecordReader {
  /// The earliest time a record may have: 2000-01-01.
  static let timeMin = Instant(seconds: 946_684_800)
  /// How far ahead of now a record's time may be, for clocks that differ.
  static let aheadMax = Duration.seconds(86_400)
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
    guard let field = FeedbackField(rawValue: key) else {
      extra[key] = value
      return
    }
    switch field.form {
    case .identifier: identifier(key, value).map { keep(field, $0) }
    case .type: type = word(key, value, FeedbackType.self)
    case .source: word(key, value, FeedbackSource.self).map { source = $0 }
    case .moment: time = moment(key, value)
    case .number(let range): number(key, value, in: range).map { keep(field, $0, value) }
    case .integer(let range): whole(key, value, in: range).map { keep(field, $0, value) }
    case .text(let range): text(key, value, range).map { keep(field, $0) }
    case .object: object(key, value).map { given = $0 }
    case .scores(let countMax): if scores(key, value, countMax) { extra[key] = value }
    }
  }

  // What has no column of its own goes into the details.

  private mutating func keep(_ field: FeedbackField, _ text: String) {
    switch field {
    case .agent: agent = AgentID(text)
    case .operation: operation = text
    case .id: idempotencyID = text
    case .errorType: errorType = text
    default: extra[field.rawValue] = .string(text)
    }
  }

  private mutating func keep(_ field: FeedbackField, _ number: Double, _ value: JSONValue) {
    switch field {
    case .score: score = number
    case .rating: rating = number
    case .duration: duration = .milliseconds(number)
    case .memory: memory = number
    case .cpu: cpu = number
    default: extra[field.rawValue] = value
    }
  }

  private mutating func keep(_ field: FeedbackField, _ whole: Int64, _ value: JSONValue) {
    switch field {
    case .generation: generation = GenerationNumber(Int(whole))
    default: extra[field.rawValue] = value
    }
  }

  private mutating func finish() throws(KaizenError) -> FeedbackRecord {
    if agent == nil { missing(.agent) }
    if operation == nil { missing(.operation) }
    if type == nil { missing(.type) }
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

  fileprivate mutating func missing(_ field: FeedbackField) {
    let key = field.rawValue
    // What is there and wrong has been said.
    if problems.contains(where: { $0.key == key }) { return }
    report(key, "a value", "nothing", fix: "add \"\(key)\"")
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
    _ key: String, _ value: JSONValue, _ bytes: ClosedRange<Int>
  ) -> String? {
    if let text = value.string, bytes.contains(text.utf8.count) { return text }
    let count = value.string.map { "\($0.utf8.count) bytes" }
    report(key, "text of \(bytes.lowerBound) to \(bytes.upperBound) bytes", count ?? value.shape)
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

  fileprivate mutating func scores(
    _ key: String, _ value: JSONValue, _ countMax: Int
  ) -> Bool {
    guard let members = object(key, value) else { return false }
    if members.count > countMax {
      report(key, "at most \(countMax) dimensions", "\(members.count)")
      return false
    }
    var isRight = true
    for (name, score) in members where number("\(key).\(name)", score, in: 0...1) == nil {
      isRight = false
    }
    return isRight
  }
}

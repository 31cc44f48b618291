internal import Model
internal import SQLite

/// One row of feedback_entries as far as patterns need it.
struct StoredRecord: Sendable {
  var entry: Int64
  var agent: String
  var time: Int64
  var type: FeedbackType
  var operation: String
  var score: Double?
  var duration: Int64?
  var memory: Double?
  var cpu: Double?
  var errorType: String?
  var details: String?

  static let query = """
    SELECT id, (SELECT name FROM agents WHERE agents.id = agent), time, type, operation, score,
      duration, memory_mb, cpu_percent,
      (SELECT name FROM error_types WHERE error_types.id = error_type), details
    FROM feedback_entries WHERE id > ? ORDER BY id LIMIT ?
    """

  init(_ row: borrowing Row) throws(KaizenError) {
    entry = try row.integer(0)
    agent = try row.optionalText(1) ?? ""
    time = try row.integer(2)
    type = FeedbackType.byCode[Int(try row.integer(3))]
    operation = try row.text(4)
    score = try row.optionalReal(5)
    duration = try row.optionalInteger(6)
    memory = try row.optionalReal(7)
    cpu = try row.optionalReal(8)
    errorType = try row.optionalText(9)
    details = try row.optionalText(10)
  }

  /// The record with its texts as words of `journal`.
  func observation(_ details: JSONValue, in journal: inout AgentJournal) -> Observation {
    var seen = Observation(
      entry: entry, time: time, operation: Writer.key(0, operation), type: type,
      duration: Float(duration.map { Double($0) / 1e6 } ?? .nan), memory: Float(memory ?? .nan),
      cpu: Float(cpu ?? .nan))
    if type == .failure || errorType != nil {
      seen.errorType = journal.index(errorType)
      if let line = ErrorLine.find(in: details) {
        seen.text = journal.index(line)
        seen.template = journal.index(ErrorLine.template(of: line))
      }
    }
    seen.domain = journal.index(Self.word(details, .domain))
    seen.model = journal.index(Self.word(details, .model))
    seen.complexity = journal.index(Self.word(details, .complexity))
    seen.tool = journal.index(Self.word(details, .tool))
    seen.session = journal.index(Self.text(details["session_id"]))
    seen.scores = scores(details, &journal)
    return seen
  }

  private static func word(_ details: JSONValue, _ context: OperationContext) -> String? {
    for key in context.keys {
      if let text = text(details[key]) { return text }
    }
    return nil
  }

  /// A word, or a number as one: complexity is said either way.
  private static func text(_ value: JSONValue?) -> String? {
    switch value {
    case .string(let text)
    where !text.isEmpty && text.utf8.count <= Insights.wordBytesMax
      && !text.unicodeScalars.contains { $0.value < 32 }:
      text
    case .integer(let number): "\(number)"
    default: nil
    }
  }

  /// The dimensions that the record scores: those it names, and its own type.
  private func scores(
    _ details: JSONValue, _ journal: inout AgentJournal
  ) -> [Observation.Score] {
    var scores: [Observation.Score] = []
    for (name, value) in (details["dimensions"]?.object ?? [:]).sorted(by: { $0.key < $1.key })
      .prefix(Insights.dimensionsMax)
    {
      // Under `details` nobody has checked them: what is no score is passed over.
      guard let number = value.number, (0...1).contains(number),
        name.utf8.count <= Insights.wordBytesMax
      else { continue }
      scores.append(.init(dimension: journal.index(name), value: Float(number)))
    }
    guard let score, let name = Self.dimension(of: type) else { return scores }
    return scores + [.init(dimension: journal.index(name), value: Float(score))]
  }

  /// What a record's score is about; a success's own score is no dimension.
  private static func dimension(of type: FeedbackType) -> String? {
    switch type {
    case .qualityScore: "quality"
    case .userRating: "user rating"
    case .coverage, .security, .documentation: type.rawValue
    case .success, .failure, .performance: nil
    }
  }
}

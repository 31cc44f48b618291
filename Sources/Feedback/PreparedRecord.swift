internal import Model

/// A record in the form it is written in; made on the sender's thread, not the writer's.
struct PreparedRecord: Sendable {
  var agent: String
  var operation: String
  /// `FeedbackType.code`.
  var type: UInt8
  /// `FeedbackSource.code`.
  var source: UInt8
  /// Nanoseconds since the epoch.
  var time: Int64
  /// NaN: absent; so for the other numbers.
  var score: Double
  /// Nanoseconds; −1: absent.
  var duration: Int64
  var memory: Double
  var cpu: Double
  var errorType: String?
  /// 0: absent.
  var generation: Int32
  var idempotencyID: String?
  /// JSON text.
  var details: String?

  init(_ record: FeedbackRecord) {
    agent = record.agent.text
    operation = record.operation
    type = record.type.code
    source = record.source.code
    time = record.time.nanoseconds
    score = record.type == .failure ? 0 : record.score ?? .nan
    duration = record.duration?.nanoseconds ?? -1
    memory = record.memoryMegabytes ?? .nan
    cpu = record.cpuPercent ?? .nan
    errorType = record.errorType
    generation = Int32(clamping: record.generation?.value ?? 0)
    idempotencyID = record.idempotencyID
    details = record.details.isEmpty ? nil : JSONValue.object(record.details).text()
  }

  /// Roughly what it takes in memory while it waits, in bytes.
  var weight: Int { 256 + (details?.utf8.count ?? 0) }
}

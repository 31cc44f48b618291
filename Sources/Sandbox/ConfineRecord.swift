/// What kaizen-confine says over the channel: one datagram, fields ended by NUL (report.c).
enum ConfineRecord: Equatable {
  /// The program was executed.
  case running
  /// A part of the sandbox, what it is, and why it is no better.
  case note(feature: String, state: String, reason: String)
  /// The set-up ended at this call.
  case failure(ConfineFailure)
  /// The command ended.
  case end(how: String, code: Int32, peakBytes: Int, processorMicroseconds: Int64)
  /// What the cgroup counted.
  case memory(peakBytes: Int, outOfMemoryKills: Int)

  init?(_ bytes: [UInt8]) {
    let fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    switch (fields.first, fields.count - 1) {  // a last, empty part follows the last NUL
    case ("running", 1): self = .running
    case ("note", 4): self = .note(feature: fields[1], state: fields[2], reason: fields[3])
    case ("fail", 5):
      self = .failure(
        ConfineFailure(
          call: fields[1], code: Int32(fields[2]) ?? 0, subject: fields[3], fix: fields[4]))
    case ("end", 5):
      self = .end(
        how: fields[1], code: Int32(fields[2]) ?? -1, peakBytes: (Int(fields[3]) ?? 0) * 1024,
        processorMicroseconds: Int64(fields[4]) ?? 0)
    case ("memory", 3):
      self = .memory(peakBytes: Int(fields[1]) ?? 0, outOfMemoryKills: Int(fields[2]) ?? 0)
    default: return nil
    }
  }
}

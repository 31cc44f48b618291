internal import JSONStream
public import Model
internal import SimdJSON

/// What became of the lines of one body.
public struct IngestResult: Sendable {
  /// The most refused lines that are named.
  public static let rejectedMax = 100

  /// One line that was not stored.
  public struct Rejected: Hashable, Sendable {
    /// Counted from 1.
    public var line: Int
    /// Why.
    public var error: KaizenError
  }

  /// Records stored; durable.
  public internal(set) var stored = 0
  /// Records whose id had been stored before.
  public internal(set) var duplicate = 0
  /// The first of the lines refused, in order.
  public internal(set) var rejected: [Rejected] = []
  /// How many lines were refused.
  public internal(set) var rejectedCount = 0
  /// The numbers of all lines refused.
  public private(set) var rejectedLines: Set<Int> = []

  /// The first refusal that was no record's own fault: what was refused with it may be stored later.
  public private(set) var setback: KaizenError?

  /// What a record is refused with for what it is; anything else is the store's.
  private static let ownFaults: Set<KaizenError.Code> = [
    "E_JSON", "E_RECORD", "E_TOO_LARGE", "E_TOO_MANY_AGENTS",
  ]

  mutating func reject(_ line: Int, _ error: KaizenError) {
    rejectedCount += 1
    rejectedLines.insert(line)
    if setback == nil && !Self.ownFaults.contains(error.code) { setback = error }
    rejected.append(Rejected(line: line, error: error))
    if rejected.count > 2 * Self.rejectedMax { trim() }
  }

  mutating func trim() {
    rejected.sort { $0.line < $1.line }
    rejected = Array(rejected.prefix(Self.rejectedMax))
  }
}

extension FeedbackLoop {
  /// Stores the records of `body`: one a line, or a single one written over several lines.
  ///
  /// Every line is accounted for: stored, duplicate or rejected, also where the disk refuses midway.
  /// - Throws: `E_RECORD` for a body without a record.
  public func ingest(_ body: [UInt8]) throws(KaizenError) -> IngestResult {
    var intake = try Intake(loop: self)
    for line in JSONLines(body) {
      if intake.lineCount == 0, intake.takeWhole(body, firstLine: line) { break }
      intake.take(body, line)
    }
    if intake.lineCount == 0 {
      throw KaizenError("E_RECORD", "the body has no record", hint: "send one { … } a line")
    }
    return intake.finish()
  }
}

/// The records of one body on their way: read here, while earlier ones are being written.
struct Intake: ~Copyable {
  private let loop: FeedbackLoop
  private let now: Instant
  private var parser: JSONParser
  private var records: [PreparedRecord] = []
  private var lines: [Int] = []
  private var weight = 0
  private var waiting: [(ticket: Ticket, lines: [Int])] = []
  private var result = IngestResult()
  private(set) var lineCount = 0

  init(loop: FeedbackLoop) throws(KaizenError) {
    self.loop = loop
    now = loop.options.now()
    parser = try JSONParser(limits: JSONLimits(bytesMax: JSONLines.lineBytesMax))
  }

  /// Takes all of `body` as one record, where its first line alone is no JSON, but all of it is.
  mutating func takeWhole(_ body: [UInt8], firstLine line: JSONLines.Line) -> Bool {
    guard body.count <= JSONLines.lineBytesMax, line.range.upperBound < body.count,
      parsed(body, line.range) == nil, let value = parsed(body, 0..<body.count)
    else { return false }
    do throws(KaizenError) {
      add(PreparedRecord(try RecordReader.record(from: value, now: now)), line: 1)
    } catch {
      lineCount += 1
      result.reject(1, error)
    }
    return true
  }

  private mutating func parsed(_ body: [UInt8], _ range: Range<Int>) -> JSONValue? {
    // What is wrong is said when the line is taken by itself.
    try? parser.parse(body, in: range)
  }

  mutating func take(_ body: [UInt8], _ line: JSONLines.Line) {
    if line.isTooLong {
      lineCount += 1
      result.reject(
        line.number,
        KaizenError(
          "E_TOO_LARGE",
          "the line has \(line.range.count) bytes, the limit is \(JSONLines.lineBytesMax)",
          hint: "shorten its details"))
      return
    }
    do throws(KaizenError) {
      let value = try parser.parse(body, in: line.range, firstLine: line.number)
      add(PreparedRecord(try RecordReader.record(from: value, now: now)), line: line.number)
    } catch {
      lineCount += 1
      result.reject(line.number, error)
    }
  }

  mutating func add(_ record: PreparedRecord, line: Int) {
    lineCount += 1
    records.append(record)
    lines.append(line)
    weight += record.weight
    if records.count >= FeedbackLoop.batchRecordsMax || weight > 4 << 20 { send() }
  }

  mutating func finish() -> IngestResult {
    send()
    while !waiting.isEmpty { settle() }
    result.trim()
    return result
  }

  private mutating func send() {
    if records.isEmpty { return }
    if waiting.count >= FeedbackLoop.batchesInFlightMax { settle() }
    do throws(KaizenError) {
      let ticket = try loop.writer.queue.submit(.records(records))
      waiting.append((ticket, lines))
    } catch {
      for line in lines { result.reject(line, error) }
    }
    records.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    weight = 0
  }

  /// Waits for the oldest batch.
  private mutating func settle() {
    let (ticket, lines) = waiting.removeFirst()
    do throws(KaizenError) {
      let outcome = try ticket.wait()
      result.stored += outcome.stored
      result.duplicate += outcome.duplicate
      for (index, error) in outcome.refused { result.reject(lines[index], error) }
    } catch {
      for line in lines { result.reject(line, error) }
    }
  }
}

import Feedback
import JSONStream
import Linux
import Model
import SimdJSON

/// Feedback that comes while its database is broken: kept in the spool, durably, until it is mended.
struct DeferredFeedback: Sendable {
  /// Where it waits.
  let spool: SpoolFile

  /// Most bytes that wait: 64 MiB; then feedback is refused.
  static let bytesMax = 64 << 20

  init(spoolFolder: String) {
    spool = SpoolFile(spoolFolder + "/deferred.ndjson", bytesMax: Self.bytesMax)
  }

  /// What became of the lines of one body.
  struct Result {
    var spooled = 0
    var rejected = IngestRejections()
  }

  /// Keeps each good line, with the time and an id of its own where it has none: it is stored once,
  /// and as of now.
  /// - Throws: `E_DEGRADED` where the spool cannot take them.
  func take(_ body: [UInt8], _ broken: Degradation) throws(KaizenError) -> Result {
    let now = Instant(nanoseconds: Clock.wallNanoseconds())
    var parser = try JSONParser(limits: JSONLimits(bytesMax: JSONLines.lineBytesMax))
    var result = Result()
    var lines: [UInt8] = []
    for line in JSONLines(body) {
      do throws(KaizenError) {
        if line.isTooLong { throw KaizenError("E_TOO_LARGE", "the line is too long") }
        let value = try parser.parse(body, in: line.range, firstLine: line.number)
        _ = try RecordReader.record(from: value, now: now)
        var members = value.object ?? [:]
        if members["time"] ?? .null == .null { members["time"] = .string(now.description) }
        if members["id"] ?? .null == .null { members["id"] = .string(Self.freshID(now)) }
        if result.spooled > 0 { lines.append(UInt8(ascii: "\n")) }
        lines += Array(JSONValue.object(members).text().utf8)
        result.spooled += 1
      } catch {
        result.rejected.add(line.number, error)
      }
    }
    if result.spooled > 0 {
      do {
        try spool.append(lines, isDurable: true)
      } catch {
        throw KaizenError(
          "E_DEGRADED", "\(broken.path) is broken, and the spool takes no more: \(error)",
          hint: "keep the records and send them again when the file is restored")
      }
    }
    return result
  }

  private static func freshID(_ now: Instant) -> String {
    "deferred-\(now.nanoseconds)-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}

/// Lines that were refused: the first of them, and how many.
struct IngestRejections {
  private(set) var first: [(line: Int, error: KaizenError)] = []
  private(set) var count = 0

  mutating func add(_ line: Int, _ error: KaizenError) {
    count += 1
    if first.count < IngestResult.rejectedMax { first.append((line, error)) }
  }
}

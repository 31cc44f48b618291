internal import Control
internal import Glibc
internal import Linux
internal import Model

/// Sends a file of records in requests of a bounded size, so that any file and any pipe can be sent.
struct BulkRecord {
  private let call: Invocation

  /// Bytes from which a request is sent: 4 MiB, far below what the daemon takes.
  private static let requestBytes = 4 << 20
  /// The longest line that can be sent at all; the daemon refuses shorter ones already.
  private static let lineBytesMax = 16 << 20
  /// Rejected lines that are shown.
  private static let rejectedShownMax = 100

  init(_ call: Invocation) { self.call = call }

  func send(_ file: String) throws(KaizenError) -> ExitStatus {
    let client = try call.client()
    let began = Clock.monotonic()
    defer { call.terminal.endWaiting() }
    var total = FeedbackAnswer(stored: 0, duplicate: 0)
    var lineCount = 0
    try eachPart(of: file) { part throws(KaizenError) in
      let answer = try Self.answer(of: client, to: part)
      total.stored += answer.stored
      if let spooled = answer.spooled { total.spooled = (total.spooled ?? 0) + spooled }
      total.duplicate += answer.duplicate
      total.rejectedCount += answer.rejectedCount
      let room = Self.rejectedShownMax - total.rejected.count
      total.rejected += answer.rejected.prefix(max(0, room)).map { rejected in
        RejectedRecord(line: rejected.line + lineCount, error: rejected.error)
      }
      lineCount += part.count { $0 == UInt8(ascii: "\n") }
      if Clock.monotonic() - began > .seconds(1) {
        call.terminal.show("record \(file): \(lineCount) lines, \(total.stored) stored")
      }
    }
    call.terminal.endWaiting()
    let status = call.answer(.init(value: total, json: total.json)) { total in
      [
        "\(total.stored) stored, \(total.duplicate) duplicates, \(total.rejectedCount) rejected"
          + (total.spooled.map { ", \($0) spooled: their database is broken" } ?? "")
      ]
    }
    for rejected in total.rejected {
      call.terminal.remark("line \(rejected.line): \(rejected.error)")
    }
    return total.rejectedCount > 0 ? .failed : status
  }

  /// What became of the records of one part.
  ///
  /// The daemon refuses a record that comes alone as a request; in a file it is a line like others.
  private static func answer(
    of client: ControlClient, to part: [UInt8]
  ) throws(KaizenError) -> FeedbackAnswer {
    do {
      let json = try client.ask(.recordFeedback, bytes: part, timeout: .seconds(120))
      return try FeedbackAnswer(json: json)
    } catch {
      let lines = part.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let isBlank: (ArraySlice<UInt8>) -> Bool = { line in
        line.allSatisfy { [9, 13, 32].contains($0) }
      }
      guard recordErrors.contains(error.code.rawValue),
        let only = lines.firstIndex(where: { !isBlank($0) }),
        lines[(only + 1)...].allSatisfy(isBlank)
      else { throw error }
      return FeedbackAnswer(
        stored: 0, duplicate: 0,
        rejected: [RejectedRecord(line: only + 1, error: error.description)], rejectedCount: 1)
    }
  }

  /// Errors that are about a record and not about the request.
  private static let recordErrors: Set<String> = ["E_JSON", "E_RECORD", "E_TOO_LARGE"]

  /// Reads the file and hands it over in parts that end with a line.
  private func eachPart(
    of file: String, _ body: ([UInt8]) throws(KaizenError) -> Void
  ) throws(KaizenError) {
    let input = try open(file)
    var waiting: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try read(input, &chunk, file)
      if count == 0 { break }
      waiting += chunk[..<count]
      guard waiting.count >= Self.requestBytes else { continue }
      if let end = waiting.lastIndex(of: UInt8(ascii: "\n")) {
        try body(Array(waiting[...end]))
        waiting.removeSubrange(...end)
      } else if waiting.count > Self.lineBytesMax {
        throw KaizenError(
          "E_TOO_LARGE", "\(file): a line of over \(Self.lineBytesMax) bytes",
          hint: "a record may have 1 MiB")
      }
    }
    if !waiting.isEmpty { try body(waiting) }
  }

  private func open(_ file: String) throws(KaizenError) -> FileDescriptor {
    do {
      if file == "-" { return FileDescriptor(owning: 0) }
      return try FileDescriptor.open(file, O_RDONLY)
    } catch {
      throw KaizenError("E_PATH", "cannot read \(file): \(SystemError.text(error.code))")
    }
  }

  private func read(
    _ input: borrowing FileDescriptor, _ chunk: inout [UInt8], _ file: String
  ) throws(KaizenError) -> Int {
    let raw = input.raw
    do {
      return try retrying("read", file) { Glibc.read(raw, &chunk, chunk.count) }
    } catch {
      throw KaizenError("E_PATH", "cannot read \(file): \(SystemError.text(error.code))")
    }
  }
}

internal import Glibc
internal import Linux
import Model

/// What a program writes: its standard output up to a limit, and the end of its standard error.
final class ProgramStreams {
  /// Bytes of standard error that are kept, the last ones.
  static let lastWordsByteCount = 4096
  /// Lines of standard error that a message shows.
  private static let lastLineCount = 3
  /// Bytes read at a time.
  private static let chunkByteCount = 64 << 10

  /// Why reading stopped.
  enum Reason {
    /// Both streams are at their end.
    case complete
    /// The time is up.
    case deadline
    /// Standard output has more than the limit.
    case flood
  }

  private let output: FileDescriptor
  private let errors: FileDescriptor
  private var programOutput: FileDescriptor?
  private var programErrors: FileDescriptor?
  /// What came on standard output.
  private(set) var bytes: [UInt8] = []
  private var tail: [UInt8] = []

  /// Makes two pipes.
  init() throws(SystemError) {
    let first = try DescriptorPair.pipe()
    let second = try DescriptorPair.pipe()
    try Self.openToAll([first.second.raw, second.second.raw])
    output = first.first
    programOutput = .some(first.second)
    errors = second.first
    programErrors = .some(second.second)
  }

  /// Lets the sandbox's own user open the pipes again, as `echo x > /dev/stderr` does: the mode of
  /// a pipe is its inode's, fchmod(2); there is no other way to it than its descriptors.
  static func openToAll(_ pipes: [Int32]) throws(SystemError) {
    for pipe in pipes { try retrying("fchmod") { fchmod(pipe, 0o666) } }
  }

  /// Lends the program's ends to `start`, then closes them here, so that its end is an end of file.
  func lendEnds<R>(
    _ start: (_ output: Int32, _ errors: Int32) throws(KaizenError) -> R
  ) throws(KaizenError) -> R {
    defer {
      programOutput = nil
      programErrors = nil
    }
    return try start(programOutput?.raw ?? -1, programErrors?.raw ?? -1)
  }

  /// Reads both streams to their end, until `deadline`, or until `limit` is passed.
  func read(limit: Int, until deadline: Duration) throws(SystemError) -> Reason {
    var interests = [Poll.Interest(output.raw, .read), Poll.Interest(errors.raw, .read)]
    while interests.contains(where: { $0.descriptor >= 0 }) {
      let left = deadline - Clock.monotonic()
      // A flood must not hide that the time is up, so the clock is asked each turn.
      if left <= .zero { return .deadline }
      if try Poll.wait(&interests, timeout: left) == 0 { return .deadline }
      for index in interests.indices where !interests[index].ready.isEmpty {
        let chunk = try Self.readChunk(interests[index].descriptor)
        if chunk.isEmpty { interests[index].descriptor = -1 }  // poll(2) passes over it
        if index == 0 { bytes += chunk } else { keep(chunk) }
      }
      if bytes.count > limit { return .flood }
    }
    return .complete
  }

  private static func readChunk(_ descriptor: Int32) throws(SystemError) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: chunkByteCount)
    let count = try retrying("read") {
      chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    }
    return Array(chunk[..<count])
  }

  private func keep(_ chunk: [UInt8]) {
    tail += chunk
    tail.removeFirst(max(0, tail.count - Self.lastWordsByteCount))
  }

  /// The last lines of standard error as one.
  var lastWords: String { Self.lastLines(tail) }

  /// The last lines of `bytes` as one.
  static func lastLines(_ bytes: [UInt8]) -> String {
    let lines = String(decoding: bytes.suffix(lastWordsByteCount), as: UTF8.self)
      .split(whereSeparator: \.isNewline)
      .map { AnswerCollector.oneLine(String($0)) }.filter { !$0.isEmpty }
    return lines.suffix(lastLineCount).joined(separator: " | ")
  }
}

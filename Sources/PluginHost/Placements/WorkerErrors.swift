internal import Glibc
internal import Linux
import Model

/// The standard error of a worker: kept in the pipe itself, read only when it matters.
final class WorkerErrors: Sendable {
  private let reading: FileDescriptor
  /// The worker's end, lent; the daemon's copy lives as long as this.
  ///
  /// It does not block: a plugin that writes more than the pipe holds (64 KiB, pipe(7)) loses the
  /// rest instead of hanging.
  let writing: FileDescriptor

  init() throws(KaizenError) {
    do {
      let pipe = try DescriptorPair.pipe()
      for end in [pipe.first.raw, pipe.second.raw] {
        try retrying("fcntl") { fcntl(end, F_SETFL, O_NONBLOCK) }
      }
      try ProgramStreams.openToAll([pipe.second.raw])
      reading = pipe.first
      writing = pipe.second
    } catch {
      throw KaizenError(
        "E_SYSTEM", "no pipe for a worker: \(error)", hint: "raise the limit of open files")
    }
  }

  /// The last lines that the worker wrote, as one.
  func lastWords() -> String { ProgramStreams.lastLines(written()) }

  /// Where the plugin is, by the worker's own last line; nil where none comes in time.
  func stack(within timeout: Duration) -> String? {
    let limit = Clock.monotonic() + timeout
    repeat {
      let line = ProgramStreams.lastLines(written()).split(separator: " | ").last
      if let line, line.hasPrefix("in ") { return String(line) }
      var ready = pollfd(fd: reading.raw, events: Int16(POLLIN), revents: 0)
      let left = max(.zero, limit - Clock.monotonic())
      poll(&ready, 1, Int32(clamping: (left.nanoseconds + 999_999) / 1_000_000))
    } while Clock.monotonic() < limit
    return nil
  }

  /// What has been written since it was last asked for.
  private func written() -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count < 1 << 20 {
      let count = chunk.withUnsafeMutableBytes { read(reading.raw, $0.baseAddress, $0.count) }
      if count <= 0 { break }  // EAGAIN: all that is there was read
      bytes += chunk[..<count]
    }
    return bytes
  }
}

internal import Glibc
internal import Linux

/// Sees the end of what a child writes to stderr without being in its way.
///
/// A terminal stays the child's own, and nothing is seen. A regular file stays its own too, and
/// its end is read from the file afterwards. Anything else gets a pipe before it, whose contents
/// are passed on at once; where stdout goes to the same pipe or socket, both go through this one,
/// so that their order stays.
final class ErrorTap {
  /// The last bytes seen.
  private(set) var tail: [UInt8] = []

  private enum Way {
    case unseen
    case file(from: Int)
    case pipe(hasOutput: Bool)
  }

  private let way: Way
  private var source: Int32 = -1
  private var childEnd: Int32 = -1
  private var pending: [UInt8] = []
  private var isSinkOpen = true

  /// Bytes that are kept for the record.
  static let tailBytesMax = 4096
  /// Bytes that wait for whoever reads stderr; then the child waits, as it would without us.
  private static let pendingBytesMax = 65_536
  /// What a pipe that is ready takes without blocking: PIPE_BUF, pipe(7).
  private static let writeBytesMax = 4096

  init() throws(SystemError) {
    way = Self.choose()
    guard case .pipe = way else { return }
    let pipe = try DescriptorPair.pipe()
    source = try pipe.first.duplicate().release()
    childEnd = try pipe.second.duplicate().release()
    _ = fcntl(source, F_SETFL, fcntl(source, F_GETFL) | O_NONBLOCK)
  }

  deinit {
    closeSource()
    childHasStarted()
  }

  /// Stdin, stdout and stderr of the child.
  var childDescriptors: [Int32: Int32] {
    guard case .pipe(let hasOutput) = way else { return [0: 0, 1: 1, 2: 2] }
    return [0: 0, 1: hasOutput ? childEnd : 1, 2: childEnd]
  }

  /// Closes our copy of the child's end, so that its own is the last.
  func childHasStarted() {
    if childEnd >= 0 { close(childEnd) }
    childEnd = -1
  }

  /// What to wait for before the next `relay`: the source, then the sink.
  var interests: [Poll.Interest] {
    [
      Poll.Interest(pending.count < Self.pendingBytesMax ? source : -1, .read),
      Poll.Interest(pending.isEmpty ? -1 : 2, .write),
    ]
  }

  /// Passes on what is ready.
  func relay(_ ready: [Poll.Interest]) {
    if !ready[0].ready.isEmpty { _ = takeOnce() }
    if !ready[1].ready.isEmpty { giveOnce() }
  }

  /// The child has ended: passes on the rest.
  func finish() {
    if case .file(let start) = way { readFile(from: start) }
    if source < 0 { return }
    var isAtEnd = false
    while true {
      let count = takeOnce()
      isAtEnd = count == 0
      while !pending.isEmpty { giveOnce() }
      if count <= 0 { break }
    }
    // Something that outlives the child still holds the pipe: it must not lose its reader.
    if !isAtEnd && source >= 0 { handOver() }
    closeSource()
  }

  private static func choose() -> Way {
    var status = stat()
    if isatty(2) == 1 || fstat(2, &status) != 0 { return .unseen }
    if status.st_mode & S_IFMT == S_IFREG {
      // With O_APPEND every write goes to the end, wherever the offset stands: open(2).
      let isAppending = fcntl(2, F_GETFL) & O_APPEND != 0
      return .file(from: isAppending ? Int(status.st_size) : Int(lseek(2, 0, SEEK_CUR)))
    }
    var output = stat()
    let isShared =
      fstat(1, &output) == 0 && output.st_dev == status.st_dev && output.st_ino == status.st_ino
    let isStream = [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
    return .pipe(hasOutput: isShared && isStream)
  }

  /// Bytes taken: 0 at the end, -1 where nothing is there.
  private func takeOnce() -> Int {
    if source < 0 { return 0 }
    var chunk = [UInt8](repeating: 0, count: Self.pendingBytesMax)
    let count = read(source, &chunk, chunk.count)
    if count < 0 { return -1 }
    if count == 0 {
      closeSource()
      return 0
    }
    remember(chunk[..<count])
    if isSinkOpen { pending += chunk[..<count] }
    return count
  }

  private func giveOnce() {
    let part = pending.prefix(Self.writeBytesMax)
    let count = part.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    if count > 0 {
      pending.removeFirst(count)
    } else if count < 0 && errno == EAGAIN {
      // Somebody made it non-blocking: wait for room. An error of poll shows at the next write.
      var interest = [Poll.Interest(2, .write)]
      _ = try? Poll.wait(&interest, timeout: nil)  // seen at the next write
    } else if count < 0 && errno != EINTR {
      // Nobody reads any more: the child is to notice, as it would without us.
      isSinkOpen = false
      pending = []
      closeSource()
    }
  }

  private func remember(_ bytes: ArraySlice<UInt8>) {
    tail += bytes
    if tail.count > Self.tailBytesMax { tail.removeFirst(tail.count - Self.tailBytesMax) }
  }

  private func readFile(from start: Int) {
    var status = stat()
    guard start >= 0, fstat(2, &status) == 0, status.st_size > start else { return }
    let from = max(start, Int(status.st_size) - Self.tailBytesMax)
    // Stderr is often open for writing only; proc(5) opens the same file anew. try? because a
    // file that may not be read is simply not seen.
    guard let file = try? FileDescriptor.open("/proc/self/fd/2", O_RDONLY) else { return }
    var bytes = [UInt8](repeating: 0, count: Self.tailBytesMax)
    let count = pread(file.raw, &bytes, bytes.count, from)
    if count > 0 { tail = Array(bytes[..<count]) }
  }

  /// Leaves a small process behind that goes on passing on, until the last writer is gone.
  private func handOver() {
    _ = fcntl(source, F_SETFL, fcntl(source, F_GETFL) & ~O_NONBLOCK)
    ChildProcess.leave(
      ChildCommand(words: ["/bin/cat"], environment: [:], descriptors: [0: source, 1: 2, 2: 2]))
  }

  private func closeSource() {
    if source >= 0 { close(source) }
    source = -1
  }
}

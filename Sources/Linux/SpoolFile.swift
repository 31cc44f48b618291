internal import Glibc

/// Lines that wait in a directory for a process that is not there yet.
///
/// Writers append whole lines under the file's lock; the reader takes all under the same lock and
/// removes the file, so no line is read twice and none is lost.
public struct SpoolFile: Hashable, Sendable {
  /// The file.
  public var path: String
  /// Most bytes it may have, and most that the reader is handed at once; a line that does not fit
  /// is refused.
  public var bytesMax: Int
  /// How long to wait for the lock: whoever holds it may have been stopped.
  public var patience = Duration.seconds(2)

  /// How often a writer finds the file removed beneath it and opens the new one.
  private static let attemptCountMax = 10
  /// Between two attempts at the lock, which is held for as long as a few lines take.
  private static let lockInterval = Duration.milliseconds(1)

  /// The spool at `path`, whose directory is made as needed; by default of at most 16 MiB.
  public init(_ path: String, bytesMax: Int = 16 << 20) {
    self.path = path
    self.bytesMax = bytesMax
  }

  /// Adds `line`, which has no line end.
  /// - Parameter isDurable: whether it survives power loss when this returns.
  /// - Throws: `EFBIG` where it does not fit, `ENOSPC` where the disk is full, `EWOULDBLOCK` where
  ///   somebody keeps the lock; then none of it stays.
  public func append(
    _ line: some Sequence<UInt8>, isDurable: Bool = false
  ) throws(SystemError) {
    try Files.makeDirectories(Files.parent(of: path))
    for _ in 0..<Self.attemptCountMax {
      // Neither a link nor a FIFO, whose opening may never end, goes for the file.
      let file = try FileDescriptor.open(
        path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
      let status = try locked(file)
      if status.st_nlink == 0 { continue }
      // The end of a line that a crash cut short must not spoil this one.
      let start = try isTorn(file, status) ? [UInt8(ascii: "\n")] : []
      let bytes = start + Array(line) + [UInt8(ascii: "\n")]
      if Int(status.st_size) + bytes.count > bytesMax {
        throw SystemError("write", "\(path): over \(bytesMax) bytes", code: EFBIG)
      }
      do throws(SystemError) {
        try file.writeAll(bytes)
        if isDurable {
          try file.sync()
          try Files.syncDirectory(Files.parent(of: path))
        }
        return
      } catch {
        ftruncate(file.raw, status.st_size)  // half a line would spoil the next one
        throw SystemError(error.call, path, code: error.code)
      }
    }
    throw SystemError("open", path, code: EAGAIN)
  }

  /// Hands all lines to `body`, whole ones and at most `bytesMax` at a time, and removes them
  /// unless it throws; nothing where there is no file.
  ///
  /// A last line without an end, as a crash leaves one, is handed over as it is. Where `body`
  /// throws midway, all lines come again: it must know those it has taken.
  public func take(_ body: ([UInt8]) throws -> Void) throws {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch {
      if error.code == ENOENT { return }
      throw error
    }
    if try locked(file).st_nlink == 0 { return }
    var rest: [UInt8] = []
    while true {
      rest += try portion(of: file, bytesMax - rest.count)
      if rest.isEmpty { break }
      let isLast = rest.count < bytesMax
      // Without any line end it is no line of ours; the reader is to judge it as it stands.
      let end = isLast ? rest.count : (rest.lastIndex(of: UInt8(ascii: "\n")) ?? rest.count - 1) + 1
      try body(Array(rest[..<end]))
      rest.removeFirst(end)
      if isLast { break }
    }
    if unlink(path) != 0 { throw SystemError("unlink", path) }
  }

  /// Waits for the lock, and says what the file is then.
  private func locked(_ file: borrowing FileDescriptor) throws(SystemError) -> stat {
    var status = stat()
    if fstat(file.raw, &status) != 0 { throw SystemError("fstat", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError("open, which wants a regular file,", path, code: ENOTSUP)
    }
    let end = Clock.monotonic() + patience
    while try !file.tryLock() {
      if Clock.monotonic() >= end { throw SystemError("flock", path, code: EWOULDBLOCK) }
      var nobody: [Poll.Interest] = []
      try Poll.wait(&nobody, timeout: Self.lockInterval)
    }
    if fstat(file.raw, &status) != 0 { throw SystemError("fstat", path) }
    return status
  }

  private func isTorn(
    _ file: borrowing FileDescriptor, _ status: stat
  ) throws(SystemError) -> Bool {
    if status.st_size == 0 { return false }
    var last: UInt8 = 0
    let raw = file.raw
    _ = try retrying("pread", path) { pread(raw, &last, 1, status.st_size - 1) }
    return last != UInt8(ascii: "\n")
  }

  /// The next `count` bytes; fewer at the end of the file.
  private func portion(
    of file: borrowing FileDescriptor, _ count: Int
  ) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(count, 65_536))
    let raw = file.raw
    while bytes.count < count {
      let wanted = min(chunk.count, count - bytes.count)
      let taken = try retrying("read", path) { read(raw, &chunk, wanted) }
      if taken == 0 { break }
      bytes += chunk[..<taken]
    }
    return bytes
  }
}

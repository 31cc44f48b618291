internal import Glibc

/// Lines that wait in a directory for a process that is not there yet.
///
/// Writers append whole lines under the file's lock; the reader takes all under the same lock and
/// removes the file, so no line is read twice and none is lost.
public struct SpoolFile: Hashable, Sendable {
  /// The file.
  public var path: String
  /// Most bytes it may have; a line that does not fit is refused.
  public var bytesMax: Int

  /// How often a writer finds the file removed beneath it and opens the new one.
  private static let attemptCountMax = 10

  /// The spool at `path`, whose directory is made as needed; by default of at most 16 MiB.
  public init(_ path: String, bytesMax: Int = 16 << 20) {
    self.path = path
    self.bytesMax = bytesMax
  }

  /// Adds `line`, which has no line end.
  /// - Parameter isDurable: whether it survives power loss when this returns.
  /// - Throws: `EFBIG` where it does not fit, `ENOSPC` where the disk is full; then none of it stays.
  public func append(
    _ line: some Sequence<UInt8>, isDurable: Bool = false
  ) throws(SystemError) {
    try Files.makeDirectories(Files.parent(of: path))
    let bytes = Array(line) + [UInt8(ascii: "\n")]
    for _ in 0..<Self.attemptCountMax {
      let file = try FileDescriptor.open(path, O_WRONLY | O_APPEND | O_CREAT)
      let raw = file.raw
      try retrying("flock", path) { flock(raw, LOCK_EX) }
      var status = stat()
      if fstat(raw, &status) != 0 { throw SystemError("fstat", path) }
      if status.st_nlink == 0 { continue }
      if status.st_size + bytes.count > bytesMax {
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
        ftruncate(raw, status.st_size)  // half a line would spoil the next one
        throw error
      }
    }
    throw SystemError("open", path, code: EAGAIN)
  }

  /// Hands all lines to `body` and removes them, unless it throws; nothing where there is no file.
  public func take(_ body: ([UInt8]) throws -> Void) throws {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(path, O_RDONLY)
    } catch {
      if error.code == ENOENT { return }
      throw error
    }
    let raw = file.raw
    try retrying("flock", path) { flock(raw, LOCK_EX) }
    try body(try file.readAll(limit: bytesMax))
    if unlink(path) != 0 { throw SystemError("unlink", path) }
  }
}

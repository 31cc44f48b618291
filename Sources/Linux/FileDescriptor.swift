public import Glibc

/// An open file descriptor, closed when it goes out of scope.
public struct FileDescriptor: ~Copyable, Sendable {
  /// The number, lent: valid as long as this owner lives.
  public let raw: Int32

  /// Takes ownership of an open descriptor.
  public init(owning raw: Int32) { self.raw = raw }

  deinit { Glibc.close(raw) }  // close(2): never retried, the number is gone even on EINTR

  /// Gives up ownership.
  public consuming func release() -> Int32 {
    let raw = raw
    discard self
    return raw
  }

  /// Opens `path`; `O_CLOEXEC` is always set.
  public static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0o600
  ) throws(SystemError) -> FileDescriptor {
    FileDescriptor(
      owning: try retrying("open", path) { Glibc.open(path, flags | O_CLOEXEC, mode) })
  }

  /// Opens `path` relative to the directory `directory`; `O_CLOEXEC` is always set.
  public static func open(
    _ path: String, in directory: borrowing FileDescriptor, _ flags: Int32, mode: mode_t = 0o600
  ) throws(SystemError) -> FileDescriptor {
    let parent = directory.raw
    return FileDescriptor(
      owning: try retrying("openat", path) { openat(parent, path, flags | O_CLOEXEC, mode) })
  }

  /// Another descriptor of the same open file.
  public borrowing func duplicate() throws(SystemError) -> FileDescriptor {
    let raw = raw
    return FileDescriptor(owning: try retrying("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 0) })
  }

  /// Writes all of `bytes`.
  public borrowing func writeAll(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    let data = Array(bytes)
    let raw = raw
    var offset = 0
    while offset < data.count {
      offset += try retrying("write") {
        data[offset...].withUnsafeBytes { Glibc.write(raw, $0.baseAddress, $0.count) }
      }
    }
  }

  /// Reads to the end of the file, but never more than `limit` bytes.
  /// - Throws: `SystemError` with `EFBIG` where there is more.
  public borrowing func readAll(limit: Int) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let raw = raw
    while true {
      let count = try retrying("read") {
        chunk.withUnsafeMutableBytes { Glibc.read(raw, $0.baseAddress, $0.count) }
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > limit { throw SystemError("read", "over \(limit) bytes", code: EFBIG) }
    }
  }

  /// Makes the file durable by fsync(2); a failure is never retried, pages may be lost.
  public borrowing func sync() throws(SystemError) {
    let raw = raw
    if fsync(raw) != 0 { throw SystemError("fsync") }
  }
}

import Glibc
import Linux

/// Copies the bytes of one open file into another, holes kept.
enum FileCopier {
  /// Bytes at a time where the kernel cannot copy by itself.
  private static let chunkByteCount = 256 * 1024

  /// - Parameter sizeBytes: the size of `source`, which `target` gets.
  static func copy(
    _ source: borrowing FileDescriptor, to target: borrowing FileDescriptor, sizeBytes: Int64
  ) throws(SystemError) {
    if ftruncate(target.raw, off_t(sizeBytes)) != 0 { throw SystemError("ftruncate") }
    var offset: off_t = 0
    while offset < sizeBytes {
      // lseek(2): a file system that knows no holes calls all of it data.
      let data = lseek(source.raw, offset, SEEK_DATA)
      if data < 0 {
        let error = SystemError("lseek(SEEK_DATA)")
        if error.code == ENXIO { return }  // only a hole is left
        throw error
      }
      var hole = lseek(source.raw, data, SEEK_HOLE)
      if hole < 0 { hole = off_t(sizeBytes) }
      let end = min(hole, off_t(sizeBytes))
      if data >= end { return }
      try copyRange(source, to: target, from: data, to: end)
      offset = end
    }
  }

  private static func copyRange(
    _ source: borrowing FileDescriptor, to target: borrowing FileDescriptor, from start: off_t,
    to end: off_t
  ) throws(SystemError) {
    var (read, written) = (start, start)
    while read < end {
      let count = copy_file_range(source.raw, &read, target.raw, &written, Int(end - read), 0)
      if count > 0 { continue }
      if count == 0 { return }  // it shrank: the look afterwards tells
      let error = SystemError("copy_file_range")
      switch error.code {
      case EINTR: continue
      case EXDEV, EINVAL, EOPNOTSUPP, ENOSYS, EBADF:
        return try copyByHand(source, to: target, from: read, to: end)
      default: throw error
      }
    }
  }

  private static func copyByHand(
    _ source: borrowing FileDescriptor, to target: borrowing FileDescriptor, from start: off_t,
    to end: off_t
  ) throws(SystemError) {
    var chunk = [UInt8](repeating: 0, count: chunkByteCount)
    var offset = start
    let (from, to) = (source.raw, target.raw)
    while offset < end {
      let wanted = min(chunkByteCount, Int(end - offset))
      let count = try retrying("pread") { pread(from, &chunk, wanted, offset) }
      if count == 0 { return }
      var done = 0
      while done < count {
        done += try retrying("pwrite") {
          chunk[done..<count].withUnsafeBytes {
            pwrite(to, $0.baseAddress, $0.count, offset + off_t(done))
          }
        }
      }
      offset += off_t(count)
    }
  }
}

internal import Glibc
internal import Linux

/// Reads two pipes to their end, keeps the first bytes and counts the rest.
struct OutputCollector {
  private static let chunkBytes = 65_536

  let limit: Int
  private(set) var stdout = CappedOutput()
  private(set) var stderr = CappedOutput()

  init(limit: Int) { self.limit = limit }

  /// Reads until the process of `pidDescriptor` is gone and both pipes are empty, at most `timeout`.
  mutating func collect(
    _ out: borrowing FileDescriptor, _ errors: borrowing FileDescriptor,
    until pidDescriptor: Int32, timeout: Duration
  ) throws(SystemError) {
    let deadline = Clock.monotonic() + timeout
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    var interests = [out.raw, errors.raw, pidDescriptor].map { Poll.Interest($0, .read) }
    while interests.contains(where: { $0.descriptor >= 0 }) {
      let left = deadline - Clock.monotonic()
      if left <= .zero { return }
      if try Poll.wait(&interests, timeout: left) == 0 { return }
      for index in 0..<2 where !interests[index].ready.isEmpty {
        let descriptor = interests[index].descriptor
        let count = try retrying("read") {
          chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        }
        if count == 0 {
          interests[index].descriptor = -1
        } else if index == 0 {
          stdout.take(chunk[..<count], limit: limit)
        } else {
          stderr.take(chunk[..<count], limit: limit)
        }
      }
      // Nobody who could write is left once the process is gone: what is in the pipes is all.
      let quiet = interests[..<2].allSatisfy { $0.ready.isEmpty }
      if interests[2].descriptor < 0 || !interests[2].ready.isEmpty {
        if quiet { return }
      }
    }
  }
}

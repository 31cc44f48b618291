internal import Glibc

/// A file's bytes shared with whoever maps it too: mmap(2) with MAP_SHARED.
///
/// Unchecked: the mapping itself never changes; what is ordered between the processes and threads
/// that write to it is the business of those who lay it out.
public final class MemoryMapping: @unchecked Sendable {
  /// The bytes, valid as long as this owner lives.
  public let bytes: UnsafeMutableRawBufferPointer

  /// Maps the first `size` bytes of `file`, which may be closed afterwards.
  public init(
    _ file: borrowing FileDescriptor, size: Int, writable: Bool = true
  ) throws(SystemError) {
    let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
    let address = mmap(nil, size, protection, MAP_SHARED, file.raw, 0)
    guard let address, address != MAP_FAILED else { throw SystemError("mmap", "\(size) bytes") }
    bytes = UnsafeMutableRawBufferPointer(start: address, count: size)
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }
}

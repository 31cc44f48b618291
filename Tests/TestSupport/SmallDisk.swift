import Glibc
public import Linux

/// A file system of its own, mounted for one test: it can be full, or refuse writes.
///
/// Needs root; elsewhere `isPossible` is false and the test says that it was skipped.
public final class SmallDisk: Sendable {
  /// Where it is mounted.
  public let path: String
  private let directory: TemporaryDirectory

  /// Whether this process may mount, and the kernel lets it.
  public static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    return (try? SmallDisk(kibibytes: 64)) != nil  // the question is whether it works at all
  }()

  /// Mounts an empty tmpfs of that size.
  public init(kibibytes: Int) throws {
    directory = try TemporaryDirectory("kaizen-disk")
    path = directory.path + "/disk"
    try Files.makeDirectories(path)
    if mount("kaizen-test", path, "tmpfs", 0, "size=\(kibibytes)k,mode=700") != 0 {
      throw SystemError("mount", path)
    }
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  /// From now on every write fails with EROFS, or no longer.
  public func setReadOnly(_ on: Bool) throws(SystemError) {
    let flags = UInt(MS_REMOUNT) | (on ? UInt(MS_RDONLY) : 0)
    if mount("kaizen-test", path, "tmpfs", flags, nil) != 0 { throw SystemError("mount", path) }
  }
}

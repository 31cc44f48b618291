internal import Glibc

/// Wakes when something in one of some folders changes: inotify(7), with no say in what it was.
///
/// What happened is for the reader to find out by looking: events can be lost when too many come
/// at once, so that only a look tells the truth.
public final class FolderWatch: Sendable {
  private let descriptor: FileDescriptor

  /// Everything that can change what a folder's files are.
  private static let mask = UInt32(
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB
      | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

  /// Watches nothing yet.
  /// - Throws: where the user has too many already (`fs.inotify.max_user_instances`, inotify(7)).
  public init() throws(SystemError) {
    descriptor = FileDescriptor(
      owning: try retrying("inotify_init1") {
        inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
      })
  }

  /// Ready to read, by `Poll`, when something changed; lent.
  public var raw: Int32 { descriptor.raw }

  /// Watches `folder` as well; one that is watched already keeps its number.
  /// - Returns: the number of the watch, another one where another folder stands at that path.
  /// - Throws: where it is gone, or the user has too many (`fs.inotify.max_user_watches`).
  @discardableResult
  public func watch(_ folder: String) throws(SystemError) -> Int32 {
    let raw = descriptor.raw
    return try retrying("inotify_add_watch", folder) { inotify_add_watch(raw, folder, Self.mask) }
  }

  /// Takes off all that came so far, so that it is not ready again before the next change.
  public func drain() {
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    let raw = descriptor.raw
    // Bounded, so that somebody who writes all the time holds nobody here: it is ready again then.
    for _ in 0..<64 {
      let count = chunk.withUnsafeMutableBytes { read(raw, $0.baseAddress, $0.count) }
      if count <= 0 { return }  // EAGAIN: all that is there was read
    }
  }
}

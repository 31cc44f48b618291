import Glibc
import Linux

/// Owner, permissions, attributes and times of a copy, set as the original has them.
enum FileProperties {
  /// UTIME_OMIT, a macro Swift cannot import: leaves the access time as it is. utimensat(2)
  private static let omitted = (1 << 30) - 2

  /// Gives an open file or folder the properties of `entry`, and `attributes`.
  static func set(
    on file: borrowing FileDescriptor, as entry: TreeEntry, attributes: [[UInt8]: [UInt8]]
  ) throws(SystemError) {
    try setOwner(on: file, entry.owner, entry.group)
    try ExtendedAttributes.write(attributes, to: file)
    // After the owner: chown(2) clears bits. After the attributes: a list's mask is in the mode.
    if fchmod(file.raw, mode_t(entry.mode)) != 0 { throw SystemError("fchmod", entry.path.text) }
    try setTime(on: file, entry.stamp.modifiedNanoseconds)
  }

  /// Sets owner and group where they differ, so that no privilege is needed where they do not.
  static func setOwner(
    on file: borrowing FileDescriptor, _ owner: UInt32, _ group: UInt32
  ) throws(SystemError) {
    let status = try DirectoryHandle.status(of: file)
    if status.owner == owner && status.group == group { return }
    if fchown(file.raw, owner, group) != 0 { throw SystemError("fchown") }
  }

  static func setTime(
    on file: borrowing FileDescriptor, _ nanoseconds: Int64
  ) throws(SystemError) {
    let times = [
      timespec(tv_sec: 0, tv_nsec: omitted), FileStatus.timespec(nanoseconds: nanoseconds),
    ]
    if futimens(file.raw, times) != 0 { throw SystemError("futimens") }
  }

  /// The same of a symbolic link, which cannot be opened.
  static func set(
    onLink name: FileName, in directory: borrowing DirectoryHandle, as entry: TreeEntry
  ) throws(SystemError) {
    let raw = directory.descriptor.raw
    let status = try directory.status(name)
    if status?.owner != entry.owner || status?.group != entry.group {
      if fchownat(raw, name.characters, entry.owner, entry.group, AT_SYMLINK_NOFOLLOW) != 0 {
        throw SystemError("fchownat", entry.path.text)
      }
    }
    let times = [
      timespec(tv_sec: 0, tv_nsec: omitted),
      FileStatus.timespec(nanoseconds: entry.stamp.modifiedNanoseconds),
    ]
    if utimensat(raw, name.characters, times, AT_SYMLINK_NOFOLLOW) != 0 {
      throw SystemError("utimensat", entry.path.text)
    }
  }
}

internal import CLinux
import Glibc

// The calls that trees of files need beyond open and read. Names are C strings and not `String`s
// only: a file's name on Linux is bytes, and need not be UTF-8.

extension FileDescriptor {
  /// Opens what is beneath `directory` at `name`, without leaving it by `..`, a link or a mount.
  ///
  /// No symbolic link is followed, not even one that stays inside: openat2(2).
  public static func openBeneath(
    _ directory: borrowing FileDescriptor, _ name: UnsafePointer<CChar>, _ flags: Int32,
    mode: UInt32 = 0o600
  ) throws(SystemError) -> FileDescriptor {
    let parent = directory.raw
    let resolve = KZL_RESOLVE_BENEATH | KZL_RESOLVE_NO_MAGICLINKS
    let strict = resolve | KZL_RESOLVE_NO_SYMLINKS | KZL_RESOLVE_NO_XDEV
    return FileDescriptor(
      owning: try retrying("openat2", String(cString: name)) {
        kzl_openat2(
          parent, name, UInt64(flags | O_CLOEXEC), flags & O_CREAT == 0 ? 0 : UInt64(mode),
          UInt64(strict))
      })
  }

  /// Whether `name`, all links followed, stays beneath `directory`: nil where nothing is there.
  public static func staysBeneath(
    _ directory: borrowing FileDescriptor, _ name: UnsafePointer<CChar>
  ) throws(SystemError) -> Bool? {
    let resolve = KZL_RESOLVE_BENEATH | KZL_RESOLVE_NO_MAGICLINKS
    let raw = kzl_openat2(directory.raw, name, UInt64(O_PATH | O_CLOEXEC), 0, UInt64(resolve))
    if raw >= 0 {
      close(raw)
      return true
    }
    let error = SystemError("openat2", String(cString: name))
    switch error.code {
    case ENOENT, ENOTDIR: return nil
    case EXDEV, ELOOP: return false
    default: throw error
    }
  }

  /// Makes everything written to this file system durable by syncfs(2).
  ///
  /// Reports write-back errors since this descriptor was opened; a failure is never retried.
  public borrowing func syncFileSystem() throws(SystemError) {
    if kzl_syncfs(raw) != 0 { throw SystemError("syncfs") }
  }

  /// The number of the file system's type: statfs(2), `f_type`.
  public borrowing func fileSystemType() throws(SystemError) -> Int64 {
    let type = kzl_file_system_type(raw)
    if type < 0 { throw SystemError("fstatfs") }
    return type
  }

  /// Takes the file's lock by flock(2) unless another open file has it.
  public borrowing func tryLock() throws(SystemError) -> Bool {
    if flock(raw, LOCK_EX | LOCK_NB) == 0 { return true }
    let error = SystemError("flock")
    if error.code == EWOULDBLOCK { return false }
    throw error
  }

  /// Makes this empty file share all of `source`'s blocks, copied only when written.
  public borrowing func reflink(from source: borrowing FileDescriptor) throws(SystemError) {
    // FICLONE = _IOW(0x94, 9, int), a macro Swift cannot import: ioctl_ficlonerange(2).
    if ioctl(raw, 0x4004_9409, source.raw) != 0 { throw SystemError("ioctl(FICLONE)") }
  }
}

extension Files {
  /// Removes the directory `path` if nothing is in it; false where it stays.
  public static func removeEmptyDirectory(_ path: String) -> Bool { rmdir(path) == 0 }

  /// Exchanges two names in one step by renameat2(2): whoever opens one sees one or the other.
  public static func exchange(
    _ oneDirectory: borrowing FileDescriptor, _ one: UnsafePointer<CChar>,
    _ otherDirectory: borrowing FileDescriptor, _ other: UnsafePointer<CChar>
  ) throws(SystemError) {
    let flags = KZL_RENAME_EXCHANGE
    if kzl_renameat2(oneDirectory.raw, one, otherDirectory.raw, other, UInt32(flags)) != 0 {
      throw SystemError("renameat2(EXCHANGE)", String(cString: one))
    }
  }

  /// Renames, and fails with `EEXIST` where something has the new name already.
  public static func moveWithoutReplacing(
    _ oldDirectory: borrowing FileDescriptor, _ old: UnsafePointer<CChar>,
    _ newDirectory: borrowing FileDescriptor, _ new: UnsafePointer<CChar>
  ) throws(SystemError) {
    let flags = KZL_RENAME_NOREPLACE
    if kzl_renameat2(oldDirectory.raw, old, newDirectory.raw, new, UInt32(flags)) != 0 {
      throw SystemError("renameat2(NOREPLACE)", String(cString: old))
    }
  }
}

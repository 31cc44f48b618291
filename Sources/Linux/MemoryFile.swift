internal import CLinux
internal import Glibc

/// Files without a name, in memory: memfd_create(2).
public enum MemoryFile {
  /// An empty file of `size` zero bytes; `name` shows in /proc/PID/fd only.
  public static func create(name: String, size: Int = 0) throws(SystemError) -> FileDescriptor {
    let flags = KZL_MFD_CLOEXEC | KZL_MFD_ALLOW_SEALING
    let file = FileDescriptor(
      owning: try retrying("memfd_create", name) { kzl_memfd_create(name, UInt32(flags)) })
    let raw = file.raw
    if size > 0 { try retrying("ftruncate", name) { ftruncate(raw, size) } }
    return file
  }

  /// A file with `bytes` that nobody can change any more; its offset is at the start.
  public static func sealed(
    name: String, _ bytes: some Sequence<UInt8>
  ) throws(SystemError) -> FileDescriptor {
    let file = try create(name: name)
    try file.writeAll(bytes)
    let raw = file.raw
    try retrying("lseek", name) { lseek(raw, 0, SEEK_SET) }
    try seal(file)
    return file
  }

  /// Forbids every further change of content and size, to everyone and for good.
  public static func seal(_ file: borrowing FileDescriptor) throws(SystemError) {
    let seals =
      KZL_SEAL_SEAL | KZL_SEAL_SHRINK | KZL_SEAL_GROW
      | KZL_SEAL_WRITE
    let raw = file.raw
    try retrying("fcntl", "F_ADD_SEALS") { kzl_add_seals(raw, Int32(seals)) }
  }

  /// Forbids a change of size: a mapping of the file then never faults with SIGBUS.
  public static func sealSize(_ file: borrowing FileDescriptor) throws(SystemError) {
    let seals = KZL_SEAL_SEAL | KZL_SEAL_SHRINK | KZL_SEAL_GROW
    let raw = file.raw
    try retrying("fcntl", "F_ADD_SEALS") { kzl_add_seals(raw, Int32(seals)) }
  }
}

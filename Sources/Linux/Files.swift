public import Glibc

/// Whole files by path.
public enum Files {
  /// The bytes of the regular file `path`, at most `limit`.
  ///
  /// Anything else is refused: reading a FIFO or a device may never end. Opening one must not wait
  /// either, hence O_NONBLOCK, which regular files ignore (open(2)).
  /// - Throws: `SystemError` with `ENOTSUP` for what is no regular file, `EFBIG` over the limit.
  public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    do throws(SystemError) {
      let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
      var status = stat()
      if fstat(file.raw, &status) != 0 { throw SystemError("fstat", path) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw SystemError("read, which wants a regular file,", path, code: ENOTSUP)
      }
      return try file.readAll(limit: limit)
    } catch {
      throw SystemError(error.call, path, code: error.code)
    }
  }

  /// Replaces `path` as a whole: temporary sibling, fsync, rename, fsync of the folder.
  public static func replace(
    _ path: String, with bytes: some Sequence<UInt8>, mode: mode_t = 0o600
  ) throws(SystemError) {
    let temporary = "\(path).\(getpid()).tmp"
    do {
      let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
      try file.writeAll(bytes)
      try file.sync()
      try retrying("rename", path) { rename(temporary, path) }
    } catch {
      unlink(temporary)
      throw SystemError(error.call, path, code: error.code)
    }
    try syncDirectory(parent(of: path))
  }

  /// As `replace`, for a caller who makes the whole file system durable next: whoever opens the file
  /// finds it old or new, but a power cut before that may leave it torn.
  public static func replaceUnsynced(
    _ path: String, with bytes: some Sequence<UInt8>, mode: mode_t = 0o600
  ) throws(SystemError) {
    let temporary = "\(path).\(getpid()).tmp"
    do {
      try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode).writeAll(bytes)
      try retrying("rename", path) { rename(temporary, path) }
    } catch {
      unlink(temporary)
      throw SystemError(error.call, path, code: error.code)
    }
  }

  /// fsync of the directory `path`.
  public static func syncDirectory(_ path: String) throws(SystemError) {
    try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY).sync()
  }

  /// Makes `path` and the folders above it, as `mkdir -p`.
  public static func makeDirectories(_ path: String, mode: mode_t = 0o700) throws(SystemError) {
    if isDirectory(path) { return }
    let above = parent(of: path)
    if above != path { try makeDirectories(above, mode: mode) }
    if mkdir(path, mode) != 0 {
      let error = SystemError("mkdir", path)
      if error.code != EEXIST { throw error }
    }
  }

  /// Gives `path` itself, no link followed, to a group.
  /// - Throws: `EPERM` for whoever is neither root nor a member of that group.
  public static func setGroup(of path: String, to group: gid_t) throws(SystemError) {
    // chown(2): -1 leaves the owner.
    if lchown(path, uid_t.max, group) != 0 { throw SystemError("chown", "\(path) to \(group)") }
  }

  /// Lets members of `group` pass through the directory `path`, links followed.
  ///
  /// Those who could list it still can, and none can write it. Where everybody passes, another
  /// group's stays as it is.
  public static func letPass(_ group: gid_t, through path: String) throws(SystemError) {
    let folder = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    var status = stat()
    if fstat(folder.raw, &status) != 0 { throw SystemError("fstat", path) }
    let before: mode_t = status.st_mode & 0o7777
    let isGroups = status.st_gid == group
    let isOpen = before & 0o001 != 0
    if isOpen && !isGroups { return }
    // Another group's rights are not to become this one's.
    let kept: mode_t = before & (isGroups ? 0o1740 : 0o1700)
    let others: mode_t = isOpen ? before & 0o007 : 0
    let wanted: mode_t = kept | others | 0o010
    if isGroups && before & 0o777 == wanted & 0o777 { return }
    if fchmod(folder.raw, wanted & 0o7707) != 0 { throw SystemError("fchmod", path) }
    // fchown(2): -1 leaves the owner.
    if !isGroups && fchown(folder.raw, uid_t.max, group) != 0 {
      let error = SystemError("fchown", "\(path) to \(group)")
      fchmod(folder.raw, before)
      throw error
    }
    if fchmod(folder.raw, wanted) != 0 { throw SystemError("fchmod", path) }
  }

  /// Whether `path`, links followed, is a directory.
  public static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Permissions and group of what `path` leads to; nil where nothing is.
  public static func rights(of path: String) -> (mode: UInt32, group: UInt32)? {
    var status = stat()
    return stat(path, &status) == 0 ? (mode: status.st_mode, group: status.st_gid) : nil
  }

  /// Whether anything is at `path`, a dangling link included.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The names in the directory `path`, sorted, without `.` and `..`.
  public static func names(in path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError("opendir", path) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The path without its last component.
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component of the path.
  public static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The path with every link resolved, or an error where something is missing.
  public static func resolve(_ path: String) throws(SystemError) -> String {
    guard let resolved = realpath(path, nil) else { throw SystemError("realpath", path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

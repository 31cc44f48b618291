import Glibc
import Linux
import Model

extension KaizenError {
  /// What a failed system call means to a person: `doing` what, on which file.
  init(_ error: SystemError, _ doing: String, _ path: String) {
    let what = "\(doing) \"\(path)\": \(error)"
    switch error.code {
    case ENOSPC, EDQUOT:
      self.init("E_NO_SPACE", what, hint: "free space or inodes, or raise the quota, and try again")
    case EACCES, EPERM:
      self.init(
        "E_NO_ACCESS", what, hint: "give the daemon's user access, or list it under \"ignore\"")
    case EROFS:
      self.init("E_READ_ONLY", what, hint: "the file system is read-only: mount it writable")
    case EXDEV:
      self.init(
        "E_CROSS_DEVICE", what,
        hint: "something is mounted there, or it is a subvolume: an agent lies on one file system")
    case EMFILE, ENFILE:
      self.init("E_NO_DESCRIPTORS", what, hint: "raise the limit of open files (ulimit -n)")
    case ELOOP, ENOENT, ENOTDIR, ESTALE:
      self.init("E_AGENT_BUSY", what, hint: "it changed while it was read; try again")
    default:
      self.init("E_IO", what, hint: "see the kernel's log for the device")
    }
  }
}

/// Runs `body` and words what fails as the reading or writing of `path`.
func io<R: ~Copyable>(
  _ path: TreePath, _ doing: String = "reading", _ body: () throws(SystemError) -> R
) throws(KaizenError) -> R {
  do { return try body() } catch {
    throw KaizenError(error, doing, path.text.isEmpty ? "." : path.text)
  }
}

/// Runs `body` and words what fails as done to the absolute `path`.
func io<R: ~Copyable>(
  _ path: String, _ doing: String, _ body: () throws(SystemError) -> R
) throws(KaizenError) -> R {
  do { return try body() } catch { throw KaizenError(error, doing, path) }
}

/// The first few of many paths, for a message.
func listed(_ paths: some Collection<TreePath>, most: Int = 5) -> String {
  let shown = paths.prefix(most).map { "\"\($0)\"" }.joined(separator: ", ")
  return paths.count > most ? "\(shown) and \(paths.count - most) more" : shown
}

internal import Glibc
internal import Linux
internal import Model

/// A directory of its own under /tmp, removed with what is in it.
final class PrivateDirectory: Sendable {
  let path: String

  /// Makes it; `owner` gets it where this process may give it away.
  init(owner: UInt32? = nil) throws(SystemError) {
    var template = Array("/tmp/kaizen-sandbox.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", "/tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if let owner, geteuid() == 0 { chown(path, owner, owner) }
  }

  /// One where `needed`, as levels without a fresh /tmp do.
  static func `where`(_ needed: Bool) throws(KaizenError) -> PrivateDirectory? {
    do {
      return needed ? try PrivateDirectory(owner: ConfineRequest.sandboxUser) : nil
    } catch {
      throw KaizenError("E_SANDBOX_SETUP", "no directory for a command's files: \(error)")
    }
  }

  deinit { Self.remove(path) }

  /// Links are removed, not followed.
  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      chmod(path, 0o700)
      for name in (try? Files.names(in: path)) ?? [] {  // best effort: gone is what we want
        remove(path + "/" + name)
      }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}

internal import Glibc
internal import Linux
internal import Model

/// A directory of its own under /tmp, removed with what is in it.
///
/// It is locked as long as its owner lives, so that another can tell what a killed one left.
final class PrivateDirectory: Sendable {
  let path: String
  private let lock: FileDescriptor

  private static let place = "/tmp"
  private static let prefix = "kaizen-sandbox."
  /// Attempts until one is locked before anybody takes it for a leftover.
  private static let attemptCountMax = 10

  /// Makes it; `owner` gets it where this process may give it away.
  init(owner: UInt32? = nil) throws(SystemError) {
    var attempts = 0
    while true {
      var template = Array("\(Self.place)/\(Self.prefix)XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", Self.place) }
      let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      attempts += 1
      do {
        let lock = try FileDescriptor.open(made, O_RDONLY | O_DIRECTORY)
        if try lock.tryLock(), Files.isDirectory(made) {
          path = made
          self.lock = lock
          break
        }
        rmdir(made)
      } catch {
        if error.code != ENOENT || attempts == Self.attemptCountMax { throw error }
      }
      if attempts == Self.attemptCountMax {
        throw SystemError("flock", Self.place, code: EAGAIN)
      }
    }
    if let owner, geteuid() == 0 { chown(path, owner, owner) }
  }

  /// Removes those whose owner was killed.
  ///
  /// Only empty ones: at level A they always are, and what a command has left in another could lead
  /// elsewhere.
  static func sweep() {
    // Best effort, here and below: what stays is an empty folder.
    for name in (try? Files.names(in: place)) ?? [] where name.hasPrefix(prefix) {
      let path = "\(place)/\(name)"
      // Gone, no folder, not ours to open, or held by a living daemon.
      guard let folder = try? FileDescriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
        (try? folder.tryLock()) == true
      else { continue }
      rmdir(path)
    }
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

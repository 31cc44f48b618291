internal import Glibc
internal import Linux
internal import Model

/// The right to serve one socket path: the lock beside it, and the socket itself.
///
/// The lock file says who serves; it is never removed, so that two starters cannot hold locks on
/// two files of one name. A socket that nobody serves is left over from a crash, and replaced.
struct SocketClaim: ~Copyable {
  let path: String
  private let lock: FileDescriptor

  /// How long to wait for an answer from whoever may serve the socket.
  private static let probeTimeout = Duration.seconds(1)
  /// The lock file's size at most: one process id.
  private static let lockBytesMax = 64

  /// - Throws: `E_SOCKET_PATH`, `E_SOCKET_DIRECTORY`, `E_ALREADY_RUNNING` or `E_IO`.
  init(_ path: String) throws(KaizenError) {
    self.path = path
    guard path.hasPrefix("/"), path.utf8.count <= UnixSocket.pathBytesMax else {
      throw KaizenError(
        "E_SOCKET_PATH",
        "the socket path \"\(path)\" has \(path.utf8.count) bytes; it must be absolute and have "
          + "at most \(UnixSocket.pathBytesMax)",
        hint: "choose a shorter --home")
    }
    lock = try Self.lock(path)
  }

  /// Binds and listens; the socket is readable and writable by owner and group.
  borrowing func listen(group: UInt32?) throws(KaizenError) -> FileDescriptor {
    do {
      return try UnixSocket.listen(path, mode: 0o660, group: group)
    } catch {
      throw Self.failure(error)
    }
  }

  /// Takes the path away, so that nobody else connects.
  borrowing func unlinkSocket() { unlink(path) }

  private static func lock(_ path: String) throws(KaizenError) -> FileDescriptor {
    do {
      try prepareDirectory(Files.parent(of: path))
      let lock = try FileDescriptor.open(path + ".lock", O_RDWR | O_CREAT, mode: 0o640)
      try take(lock, path)
      return lock
    } catch let error as KaizenError {
      throw error
    } catch let error as SystemError {
      throw failure(error)
    } catch {
      fatalError("only these two errors are thrown above")
    }
  }

  private static func prepareDirectory(_ directory: String) throws {
    try Files.makeDirectories(directory, mode: 0o750)
    var status = stat()
    if stat(directory, &status) != 0 { throw SystemError("stat", directory) }
    // Whoever may write the directory may put a socket of their own in place of ours.
    if status.st_mode & S_IWOTH != 0 || (status.st_uid != geteuid() && status.st_uid != 0) {
      throw KaizenError(
        "E_SOCKET_DIRECTORY",
        "\(directory) is owned by uid \(status.st_uid) with mode "
          + "\(String(status.st_mode & 0o7777, radix: 8)): others could replace the socket in it",
        hint: "chown it to the daemon's user and chmod 750 it")
    }
  }

  private static func take(_ lock: borrowing FileDescriptor, _ path: String) throws {
    if flock(lock.raw, LOCK_EX | LOCK_NB) != 0 {
      let error = SystemError("flock", path + ".lock")
      if error.code != EWOULDBLOCK { throw error }
      let holder = String(decoding: try lock.readAll(limit: lockBytesMax), as: UTF8.self)
      throw running(path, pid: Int32(holder.filter(\.isNumber)))
    }
    // A server that does not know this lock may be there all the same.
    if let pid = try servingProcess(path) { throw running(path, pid: pid) }
    try removeLeftover(path)
    if ftruncate(lock.raw, 0) != 0 { throw SystemError("ftruncate", path + ".lock") }
    try lock.writeAll("\(getpid())\n".utf8)
  }

  private static func removeLeftover(_ path: String) throws {
    var status = stat()
    if lstat(path, &status) != 0 { return }
    if status.st_mode & S_IFMT != S_IFSOCK {
      throw KaizenError(
        "E_SOCKET_PATH", "\(path) is there and is no socket", hint: "move it away")
    }
    if unlink(path) != 0 { throw SystemError("unlink", path) }
  }

  /// The process that listens at `path`, if one does; 0 where it cannot be told.
  private static func servingProcess(_ path: String) throws -> Int32? {
    do throws(SystemError) {
      let socket = try UnixSocket.connect(path, timeout: probeTimeout)
      return try UnixSocket.peer(of: socket.raw).pid
    } catch {
      switch error.code {
      case ENOENT, ECONNREFUSED: return nil
      case EAGAIN, EPROTOTYPE: return 0  // a full backlog; a socket of another type
      default: throw error
      }
    }
  }

  private static func running(_ path: String, pid: Int32?) -> KaizenError {
    let process = pid.flatMap { $0 > 0 ? " by process \($0)" : nil } ?? ""
    return KaizenError(
      "E_ALREADY_RUNNING", "the socket \(path) is already served\(process)",
      hint: "stop that daemon first, or choose another --home")
  }

  private static func failure(_ error: SystemError) -> KaizenError {
    KaizenError("E_IO", "cannot serve the socket: \(error)")
  }
}

internal import Glibc
internal import Hashing
internal import Linux
import Model

/// An agent's files as a call could read them, in memory: those listed, and no others.
struct KeptFiles: Sendable {
  /// One of them.
  struct File: Hashable, Sendable {
    /// What was there.
    enum Content: Hashable, Sendable {
      case bytes([UInt8])
      /// A symbolic link, with its target; it was not followed.
      case link(String)
    }

    /// Its path, relative to the agent's root.
    var path: String
    var content: Content
    /// Permission bits.
    var mode: UInt32
    /// When it was last changed, in nanoseconds since the Unix epoch.
    var modifiedNanoseconds: Int64
  }

  /// Why files cannot be kept, in words for people.
  struct Refusal: Error {
    var reason: String
  }

  var files: [File] = []
  /// Files listed that could not be read, by path: gone, or of another sort.
  var unreadable: [String: String] = [:]
  /// Bytes of them all.
  private(set) var byteCount = 0

  /// Reads the files listed; none of them through a link, which an applier may have put there.
  /// - Parameter limit: bytes of all of them together.
  /// - Throws: `Refusal` where there are too many, or they are too large.
  /// - Complexity: O(n) for n bytes; nothing is read where their sizes are over the limit.
  init(reading files: AgentFiles, limit: Int, countMax: Int) throws(Refusal) {
    if files.names.count > countMax {
      throw Refusal(reason: "it has \(files.names.count) files, \(countMax) are kept at most")
    }
    let root: FileDescriptor
    do throws(SystemError) {
      root = try FileDescriptor.open(files.root, O_RDONLY | O_DIRECTORY)
    } catch {
      throw Refusal(reason: "its files cannot be read: \(SystemError.text(error.code))")
    }
    try Self.requireSize(files.names, in: root, limit)
    for name in files.names.sorted() {
      do throws(SystemError) {
        let file = try Self.read(name, in: root, limit: limit - byteCount)
        if case .bytes(let bytes) = file.content { byteCount += bytes.count }
        self.files.append(file)
      } catch {
        if error.code == EFBIG { throw Self.tooLarge(limit) }
        unreadable[name] = SystemError.text(error.code)
      }
    }
  }

  private static func tooLarge(_ limit: Int) -> Refusal {
    Refusal(reason: "its files have more than \(limit >> 20) MiB")
  }

  private static func requireSize(
    _ names: [String], in root: borrowing FileDescriptor, _ limit: Int
  ) throws(Refusal) {
    var total = 0
    for name in names {
      var status = stat()
      if fstatat(root.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { total += Int(status.st_size) }
      if total > limit { throw tooLarge(limit) }
    }
  }

  private static func read(
    _ name: String, in root: borrowing FileDescriptor, limit: Int
  ) throws(SystemError) -> File {
    guard RelativePath.normal(name) == name else { throw SystemError("open", name, code: EINVAL) }
    do throws(SystemError) {
      let file = try FileDescriptor.openBeneath(
        root, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
      var status = stat()
      if fstat(file.raw, &status) != 0 { throw SystemError("fstat", name) }
      if status.st_mode & S_IFMT != S_IFREG { throw SystemError("read", name, code: ENOTSUP) }
      return File(
        path: name, content: .bytes(try file.readAll(limit: limit)),
        mode: status.st_mode & 0o777, modifiedNanoseconds: nanoseconds(status.st_mtim))
    } catch {
      guard error.code == ELOOP, let link = link(name, in: root) else { throw error }
      return link
    }
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The link itself, where the last part of `name` is one, and no other part.
  private static func link(_ name: String, in root: borrowing FileDescriptor) -> File? {
    // With both flags the link itself is opened, RESOLVE_NO_SYMLINKS or not: openat2(2).
    guard let found = try? FileDescriptor.openBeneath(root, name, O_PATH | O_NOFOLLOW) else {
      return nil  // whoever asked says that it cannot be read
    }
    var status = stat()
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let raw = found.raw
    let count = target.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { readlinkat(raw, "", $0, buffer.count) } ?? -1
    }
    guard count > 0, fstat(raw, &status) == 0 else { return nil }
    return File(
      path: name, content: .link(String(decoding: target.prefix(count), as: UTF8.self)),
      mode: 0o777, modifiedNanoseconds: nanoseconds(status.st_mtim))
  }
}

extension KeptFiles.File {
  /// What is said of it beside its bytes.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "path": .string(path), "mode": .integer(Int64(mode)),
      "mtime_ns": .integer(modifiedNanoseconds),
    ]
    switch content {
    case .bytes(let bytes):
      members["bytes"] = .integer(Int64(bytes.count))
      members["sha256"] = .string(SHA256.hex(of: bytes))
    case .link(let target): members["link"] = .string(target)
    }
    return .object(members)
  }
}

import Glibc
import Linux

/// An open directory, and what is done to the names in it.
///
/// Every call takes a name or a path beneath the directory; none follows a link in it when it opens.
struct DirectoryHandle: ~Copyable {
  let descriptor: FileDescriptor

  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  init(path: String) throws(SystemError) {
    descriptor = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  borrowing func directory(_ name: FileName) throws(SystemError) -> DirectoryHandle {
    DirectoryHandle(
      try FileDescriptor.openBeneath(
        descriptor, name.characters, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
  }

  /// Opens a regular file to read; `O_NONBLOCK` keeps a FIFO that took its name from blocking us.
  borrowing func file(_ name: FileName) throws(SystemError) -> FileDescriptor {
    try FileDescriptor.openBeneath(
      descriptor, name.characters, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  }

  borrowing func newFile(_ name: FileName, mode: mode_t = 0o600) throws(SystemError)
    -> FileDescriptor
  {
    try FileDescriptor.openBeneath(
      descriptor, name.characters, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
  }

  /// The status of `name` itself, a link not followed; nil where nothing is there.
  borrowing func status(_ name: FileName) throws(SystemError) -> FileStatus? {
    var raw = stat()
    if fstatat(descriptor.raw, name.characters, &raw, AT_SYMLINK_NOFOLLOW) == 0 {
      return FileStatus(raw)
    }
    let error = SystemError("fstatat", name.text)
    if error.code == ENOENT || error.code == ENOTDIR { return nil }
    throw error
  }

  /// The status of the directory itself.
  borrowing func status() throws(SystemError) -> FileStatus { try Self.status(of: descriptor) }

  static func status(of file: borrowing FileDescriptor) throws(SystemError) -> FileStatus {
    var raw = stat()
    if fstat(file.raw, &raw) != 0 { throw SystemError("fstat") }
    return FileStatus(raw)
  }

  /// All names but `.` and `..`, in the order of their bytes.
  borrowing func names() throws(SystemError) -> [FileName] {
    // fdopendir takes the descriptor over, and a duplicate would share its offset: open anew.
    let again = try FileDescriptor.open(".", in: descriptor, O_RDONLY | O_DIRECTORY)
    guard let stream = fdopendir(again.release()) else { throw SystemError("fdopendir") }
    defer { closedir(stream) }
    var names: [FileName] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let length = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        bytes.firstIndex(of: 0) ?? bytes.count
      }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0[..<length]) }
      if bytes != [UInt8(ascii: ".")] && bytes != Array("..".utf8) {
        names.append(FileName(bytes: bytes))
      }
    }
    let code = errno
    if code != 0 { throw SystemError("readdir", code: code) }
    return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Where the link `name` points.
  borrowing func target(ofLink name: FileName) throws(SystemError) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let raw = descriptor.raw
    let count = try retrying("readlinkat", name.text) {
      readlinkat(raw, name.characters, &buffer, buffer.count)
    }
    return buffer[..<count].map(UInt8.init(bitPattern:))
  }

  borrowing func makeDirectory(_ name: FileName, mode: mode_t = 0o700) throws(SystemError) {
    if mkdirat(descriptor.raw, name.characters, mode) != 0 {
      throw SystemError("mkdirat", name.text)
    }
  }

  borrowing func makeLink(_ name: FileName, to target: [UInt8]) throws(SystemError) {
    if symlinkat(FileName(bytes: target).characters, descriptor.raw, name.characters) != 0 {
      throw SystemError("symlinkat", name.text)
    }
  }

  /// Gives the file at `name` a second name; of a symbolic link, the link itself.
  borrowing func link(
    _ name: FileName, into directory: borrowing DirectoryHandle, as other: FileName
  ) throws(SystemError) {
    if linkat(
      descriptor.raw, name.characters, directory.descriptor.raw, other.characters, 0) != 0
    {
      throw SystemError("linkat", name.text)
    }
  }

  borrowing func move(
    _ name: FileName, into directory: borrowing DirectoryHandle, as other: FileName
  ) throws(SystemError) {
    if renameat(
      descriptor.raw, name.characters, directory.descriptor.raw, other.characters) != 0
    {
      throw SystemError("renameat", name.text)
    }
  }

  borrowing func remove(_ name: FileName, isDirectory: Bool = false) throws(SystemError) {
    if unlinkat(descriptor.raw, name.characters, isDirectory ? AT_REMOVEDIR : 0) != 0 {
      throw SystemError("unlinkat", name.text)
    }
  }

  borrowing func sync() throws(SystemError) { try descriptor.sync() }
}

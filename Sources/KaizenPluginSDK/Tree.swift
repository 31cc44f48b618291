import Glibc

/// A root and the files beneath it, lent until the call returns.
public struct Tree: ~Copyable {
  /// Its absolute path.
  public let root: String
  private let raw: UnsafeBufferPointer<kz_text>

  init(root: kz_text, files: UnsafePointer<kz_text>?, count: UInt32) {
    self.root = String(root)
    raw = UnsafeBufferPointer(start: files, count: files == nil ? 0 : Int(count))
  }

  init(_ view: UnsafePointer<kz_tree_view>) {
    self.init(root: view.pointee.root, files: view.pointee.files, count: view.pointee.file_count)
  }

  /// Paths relative to the root, sorted.
  public var files: [String] { raw.map { String($0) } }

  /// The permission bits of the regular file `file`, such as 0o644.
  public func permissions(_ file: String) throws(PluginFailure) -> UInt32 {
    let descriptor = try open(file, O_RDONLY)
    defer { close(descriptor) }
    return try status(descriptor, file).st_mode & 0o7777
  }

  /// Gives the regular file `file` these permission bits.
  public func setPermissions(_ file: String, to bits: UInt32) throws(PluginFailure) {
    let descriptor = try open(file, O_RDONLY)
    defer { close(descriptor) }
    if fchmod(descriptor, bits) != 0 { throw failure("fchmod", file) }
  }

  /// The bytes of the regular file `file`, at most `limit` of them.
  /// - Throws: `PluginFailure` for a link, for no regular file, and for more bytes than `limit`.
  public func read(_ file: String, limit: Int = 4 << 20) throws(PluginFailure) -> [UInt8] {
    let descriptor = try open(file, O_RDONLY)
    defer { close(descriptor) }
    let status = try status(descriptor, file)
    guard status.st_size <= limit else {
      throw PluginFailure("\(file) has \(status.st_size) bytes, expected at most \(limit)")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(limit, Int(status.st_size)) + 1)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw failure("read", file) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > limit { throw PluginFailure("\(file) grew past \(limit) bytes") }
    }
  }

  /// The first bytes of the regular file `file`, at most `count` of them.
  public func head(_ file: String, count: Int) throws(PluginFailure) -> [UInt8] {
    let descriptor = try open(file, O_RDONLY)
    defer { close(descriptor) }
    _ = try status(descriptor, file)
    var bytes = [UInt8](repeating: 0, count: max(0, count))
    while true {
      let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw failure("read", file) }
      return Array(bytes.prefix(got))
    }
  }

  /// Whether anything of that name is there, be it a file of the list or not.
  public func exists(_ file: String) -> Bool {
    var status = stat()
    return lstat(root + "/" + file, &status) == 0
  }

  /// Makes the regular file `file`, which must not be there yet, with mode 0o644.
  public func create(_ file: String, _ bytes: [UInt8]) throws(PluginFailure) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = Glibc.open(root + "/" + file, flags, 0o644)
    if descriptor < 0 { throw failure("create", file) }
    defer { close(descriptor) }
    // Whatever the process's umask says: what an agent reads must be readable.
    if fchmod(descriptor, 0o644) != 0 { throw failure("fchmod", file) }
    try write(bytes, to: descriptor, file)
  }

  /// Replaces the content of the existing regular file `file`, in place: owner and mode stay.
  public func write(_ file: String, _ bytes: [UInt8]) throws(PluginFailure) {
    let descriptor = try open(file, O_WRONLY | O_TRUNC)
    defer { close(descriptor) }
    try write(bytes, to: descriptor, file)
  }

  private func write(
    _ bytes: [UInt8], to descriptor: Int32, _ file: String
  ) throws(PluginFailure) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw failure("write", file) }
      offset += count
    }
  }

  /// Opens a regular file; a link is refused, and a named pipe does not make it wait.
  private func open(_ file: String, _ flags: Int32) throws(PluginFailure) -> Int32 {
    let descriptor = Glibc.open(root + "/" + file, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw failure("open", file) }
    do throws(PluginFailure) {
      guard try status(descriptor, file).st_mode & S_IFMT == S_IFREG else {
        throw PluginFailure("\(file) is not a regular file")
      }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private func status(_ descriptor: Int32, _ file: String) throws(PluginFailure) -> stat {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw failure("fstat", file) }
    return status
  }

  private func failure(_ call: String, _ file: String) -> PluginFailure {
    let code = errno
    let text = strerrordesc_np(code).map { String(cString: $0) } ?? "errno \(code)"
    return PluginFailure("\(call) \(file): \(text)")
  }
}

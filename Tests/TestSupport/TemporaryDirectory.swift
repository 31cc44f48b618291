public import Glibc
public import Linux

/// A directory of its own for one test, removed with everything in it when it goes out of scope.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path, links resolved.
  public let path: String

  /// Makes the directory beneath `folder`, or else beneath `$TMPDIR` or /tmp.
  public init(_ name: String = "kaizen-test", in folder: String? = nil) throws {
    signal(SIGPIPE, SIG_IGN)
    let base = folder ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/\(name).XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", base) }
    let bytes = template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    path = try Files.resolve(String(decoding: bytes, as: UTF8.self))
  }

  deinit { Self.remove(path) }

  /// Writes a file beneath the directory, its folders made as needed, and returns its path.
  @discardableResult
  public func write(
    _ name: String, _ text: String, mode: mode_t = 0o644
  ) throws(SystemError) -> String {
    let file = path + "/" + name
    try Files.makeDirectories(Files.parent(of: file), mode: 0o755)
    try FileDescriptor.open(file, O_WRONLY | O_CREAT | O_TRUNC, mode: mode).writeAll(text.utf8)
    chmod(file, mode)
    return file
  }

  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      chmod(path, 0o700)
      for name in (try? Files.names(in: path)) ?? [] {  // best effort: a test's leftovers
        remove(path + "/" + name)
      }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}

internal import Glibc
internal import Hashing
internal import Linux
import Model

/// The regular files of a folder with their digests.
struct FileTree {
  /// SHA-256 by path relative to the folder.
  private(set) var files: [String: Digest] = [:]
  /// Of all paths, digests and execute bits.
  private(set) var digest: Digest

  /// Every regular file beneath `folder`, sorted; anything but files and folders is refused.
  static func paths(in folder: String) throws -> [String] {
    var paths: [String] = []
    try collect("", in: folder, depth: 0, &paths)
    return paths.sorted()
  }

  private static func collect(
    _ prefix: String, in folder: String, depth: Int, _ paths: inout [String]
  ) throws {
    let place = prefix.isEmpty ? folder : "\(folder)/\(prefix)"
    if depth > BundleStore.Limit.depth {
      throw refusal(place, "at most \(BundleStore.Limit.depth) folders within each other")
    }
    for name in try Files.names(in: place) {
      let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
      var status = stat()
      if lstat("\(folder)/\(path)", &status) != 0 { throw SystemError("lstat", path) }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try collect(path, in: folder, depth: depth + 1, &paths)
      case S_IFREG: paths.append(path)
      default: throw refusal("\(folder)/\(path)", "regular files and folders only")
      }
      if paths.count > BundleStore.Limit.fileCount {
        throw refusal(folder, "at most \(BundleStore.Limit.fileCount) files")
      }
    }
  }

  /// Reads and hashes `paths` beneath `folder`.
  static func digest(
    of paths: [String], in folder: String, trust: FileTrust?
  ) throws -> FileTree {
    var files: [String: Digest] = [:]
    var whole = SHA256()
    var total = 0
    for path in paths {
      let full = "\(folder)/\(path)"
      if let trust { try checkTrust(path, in: folder, trust) }
      let file = try openFile(full)
      total += Int(file.status.st_size)
      if total > BundleStore.Limit.totalBytes {
        throw refusal(folder, "at most \(BundleStore.Limit.totalBytes >> 20) MiB of files")
      }
      guard let hex = SHA256.hex(readingFrom: file.descriptor.raw), let digest = Digest(hex: hex)
      else {
        throw SystemError("read", full)
      }
      files[path] = digest
      let mark = file.status.st_mode & 0o111 != 0 ? "x" : "-"
      whole.update("\(mark) \(path)\0\(hex)\n".utf8)
    }
    guard let digest = Digest(hex: whole.finishHex()) else {
      fatalError("a SHA-256 always has 64 hexadecimal digits")
    }
    return FileTree(files: files, digest: digest)
  }

  /// Refuses a file that others can write, or one in a folder beneath `folder` that they can.
  private static func checkTrust(
    _ path: String, in folder: String, _ trust: FileTrust
  ) throws(KaizenError) {
    var place = folder
    for part in RelativePath.parts(path) {
      place += "/\(part)"
      guard let problem = trust.problem(place) else { continue }
      let isMissing = !Files.exists(place)
      throw KaizenError(
        isMissing ? "E_PLUGIN_MISSING" : "E_PLUGIN_UNSAFE",
        "\(problem.file): expected \(problem.expected), found \(problem.found)", hint: problem.fix)
    }
  }

  private struct OpenedFile: ~Copyable {
    let descriptor: FileDescriptor
    let status: stat
  }

  /// Opens a regular file; a link or a FIFO put there meanwhile is neither followed nor waited on.
  private static func openFile(_ path: String) throws -> OpenedFile {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch {
      if error.code == ENOENT {
        throw KaizenError(
          "E_PLUGIN_MISSING", "\(path): expected a file that the manifest names, found none",
          hint: "put it there or correct its name in the manifest")
      }
      throw error
    }
    var status = stat()
    if fstat(descriptor.raw, &status) != 0 { throw SystemError("fstat", path) }
    if status.st_mode & S_IFMT != S_IFREG { throw refusal(path, "a regular file") }
    return OpenedFile(descriptor: descriptor, status: status)
  }

  /// Copies one file, readable for all since sandboxes run under another uid, writable for none.
  static func copy(_ path: String, from folder: String, to copies: String) throws {
    let source = try openFile("\(folder)/\(path)")
    let copy = "\(copies)/\(path)"
    try Files.makeDirectories(Files.parent(of: copy), mode: 0o755)
    let mode: mode_t = source.status.st_mode & 0o111 != 0 ? 0o555 : 0o444
    let target = try FileDescriptor.open(copy, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    if fchmod(target.raw, mode) != 0 { throw SystemError("fchmod", copy) }
    let descriptor = source.descriptor.raw
    var chunk = [UInt8](repeating: 0, count: 128 << 10)
    while true {
      let count = try retrying("read", path) {
        chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      }
      if count == 0 { return }
      try target.writeAll(chunk[..<count])
    }
  }

  /// Removes a folder of ours with everything in it; what cannot be removed stays for next time.
  static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    for name in (try? Files.names(in: path)) ?? [] { remove("\(path)/\(name)") }  // see above
    rmdir(path)
  }

  private static func refusal(_ path: String, _ expected: String) -> KaizenError {
    KaizenError(
      "E_PLUGIN_BUNDLE", "\(path): expected \(expected), found something else",
      hint: "keep only what the component needs in its folder")
  }
}

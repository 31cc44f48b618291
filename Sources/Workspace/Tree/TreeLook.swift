import Glibc
import Linux
import Model

/// Whether a tree still is what a manifest says: one pass over it that allocates nothing per file.
///
/// It only ever answers "all as it was" or "I cannot tell"; the scanner finds out what differs. Of an
/// unchanged tree it costs one `fstatat` a file and one `readdir` a folder, and nothing is sorted:
/// the names in a folder are compared as a set, by their number and the sum of their hashes, whose
/// seed is this process's own.
struct TreeLook {
  /// What the manifest has in one folder, and the members to look at.
  private struct Folder {
    var path: TreePath
    var names = NameSum()
    var members: [Int] = []
  }

  /// A set of names in short.
  private struct NameSum: Equatable {
    var count = 0
    var hashes = 0

    mutating func add(_ name: UnsafeRawBufferPointer) {
      var hasher = Hasher()
      hasher.combine(bytes: name)
      count += 1
      hashes &+= hasher.finalize()
    }
  }

  private let entries: [TreeEntry]
  private var folders: [Folder] = [Folder(path: .root)]
  /// Names that are in the tree and not in the manifest; nothing beneath them is listed.
  private(set) var extras: [TreePath] = []
  /// Blocks of all files on disk, in bytes.
  private(set) var allocatedBytes: Int64 = 0
  /// Files with set-user-id or set-group-id.
  private(set) var privileged: [TreePath] = []

  init(_ entries: [TreeEntry]) {
    self.entries = entries
    var known: [TreePath: Int] = [.root: 0]
    var (parent, folder): ([UInt8], Int) = ([], 0)
    for (index, entry) in entries.enumerated() {
      let cut = entry.path.bytes.lastIndex(of: TreePath.slash) ?? 0
      if cut != parent.count || !entry.path.bytes.starts(with: parent) {
        parent = Array(entry.path.bytes[..<cut])
        folder = known[TreePath(bytes: parent)] ?? 0
      }
      folders[folder].members.append(index)
      entry.withName { folders[folder].names.add(UnsafeRawBufferPointer($0)) }
      if entry.kind == .directory {
        known[entry.path] = folders.count
        folders.append(Folder(path: entry.path))
      }
    }
  }

  /// Finds the names that are in the tree and not in the manifest; a file's content is not asked for.
  mutating func findExtras(in root: borrowing DirectoryHandle) throws(SystemError) {
    for folder in folders { try list(folder, in: root) }
  }

  /// Whether every file of the manifest is in the tree as it was; `extras` are found on the way.
  /// - Parameter trustedBefore: a file that changed later may have changed again without showing.
  mutating func isUnchanged(
    in root: borrowing DirectoryHandle, trustedBefore: Int64
  ) throws(SystemError) -> Bool {
    for folder in folders {
      let handle = try list(folder, in: root)
      for member in folder.members {
        if try !isUnchanged(entries[member], in: handle, trustedBefore) { return false }
      }
    }
    return true
  }

  /// Compares the names in a folder, and gives the folder.
  @discardableResult
  private mutating func list(
    _ folder: Folder, in root: borrowing DirectoryHandle
  ) throws(SystemError) -> DirectoryHandle {
    let handle = try root.directory(folder.path.fileName)
    var found = NameSum()
    try handle.forEachName { found.add($0) }
    if found == folder.names { return handle }
    let known = Set(folder.members.map { entries[$0].path })
    for name in try handle.names() {
      let path = folder.path.appending(name)
      if !known.contains(path) { extras.append(path) }
    }
    return handle
  }

  private mutating func isUnchanged(
    _ entry: TreeEntry, in folder: borrowing DirectoryHandle, _ trustedBefore: Int64
  ) throws(SystemError) -> Bool {
    var raw = stat()
    let descriptor = folder.descriptor.raw
    let result: Int32 = entry.withName { name in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { buffer in
        for (index, byte) in name.enumerated() { buffer[index] = CChar(bitPattern: byte) }
        buffer[name.count] = 0
        guard let start = buffer.baseAddress else { return Int32(-1) }
        return fstatat(descriptor, start, &raw, AT_SYMLINK_NOFOLLOW)
      }
    }
    if result != 0 { return false }
    let status = FileStatus(raw)
    guard status.inode == entry.stamp.inode, status.owner == entry.owner,
      status.group == entry.group, TreeEntry.mode(entry.kind, status) == entry.mode
    else { return false }
    switch (entry.kind, status.kind) {
    case (.directory, .directory): return true
    case (.file, .file), (.link, .link): break
    default: return false
    }
    allocatedBytes += status.allocatedBytes
    if entry.kind == .file, status.mode & 0o6000 != 0 { privileged.append(entry.path) }
    return status.sizeBytes == entry.sizeBytes
      && status.modifiedNanoseconds == entry.stamp.modifiedNanoseconds
      && status.changedNanoseconds == entry.stamp.changedNanoseconds
      && status.changedNanoseconds < trustedBefore
  }
}

extension TreeEntry {
  /// Lends the bytes of the last component of the path.
  fileprivate func withName<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    path.bytes.withUnsafeBufferPointer { bytes in
      let start = bytes.lastIndex(of: TreePath.slash).map { $0 + 1 } ?? 0
      return body(UnsafeBufferPointer(rebasing: bytes[start...]))
    }
  }
}

extension DirectoryHandle {
  /// Lends each name but `.` and `..`, in no order.
  borrowing func forEachName(_ body: (UnsafeRawBufferPointer) -> Void) throws(SystemError) {
    // fdopendir takes the descriptor over, and a duplicate would share its offset: open anew.
    let again = try FileDescriptor.open(".", in: descriptor, O_RDONLY | O_DIRECTORY)
    guard let stream = fdopendir(again.release()) else { throw SystemError("fdopendir") }
    defer { closedir(stream) }
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else {
      fatalError("a C struct's member has an offset")
    }
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = UnsafeRawPointer(entry) + offset
      let characters = name.assumingMemoryBound(to: CChar.self)
      let length = strlen(characters)
      let isDot = characters[0] == 0x2e && (length == 1 || length == 2 && characters[1] == 0x2e)
      if !isDot { body(UnsafeRawBufferPointer(start: name, count: length)) }
    }
    let code = errno
    if code != 0 { throw SystemError("readdir", code: code) }
  }
}

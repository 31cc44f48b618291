import Glibc
import Linux
import Model

/// How a clone came to its bytes.
public enum CloneMethod: String, CaseIterable, Sendable {
  /// Shared blocks, copied by the file system when written: xfs, btrfs.
  case reflink
  /// Copied bytes, by the kernel.
  case copy
}

/// Makes a second tree of the files in a listing.
///
/// Never by hard links: a write in place to the clone would change the original.
struct TreeCloner {
  /// Most bytes copied where blocks cannot be shared.
  static let copyByteCountMax: Int64 = 2 << 30
  /// What must be free beyond the bytes themselves, for folders and the file system's own.
  static let spareFactor = 1.1

  let method: CloneMethod

  /// Finds how files beneath `directory`, which is empty, can be cloned on its file system.
  static func probe(_ directory: borrowing DirectoryHandle) throws(KaizenError) -> CloneMethod {
    let (one, other) = (FileName(".kaizen-probe-1"), FileName(".kaizen-probe-2"))
    return try io(".kaizen-probe", "probing for shared blocks at") { () throws(SystemError) in
      let source = try directory.newFile(one)
      let target = try directory.newFile(other)
      try source.writeAll(repeatElement(UInt8(1), count: 4096))
      let reading = try directory.file(one)
      var method = CloneMethod.reflink
      do { try target.reflink(from: reading) } catch {
        // EOPNOTSUPP, EINVAL, ENOTTY, EXDEV: all of them say that it cannot, in some way.
        method = .copy
      }
      try directory.remove(one)
      try directory.remove(other)
      return method
    }
  }

  /// Refuses what would not fit before any byte is written.
  func checkSpace(
    _ listing: TreeListing, on directory: borrowing DirectoryHandle, root: String
  ) throws(KaizenError) {
    if method == .reflink { return }
    var space = statvfs()
    guard fstatvfs(directory.descriptor.raw, &space) == 0 else { return }
    let free = Int64(clamping: UInt64(space.f_bavail) &* UInt64(space.f_frsize))
    if listing.allocatedBytes > Self.copyByteCountMax {
      throw KaizenError(
        "E_CLONE_TOO_BIG",
        "\"\(root)\" has \(listing.allocatedBytes) bytes, and at most \(Self.copyByteCountMax) are "
          + "copied; \(free) bytes are free",
        hint: "put the agent on xfs or btrfs, where blocks are shared, or list big folders under "
          + "\"shared\"")
    }
    let needed = Int64(Double(listing.allocatedBytes) * Self.spareFactor)
    if needed > free {
      throw KaizenError(
        "E_NO_SPACE", "a clone of \"\(root)\" needs \(needed) bytes, \(free) are free",
        hint: "free space, or list big folders under \"shared\"")
    }
    // A file system without a fixed number of inodes says 0 of 0: btrfs.
    if space.f_files > 0 && UInt64(space.f_favail) < UInt64(listing.entries.count) {
      throw KaizenError(
        "E_NO_SPACE",
        "a clone of \"\(root)\" needs \(listing.entries.count) inodes, \(space.f_favail) are free",
        hint: "remove files on that file system")
    }
  }

  /// Copies everything in `listing` from `source` to the empty folder `target`.
  func clone(
    _ listing: TreeListing, from source: borrowing DirectoryHandle,
    to target: borrowing DirectoryHandle
  ) throws(KaizenError) {
    for entry in listing.entries {
      try io(entry.path, "cloning") { () throws(SystemError) in
        let name = entry.path.fileName
        switch entry.kind {
        case .directory: try target.makeDirectory(name)
        case .link:
          try target.makeLink(name, to: try source.target(ofLink: name))
          try FileProperties.set(onLink: name, in: target, as: entry)
        case .file:
          if let first = entry.sameFileAs {
            try target.link(first.fileName, into: target, as: name)
          } else {
            try cloneFile(entry, from: source, to: target)
          }
        }
      }
    }
    // Folders last, the inner ones first: each file made in them changed their time.
    for entry in listing.entries.reversed() where entry.kind == .directory {
      try io(entry.path, "cloning") { () throws(SystemError) in
        try Self.setProperties(entry, from: source, to: target)
      }
    }
  }

  private func cloneFile(
    _ entry: TreeEntry, from source: borrowing DirectoryHandle,
    to target: borrowing DirectoryHandle
  ) throws(SystemError) {
    let original = try source.file(entry.path.fileName)
    let status = try DirectoryHandle.status(of: original)
    if status.kind != .file || status.inode != entry.stamp.inode {
      throw SystemError("openat2", entry.path.text, code: ESTALE)  // another file by that name now
    }
    let copy = try target.newFile(entry.path.fileName)
    switch method {
    case .reflink: try copy.reflink(from: original)
    case .copy: try FileCopier.copy(original, to: copy, sizeBytes: status.sizeBytes)
    }
    try FileProperties.set(
      on: copy, as: entry, attributes: try ExtendedAttributes.read(original))
  }

  /// Gives the folder at `entry.path` in `target` the properties it has in `source`.
  static func setProperties(
    _ entry: TreeEntry, from source: borrowing DirectoryHandle,
    to target: borrowing DirectoryHandle
  ) throws(SystemError) {
    let original = try source.directory(entry.path.fileName)
    let copy = try target.directory(entry.path.fileName)
    try FileProperties.set(
      on: copy.descriptor, as: entry,
      attributes: try ExtendedAttributes.read(original.descriptor))
  }
}

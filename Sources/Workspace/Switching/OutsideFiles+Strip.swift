import Glibc
import Linux
import Model

extension OutsideFiles {
  /// Takes out of `tree`, which is not live, all that is no part of its generation.
  ///
  /// A second name goes where `live` has the very same file; caches go; the rest is moved beneath
  /// `leftover`, in folders as they were.
  /// - Returns: what was moved there.
  static func strip(
    _ tree: borrowing DirectoryHandle, ofThoseIn live: borrowing DirectoryHandle,
    paths: PathSet, manifest: GenerationManifest, leftover: String
  ) throws(KaizenError) -> [TreePath] {
    let listing = try TreeScanner(paths, reading: .outside(of: manifest.entries), outside: true)
      .scan(tree)
    var moved: [TreePath] = []
    var touched: [TreePath: Int64] = [:]
    for file in listing.outside.reversed() {
      let path = file.path
      let parent = path.parent ?? .root
      let wasMoved = try io(path, "storing") { () throws(SystemError) in
        let folder = try tree.directory(parent.fileName)
        if touched[parent] == nil { touched[parent] = try folder.status().modifiedNanoseconds }
        return try strip(file, from: folder, live: live, leftover: leftover)
      }
      if wasMoved { moved.append(path) }
    }
    for (path, time) in touched {
      try io(path, "storing") { () throws(SystemError) in
        guard try tree.status(path.fileName) != nil else { return }
        try FileProperties.setTime(on: try tree.directory(path.fileName).descriptor, time)
      }
    }
    try removeEmpty(listing.containers.subtracting(manifest.folders), in: tree)
    return moved
  }

  private static func strip(
    _ file: TreeListing.Outside, from folder: borrowing DirectoryHandle,
    live: borrowing DirectoryHandle, leftover: String
  ) throws(SystemError) -> Bool {
    let name = file.path.name
    if file.status.kind == .directory {
      do { try folder.remove(name, isDirectory: true) } catch {
        // Not empty: something arrived since the look. It stays, and the next look finds it.
        if error.code != ENOTEMPTY && error.code != EEXIST { throw error }
      }
      return false
    }
    let twin = try live.status(file.path.fileName)
    let isSame = twin.map { $0.inode == file.status.inode && $0.device == file.status.device }
    if file.isCache || isSame == true {
      try folder.remove(name)
      return false
    }
    if file.status.kind == .link, let twin, twin.kind == .link {
      let parent = try live.directory((file.path.parent ?? .root).fileName)
      if try parent.target(ofLink: name) == folder.target(ofLink: name) {
        try folder.remove(name)
        return false
      }
    }
    let above = leftover + (file.path.parent.map { $0.bytes.isEmpty ? "" : "/" + $0.text } ?? "")
    try Files.makeDirectories(above)
    let target = try DirectoryHandle(path: above)
    try folder.move(name, into: target, as: name)
    return true
  }

  /// Folders that held only what was taken out are no part of the generation either.
  private static func removeEmpty(
    _ containers: Set<TreePath>, in tree: borrowing DirectoryHandle
  ) throws(KaizenError) {
    for path in containers.sorted(by: { $1 < $0 }) {
      try io(path, "storing") { () throws(SystemError) in
        let folder = try tree.directory((path.parent ?? .root).fileName)
        let time = try folder.status().modifiedNanoseconds
        do throws(SystemError) { try folder.remove(path.name, isDirectory: true) } catch {
          if ![ENOTEMPTY, EEXIST, ENOENT].contains(error.code) { throw error }
        }
        try FileProperties.setTime(on: folder.descriptor, time)
      }
    }
  }
}

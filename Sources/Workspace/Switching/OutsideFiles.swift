import Glibc
import Linux
import Model

/// Keeps the files that are in the agent's folder but in no generation, across every switch.
///
/// Exchanging two folders would take them away: `.git`, `.venv`, what `ignore` names, sockets. So
/// before a switch each of them gets a **second name** in the tree that is about to be live: a hard
/// link, hence the same file under both roots. Whoever has it open keeps writing to the one that
/// stays, no reader finds it missing at any moment, and nothing is copied. (A generation's own files
/// are never linked: there a write to one tree must not reach the other.) What was made, replaced
/// or deleted between that and the exchange is caught up right after it. Only when the old tree goes
/// to the store do its second names go, each only where the live tree has the very same file; what
/// has no other name is moved to the generation's `leftover/` folder, and never removed.
struct OutsideFiles {
  let paths: PathSet
  /// A folder on the same file system, for a name that is there for an instant only: a crash then
  /// leaves it where recovery sweeps, and not in the agent's folder.
  let scratch: String
  /// The inodes given a second name, by path.
  private(set) var carried: [TreePath: UInt64] = [:]
  /// Where both trees have files of their own: the target's stayed.
  private(set) var conflicts: [TreePath] = []

  init(_ store: GenerationStore) {
    paths = store.paths
    scratch = store.layout.store
  }

  /// Which of two different files under one path is the one to keep.
  enum Newer {
    /// The target's, unless it is still the one carried there by these inodes.
    case targetUnless([TreePath: UInt64])
    /// The source's: the source is live. What the target has under no other name goes to that folder.
    case source(leftover: String)
  }

  /// Gives what is outside the generation in `source` a second name in `target`.
  /// - Parameter base: the generation that `source` is, or was edited from.
  mutating func carry(
    from source: borrowing DirectoryHandle, to target: borrowing DirectoryHandle, newer: Newer,
    base: GenerationManifest
  ) throws(KaizenError) {
    let listing = try TreeScanner(paths, reading: .outside(of: base.entries), outside: true)
      .scan(source)
    var index = listing.outside.startIndex
    while index < listing.outside.endIndex {
      let parent = listing.outside[index].path.parent ?? .root
      let end =
        listing.outside[index...].firstIndex { $0.path.parent != parent }
        ?? listing.outside.endIndex
      try carry(
        listing.outside[index..<end], in: parent, from: source, to: target, newer: newer)
      index = end
    }
  }

  /// Everything of one folder.
  private mutating func carry(
    _ files: ArraySlice<TreeListing.Outside>, in parent: TreePath,
    from source: borrowing DirectoryHandle, to target: borrowing DirectoryHandle, newer: Newer
  ) throws(KaizenError) {
    guard try makeFolder(parent, from: source, to: target, isWanted: files.contains { !$0.isCache })
    else { return }
    let name = parent.fileName
    let from = try io(parent, "keeping") { () throws(SystemError) in try source.directory(name) }
    let to = try io(parent, "keeping") { () throws(SystemError) in try target.directory(name) }
    let before = try io(parent, "keeping") { () throws(SystemError) in try to.status() }
    for file in files { try carry(file, from: from, to: to, newer: newer) }
    try io(parent, "keeping") { () throws(SystemError) in
      try FileProperties.setTime(on: to.descriptor, before.modifiedNanoseconds)
    }
  }

  private mutating func carry(
    _ file: TreeListing.Outside, from: borrowing DirectoryHandle, to: borrowing DirectoryHandle,
    newer: Newer
  ) throws(KaizenError) {
    let name = file.path.name
    let there = try io(file.path, "keeping") { () throws(SystemError) in try to.status(name) }
    if let there {
      if there.kind == .directory && file.status.kind == .directory { return }
      if there.inode == file.status.inode {
        carried[file.path] = there.inode
        return
      }
      if there.kind == .link, file.status.kind == .link, try isSameLink(file.path, from, to) {
        carried[file.path] = there.inode
        return
      }
      let isReplaceable =
        switch newer {
        case .source: true
        case .targetUnless(let known): known[file.path] == there.inode
        }
      if !isReplaceable || there.kind == .directory || file.status.kind == .directory {
        conflicts.append(file.path)
        return
      }
      if case .source(let leftover) = newer, there.linkCount == 1, !file.isCache {
        try Self.moveAside(file.path, from: to, leftover: leftover)
      }
    }
    let path = file.path
    let replaces = there != nil
    let isFolder = file.status.kind == .directory
    try io(path, "keeping") { () throws(SystemError) in
      if isFolder {
        try Self.makeFolder(name, path, from: from, to: to)
      } else if replaces {
        let store = try DirectoryHandle(path: scratch)
        let temporary = FileName("carry-\(getpid()).tmp")
        try from.link(name, into: store, as: temporary)
        try store.move(temporary, into: to, as: name)
      } else {
        try from.link(name, into: to, as: name)
      }
    }
    carried[path] = file.status.inode
  }

  /// Moves a file out of a tree to the same path beneath `leftover`.
  static func moveAside(
    _ path: TreePath, from folder: borrowing DirectoryHandle, leftover: String
  ) throws(KaizenError) {
    let above = path.parent.map { $0.bytes.isEmpty ? "" : "/" + $0.text } ?? ""
    try io(path, "keeping") { () throws(SystemError) in
      try Files.makeDirectories(leftover + above)
      try folder.move(
        path.name, into: try DirectoryHandle(path: leftover + above), as: path.name)
    }
  }

  private func isSameLink(
    _ path: TreePath, _ one: borrowing DirectoryHandle, _ other: borrowing DirectoryHandle
  ) throws(KaizenError) -> Bool {
    try io(path) { () throws(SystemError) in
      try one.target(ofLink: path.name) == other.target(ofLink: path.name)
    }
  }

  /// Makes sure the folder `path` is in `target`; false where it need not be, or cannot.
  ///
  /// A change may have removed the last file of a folder. What is precious in it keeps the folder, a
  /// cache does not: Python would take the empty folder for a package.
  private mutating func makeFolder(
    _ path: TreePath, from source: borrowing DirectoryHandle,
    to target: borrowing DirectoryHandle, isWanted: Bool
  ) throws(KaizenError) -> Bool {
    if path.bytes.isEmpty { return true }
    let there = try io(path) { () throws(SystemError) in try target.status(path.fileName) }
    if let there {
      if there.kind == .directory { return true }
      conflicts.append(path)
      return false
    }
    guard isWanted else { return false }
    guard
      try makeFolder(path.parent ?? .root, from: source, to: target, isWanted: true)
    else { return false }
    try io(path, "keeping") { () throws(SystemError) in
      let above = (path.parent ?? .root).fileName
      let from = try source.directory(above)
      let to = try target.directory(above)
      try Self.makeFolder(path.name, path, from: from, to: to)
    }
    return true
  }

  private static func makeFolder(
    _ name: FileName, _ path: TreePath, from: borrowing DirectoryHandle,
    to: borrowing DirectoryHandle
  ) throws(SystemError) {
    try to.makeDirectory(name)
    let original = try from.directory(name)
    let copy = try to.directory(name)
    try FileProperties.set(
      on: copy.descriptor, as: TreeEntry(path, .directory, try original.status()),
      attributes: try ExtendedAttributes.read(original.descriptor))
  }

  /// Takes from the live tree the second names of files that `source` has no more.
  ///
  /// Only those carried by this value, and only where they are still that file: somebody removed them
  /// between the carrying and the exchange.
  func removeDeleted(
    from target: borrowing DirectoryHandle, notIn source: borrowing DirectoryHandle
  ) throws(KaizenError) {
    for (path, inode) in carried.sorted(by: { $1.key < $0.key }) {
      let name = path.fileName
      try io(path, "removing") { () throws(SystemError) in
        if try source.status(name) != nil { return }
        guard let there = try target.status(name), there.kind != .directory,
          there.inode == inode
        else { return }
        let folder = try target.directory((path.parent ?? .root).fileName)
        try folder.remove(path.name)
      }
    }
  }
}

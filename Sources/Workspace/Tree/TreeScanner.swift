import Glibc
import Hashing
import Linux
import Model

/// Walks a tree once and lists what it holds.
struct TreeScanner {
  /// Which files are read, and not only looked at.
  enum Reading {
    /// None: the digests stay empty.
    case none
    /// Those that may differ from these entries by what stat(2) shows.
    case changed(since: [TreeEntry], takenAtNanoseconds: Int64)
    /// None, and only what is outside the generation of these entries is listed; the entries are not.
    case outside(of: [TreeEntry])
    /// All.
    case all
  }

  /// Most entries of one generation, and most files outside it: more would not fit a manifest.
  static let entryCountMax = 200_000, outsideCountMax = 1_000_000
  /// Most folders inside one another; each holds a descriptor while it is walked.
  static let depthMax = 200

  private let paths: PathSet
  private let reading: Reading
  private let wantsOutside: Bool
  private var known: [TreePath: TreeEntry] = [:]
  private let trustedBefore: Int64
  private var listing = TreeListing()

  /// A scan for files of `paths`.
  /// - Parameter outside: whether what is outside the generation is listed as well.
  init(_ paths: PathSet, reading: Reading, outside: Bool = false) {
    self.paths = paths
    self.reading = reading
    wantsOutside = outside
    if case .changed(_, let takenAt) = reading {
      trustedBefore = takenAt - TreeListing.clockStepNanoseconds
    } else {
      trustedBefore = 0
    }
  }

  /// What is beneath `root`.
  /// - Complexity: O(n log n) for n files, and the bytes of those that are read.
  consuming func scan(_ root: borrowing DirectoryHandle) throws(KaizenError) -> TreeListing {
    listing.takenAtNanoseconds = Clock.wallNanoseconds()
    if try look(root) { return listing }
    if case .changed(let entries, _) = reading {
      known = Dictionary(entries.map { ($0.path, $0) }) { first, _ in first }
    }
    _ = try walk(root, .root)
    listing.entries.sort { $0.path < $1.path }
    listing.outside.sort { $0.path < $1.path }
    markSameFiles()
    return listing
  }

  /// The quick way for a tree that is as it was: true where it gave the whole listing.
  private mutating func look(_ root: borrowing DirectoryHandle) throws(KaizenError) -> Bool {
    let entries: [TreeEntry]
    var isUnchanged = false
    var look: TreeLook
    do throws(SystemError) {
      switch reading {
      case .changed(let known, _):
        entries = known
        look = TreeLook(known)
        if try !look.isUnchanged(in: root, trustedBefore: trustedBefore) { return false }
        isUnchanged = true
      case .outside(let known):
        entries = known
        look = TreeLook(known)
        try look.findExtras(in: root)
      case .none, .all: return false
      }
    } catch {
      return false  // something is gone or in the way: the walk says what
    }
    for path in look.extras {
      let folder = try io(path) { () throws(SystemError) in
        try root.directory((path.parent ?? .root).fileName)
      }
      _ = try visit(folder, path.name, path)
    }
    if isUnchanged && !listing.entries.isEmpty {  // something was added
      listing = TreeListing(takenAtNanoseconds: listing.takenAtNanoseconds)
      return false
    }
    listing.isUnchanged = isUnchanged
    listing.entries = entries
    listing.allocatedBytes = look.allocatedBytes
    listing.privileged += look.privileged
    listing.outside.sort { $0.path < $1.path }
    return true
  }

  private enum Content { case generation, outside, both, nothing }

  private mutating func walk(
    _ directory: borrowing DirectoryHandle, _ path: TreePath
  ) throws(KaizenError) -> Content {
    if path.depth > Self.depthMax {
      throw KaizenError(
        "E_TREE_TOO_DEEP", "\"\(path)\" is more than \(Self.depthMax) folders deep",
        hint: "list the folder under \"ignore\"")
    }
    var hasGeneration = false
    var hasOutside = false
    let names = try io(path) { () throws(SystemError) in try directory.names() }
    for name in names {
      let found = try visit(directory, name, path.appending(name))
      hasGeneration = hasGeneration || found == .generation || found == .both
      hasOutside = hasOutside || found == .outside || found == .both
    }
    return hasGeneration ? (hasOutside ? .both : .generation) : (hasOutside ? .outside : .nothing)
  }

  private mutating func visit(
    _ directory: borrowing DirectoryHandle, _ name: FileName, _ path: TreePath
  ) throws(KaizenError) -> Content {
    let looked = try io(path) { () throws(SystemError) in try directory.status(name) }
    guard let status = looked else { return .nothing }  // gone meanwhile: whoever cares looks twice
    return switch (status.kind, paths.place(of: path)) {
    case (_, .outside): try addOutside(directory, name, path, status, isCache: false)
    case (_, .cache): try addOutside(directory, name, path, status, isCache: true)
    case (.directory, .generation): try addFolder(directory, name, path, status)
    case (.special(let kind), .generation): try addSpecial(directory, name, path, status, kind)
    case (.file, .generation), (.link, .generation): try addFile(directory, name, path, status)
    }
  }

  private mutating func addFolder(
    _ directory: borrowing DirectoryHandle, _ name: FileName, _ path: TreePath,
    _ status: FileStatus
  ) throws(KaizenError) -> Content {
    let child = try io(path) { () throws(SystemError) in try directory.directory(name) }
    let content = try walk(child, path)
    if content == .outside {
      listing.containers.insert(path)
      return .outside
    }
    var entry = TreeEntry(path, .directory, status)
    if case .all = reading {
      entry.attributesDigest = try io(path) { () throws(SystemError) in
        ExtendedAttributes.digest(try ExtendedAttributes.read(child.descriptor))
      }
    } else {
      entry.attributesDigest = known[path]?.attributesDigest
    }
    try append(entry)
    return content == .both ? .both : .generation
  }

  private mutating func addFile(
    _ directory: borrowing DirectoryHandle, _ name: FileName, _ path: TreePath,
    _ status: FileStatus
  ) throws(KaizenError) -> Content {
    var entry = TreeEntry(path, status.kind == .link ? .link : .file, status)
    if entry.kind == .file && status.mode & 0o6000 != 0 { listing.privileged.append(path) }
    listing.allocatedBytes += status.allocatedBytes
    switch reading {
    case .none, .outside:
      try append(entry)
      return .generation
    case .changed, .all: break
    }
    if let old = known[path], old.stamp == entry.stamp, old.sizeBytes == entry.sizeBytes,
      old.kind == entry.kind, old.stamp.changedNanoseconds < trustedBefore
    {
      entry.contentDigest = old.contentDigest
      entry.attributesDigest = old.attributesDigest
    } else {
      try read(directory, name, &entry)
    }
    try append(entry)
    return .generation
  }

  private func read(
    _ directory: borrowing DirectoryHandle, _ name: FileName, _ entry: inout TreeEntry
  ) throws(KaizenError) {
    if entry.kind == .link {
      let target = try io(entry.path) { () throws(SystemError) in
        try directory.target(ofLink: name)
      }
      entry.contentDigest = SHA256.hex(of: target)
      return
    }
    let path = entry.path
    let file = try io(path) { () throws(SystemError) in try directory.file(name) }
    entry.attributesDigest = try io(path) { () throws(SystemError) in
      ExtendedAttributes.digest(try ExtendedAttributes.read(file))
    }
    guard let digest = SHA256.hex(readingFrom: file.raw) else {
      throw KaizenError(SystemError("read"), "reading", path.text)
    }
    entry.contentDigest = digest
  }

  private mutating func append(_ entry: TreeEntry) throws(KaizenError) {
    listing.entries.append(entry)
    if listing.entries.count > Self.entryCountMax {
      throw KaizenError(
        "E_TREE_TOO_BIG", "more than \(Self.entryCountMax) files and folders",
        hint: "list what is no part of the agent under \"ignore\" or \"shared\"")
    }
  }

  private mutating func addSpecial(
    _ directory: borrowing DirectoryHandle, _ name: FileName, _ path: TreePath,
    _ status: FileStatus, _ kind: String
  ) throws(KaizenError) -> Content {
    listing.specials.append((path, kind))
    return try addOutside(directory, name, path, status, isCache: false)
  }

  /// Folders outside the generation are walked only where the caller wants what is in them.
  private mutating func addOutside(
    _ directory: borrowing DirectoryHandle, _ name: FileName, _ path: TreePath,
    _ status: FileStatus, isCache: Bool
  ) throws(KaizenError) -> Content {
    guard wantsOutside else { return .outside }
    listing.outside.append(TreeListing.Outside(path: path, status: status, isCache: isCache))
    if listing.outside.count > Self.outsideCountMax || path.depth > Self.depthMax {
      throw KaizenError(
        "E_TREE_TOO_BIG",
        "\"\(path)\": more than \(Self.outsideCountMax) files beside the agent's, or folders more "
          + "than \(Self.depthMax) deep",
        hint: "move what is no part of the agent out of its folder")
    }
    if status.kind == .directory {
      let child = try io(path) { () throws(SystemError) in try directory.directory(name) }
      let names = try io(path) { () throws(SystemError) in try child.names() }
      for inner in names {
        let below = path.appending(inner)
        let found = try io(below) { () throws(SystemError) in try child.status(inner) }
        guard let found else { continue }
        // A folder named like a cache inside `shared` or `.git` is as precious as what it is in.
        let isCache = isCache && paths.place(of: below) == .cache
        _ = try addOutside(child, inner, below, found, isCache: isCache)
      }
    }
    return .outside
  }

  /// Files of the generation that are one file under several names.
  private mutating func markSameFiles() {
    var first: [UInt64: TreePath] = [:]
    for index in listing.entries.indices where listing.entries[index].kind == .file {
      let entry = listing.entries[index]
      if let earlier = first[entry.stamp.inode] {
        listing.entries[index].sameFileAs = earlier
      } else {
        first[entry.stamp.inode] = entry.path
      }
    }
  }
}

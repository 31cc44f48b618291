import Glibc
import Linux
public import Model

/// A copy of a folder for something to be tried on, without an agent or a store of generations.
///
/// Git's files and caches are left out, as they are of generations. Whoever makes it removes it.
public struct TrialCopy: Sendable {
  /// Folders of what tools put there and nobody writes, left out wherever they are.
  static let ignored = [".build", ".hg", ".svn", ".venv", "node_modules"]

  /// The folder that was copied.
  public let original: String
  /// The copy.
  public let path: String
  /// Its regular files, relative to it, as they were at first.
  public let fileNames: [String]
  private let entries: [TreeEntry]

  private static let paths = PathSet(
    ignored: ignored.flatMap { [$0, "**/\($0)"] })

  /// Copies the folder `original` to `path`, where nothing may be yet.
  /// - Throws: `E_CLONE_TOO_BIG`, `E_NO_SPACE`, `E_TREE_TOO_BIG`, `E_TREE_TOO_DEEP`.
  /// - Complexity: O(n) for n bytes, shared where the file system can.
  public init(of original: String, at path: String) throws(KaizenError) {
    self.original = original
    self.path = path
    try io(path, "making") { () throws(SystemError) in
      try Files.makeDirectories(path, mode: 0o700)
    }
    let source = try Self.open(original)
    let target = try Self.open(path)
    let listing = try TreeScanner(Self.paths, reading: .all).scan(source)
    let cloner = TreeCloner(method: try TreeCloner.probe(target))
    try cloner.checkSpace(listing, on: target, root: original)
    try cloner.clone(listing, from: source, to: target)
    try io(path, "cloning") { () throws(SystemError) in
      try FileProperties.set(
        on: target.descriptor, as: TreeEntry(.root, .directory, try source.status()),
        attributes: try ExtendedAttributes.read(source.descriptor))
    }
    entries = listing.entries
    fileNames = listing.entries.compactMap { $0.kind == .file ? $0.path.text : nil }
  }

  /// What differs now between the original and the copy.
  public func diff() throws(KaizenError) -> TreeDiff {
    let copy = try Self.open(path)
    let listing = try TreeScanner(Self.paths, reading: .all).scan(copy)
    return try TreeComparer.compare(
      entries, in: try Self.open(original), listing.entries, in: copy)
  }

  private static func open(_ path: String) throws(KaizenError) -> DirectoryHandle {
    try io(path, "opening") { () throws(SystemError) in try DirectoryHandle(path: path) }
  }
}

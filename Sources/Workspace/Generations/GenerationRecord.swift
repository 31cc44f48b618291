public import Model

/// One generation in short: all but the list of its files.
public struct GenerationRecord: Hashable, Sendable {
  /// How a generation came to be.
  public enum Origin: String, CaseIterable, Sendable {
    /// The tree found when the agent was attached.
    case attached
    /// A trial's clone.
    case trial
    /// What somebody changed in the live tree.
    case edits
  }

  /// Its number.
  public var number: GenerationNumber
  /// The one it was made from.
  public var parent: GenerationNumber?
  /// How it came to be.
  public var origin: Origin
  /// When.
  public var time: Instant
  /// The digest of all its files.
  public var digest: Digest
  /// The inode of its root: whose inode the live root has, that generation is live.
  public var rootInode: UInt64
  /// Files, folders and links.
  public var entryCount: Int
  /// Bytes of all files.
  public var byteCount: Int64
}

/// A generation with the list of its files.
public struct GenerationManifest: Hashable, Sendable {
  /// The generation in short.
  public var record: GenerationRecord
  /// Every file, folder and link, in the order of the paths.
  public var entries: [TreeEntry]
  /// When the look at the tree began, in nanoseconds since the epoch.
  public var takenAtNanoseconds: Int64

  /// The number.
  public var number: GenerationNumber { record.number }
  /// The digest of all files.
  public var digest: Digest { record.digest }
  /// The folders among the entries.
  var folders: Set<TreePath> { Set(entries.filter { $0.kind == .directory }.map(\.path)) }

  /// The manifest of what `listing` found in a tree whose root is `root`.
  init(
    _ listing: TreeListing, number: GenerationNumber, parent: GenerationNumber?,
    origin: GenerationRecord.Origin, root: FileIdentity
  ) {
    guard let digest = Digest(hex: TreeEntry.digest(of: listing.entries)) else {
      fatalError("SHA256 always gives 64 hexadecimal digits")
    }
    record = GenerationRecord(
      number: number, parent: parent, origin: origin,
      time: Instant(nanoseconds: listing.takenAtNanoseconds / 1_000_000 * 1_000_000),
      digest: digest,
      rootInode: root.inode, entryCount: listing.entries.count,
      byteCount: listing.entries.reduce(0) { $0 + ($1.kind == .file ? $1.sizeBytes : 0) })
    entries = listing.entries
    takenAtNanoseconds = listing.takenAtNanoseconds
  }

  init(record: GenerationRecord, entries: [TreeEntry], takenAtNanoseconds: Int64) {
    self.record = record
    self.entries = entries
    self.takenAtNanoseconds = takenAtNanoseconds
  }
}

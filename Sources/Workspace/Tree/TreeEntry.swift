import Hashing

/// One file, folder or symbolic link of a generation.
public struct TreeEntry: Hashable, Sendable {
  /// What it is.
  public enum Kind: String, CaseIterable, Sendable { case file, directory, link }

  /// What stat(2) shows of one particular copy; no part of what the entry is.
  ///
  /// While it is the same, so is the content: no program can set a file's change time.
  public struct Stamp: Hashable, Sendable {
    /// The number on the device.
    public var inode: UInt64
    /// When the content changed last, as programs may set it.
    public var modifiedNanoseconds: Int64
    /// When content or status changed last, as only the kernel sets it.
    public var changedNanoseconds: Int64
  }

  /// Where it is.
  public var path: TreePath
  /// What it is.
  public var kind: Kind
  /// Permission bits; without set-user-id and set-group-id, but for a folder's set-group-id.
  public var mode: UInt32
  /// The user it belongs to.
  public var owner: UInt32
  /// The group it belongs to.
  public var group: UInt32
  /// Bytes of a file, or of a link's target; 0 for a folder.
  public var sizeBytes: Int64
  /// SHA-256 of a file's bytes, or of a link's target; empty for a folder.
  public var contentDigest: String
  /// The first path of the generation that is the same file, where there is an earlier one.
  public var sameFileAs: TreePath?
  /// A digest of the extended attributes, where there are any.
  public var attributesDigest: String?
  /// The copy this was read from.
  public var stamp: Stamp

  init(_ path: TreePath, _ kind: Kind, _ status: FileStatus, contentDigest: String = "") {
    self.path = path
    self.kind = kind
    mode = Self.mode(kind, status)
    owner = status.owner
    group = status.group
    sizeBytes = kind == .directory ? 0 : status.sizeBytes
    self.contentDigest = contentDigest
    stamp = Stamp(
      inode: status.inode, modifiedNanoseconds: status.modifiedNanoseconds,
      changedNanoseconds: status.changedNanoseconds)
  }

  init(
    path: TreePath, kind: Kind, mode: UInt32, owner: UInt32, group: UInt32, sizeBytes: Int64,
    contentDigest: String, sameFileAs: TreePath?, attributesDigest: String?, stamp: Stamp
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.owner = owner
    self.group = group
    self.sizeBytes = sizeBytes
    self.contentDigest = contentDigest
    self.sameFileAs = sameFileAs
    self.attributesDigest = attributesDigest
    self.stamp = stamp
  }

  /// The bits a generation keeps: a folder's set-group-id only hands its group on, a file's grants.
  static func mode(_ kind: Kind, _ status: FileStatus) -> UInt32 {
    switch kind {
    case .link: 0o777
    case .directory: status.mode & 0o3777
    case .file: status.mode & 0o1777
    }
  }

  /// Whether it is the same, whichever copy it was read from.
  public func isSame(as other: TreeEntry) -> Bool {
    isSameContent(as: other) && mode == other.mode && owner == other.owner
      && group == other.group && sameFileAs == other.sameFileAs
      && attributesDigest == other.attributesDigest
  }

  /// Whether it has the same bytes, whatever its permissions.
  public func isSameContent(as other: TreeEntry) -> Bool {
    path == other.path && kind == other.kind && sizeBytes == other.sizeBytes
      && contentDigest == other.contentDigest
  }

  /// One digest of many entries, in the order of their paths; stamps do not count.
  static func digest(of entries: [TreeEntry]) -> String {
    var hash = SHA256()
    for entry in entries {
      let fields = [
        entry.kind.rawValue, String(entry.mode, radix: 8), "\(entry.owner)", "\(entry.group)",
        "\(entry.sizeBytes)", entry.contentDigest, entry.attributesDigest ?? "",
        entry.sameFileAs?.text ?? "",
      ]
      // NUL cannot be in a path, so that no two lists of entries give the same bytes.
      hash.update(entry.path.bytes + [0])
      hash.update(fields.joined(separator: "\0").utf8)
      hash.update([0, 0])
    }
    return hash.finishHex()
  }
}

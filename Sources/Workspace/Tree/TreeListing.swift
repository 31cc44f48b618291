import Linux

/// What one look at a tree found.
struct TreeListing: Sendable {
  /// What belongs to the generation, in the order of the paths.
  var entries: [TreeEntry] = []
  /// Folders that hold nothing of the generation but something outside it.
  var containers: Set<TreePath> = []
  /// What is outside the generation, where the scan was asked for it; folders before what they hold.
  var outside: [Outside] = []
  /// Sockets, FIFOs and devices where files of the generation could be.
  var specials: [(path: TreePath, kind: String)] = []
  /// Files with set-user-id, set-group-id or capabilities.
  var privileged: [TreePath] = []
  /// Blocks on disk of the generation's files, holes not counted.
  var allocatedBytes: Int64 = 0
  /// Whether the entries are those that the scan was asked to compare with, to the last stamp.
  var isUnchanged = false
  /// When the look began; what changed about then may change again without showing.
  var takenAtNanoseconds: Int64 = 0

  struct Outside: Sendable {
    var path: TreePath
    var status: FileStatus
    var isCache: Bool
  }

  /// The least step between two times a kernel stamps on files: a tick, 10 ms at HZ=100.
  static let clockStepNanoseconds: Int64 = 20_000_000

  /// The paths that differ from `base`: added, removed or changed.
  ///
  /// A folder of the base that now holds only what is outside is still there.
  ///
  /// Of a scan that was asked for what changed since entries, `base` is those.
  func differences(from base: [TreeEntry]) -> [TreePath] {
    if isUnchanged { return [] }
    return Self.pairs(base, entries).compactMap { old, new in
      switch (old, new) {
      case (let old?, let new?): old.isSame(as: new) ? nil : old.path
      case (let old?, nil):
        old.kind == .directory && containers.contains(old.path) ? nil : old.path
      case (nil, let new?): new.path
      case (nil, nil): nil
      }
    }
  }

  /// The paths whose copies differ in stat(2) from an earlier look at the same tree.
  func changes(since earlier: TreeListing) -> [TreePath] {
    Self.pairs(earlier.entries, entries).compactMap { old, new in
      guard let old, let new else { return (old ?? new)?.path }
      // A folder's times change with what is outside the generation, too.
      let isSameCopy =
        old.kind == .directory ? old.stamp.inode == new.stamp.inode : old.stamp == new.stamp
      return isSameCopy && old.kind == new.kind && old.mode == new.mode && old.owner == new.owner
        && old.group == new.group && old.sizeBytes == new.sizeBytes ? nil : old.path
    }
  }

  /// Both lists side by side, by path.
  /// - Complexity: O(n + m).
  static func pairs(
    _ old: [TreeEntry], _ new: [TreeEntry]
  ) -> [(old: TreeEntry?, new: TreeEntry?)] {
    var pairs: [(old: TreeEntry?, new: TreeEntry?)] = []
    pairs.reserveCapacity(max(old.count, new.count))
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if right == new.count || left < old.count && old[left].path < new[right].path {
        pairs.append((old[left], nil))
        left += 1
      } else if left == old.count || new[right].path < old[left].path {
        pairs.append((nil, new[right]))
        right += 1
      } else {
        pairs.append((old[left], new[right]))
        left += 1
        right += 1
      }
    }
    return pairs
  }
}

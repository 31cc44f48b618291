import Hashing
import Linux
import Model

/// Compares two trees file by file, from what is on disk.
struct TreeComparer {
  private var diff = TreeDiff()
  private var text = UnifiedText(byteCountMax: TreeDiff.textByteCountMax)

  /// - Parameters:
  ///   - old: the entries of the old tree, whose files are beneath `oldRoot`.
  ///   - new: the entries of the new tree, whose files are beneath `newRoot`.
  static func compare(
    _ old: [TreeEntry], in oldRoot: borrowing DirectoryHandle, _ new: [TreeEntry],
    in newRoot: borrowing DirectoryHandle
  ) throws(KaizenError) -> TreeDiff {
    var comparer = TreeComparer()
    for (before, after) in TreeListing.pairs(old, new) {
      if let before, let after, before.isSame(as: after) { continue }
      try comparer.add(before, after, oldRoot, newRoot)
    }
    comparer.diff.text = String(decoding: comparer.text.bytes, as: UTF8.self)
    comparer.diff.isTruncated = comparer.text.isTruncated
    return comparer.diff
  }

  private mutating func add(
    _ before: TreeEntry?, _ after: TreeEntry?, _ oldRoot: borrowing DirectoryHandle,
    _ newRoot: borrowing DirectoryHandle
  ) throws(KaizenError) {
    guard let path = (after ?? before)?.path else { return }
    let kind: TreeDiff.Change.Kind =
      switch (before, after) {
      case (nil, _): .added
      case (_, nil): .removed
      case (let before?, let after?):
        before.isSameContent(as: after) ? .modeChanged : .changed
      }
    var change = TreeDiff.Change(path: path, kind: kind, old: before, new: after)
    addHeader(change)
    if kind != .modeChanged {
      let old = if let before { try Self.read(before, oldRoot) } else { [UInt8]?.some([]) }
      let new = if let after { try Self.read(after, newRoot) } else { [UInt8]?.some([]) }
      if let old, let new { addLines(old, new, to: &change) } else { change.isBinary = true }
      if change.isBinary { text.add("Binary file \(path) differs".utf8) }
    }
    diff.changes.append(change)
  }

  private mutating func addHeader(_ change: TreeDiff.Change) {
    if change.old?.kind == .directory || change.new?.kind == .directory {
      text.add("\(change.kind.rawValue) folder \(change.path)".utf8)
    }
    if let old = change.old, let new = change.new, old.mode != new.mode {
      let modes = "\(String(old.mode, radix: 8)) to \(String(new.mode, radix: 8))"
      text.add("mode of \(change.path) from \(modes)".utf8)
    }
  }

  private mutating func addLines(_ old: [UInt8], _ new: [UInt8], to change: inout TreeDiff.Change) {
    let left = UnifiedText.lines(old)
    let right = UnifiedText.lines(new)
    let hunks = LineDiff(left, right).hunks
    for hunk in hunks {
      change.removedLineCount += hunk.old.count
      change.addedLineCount += hunk.new.count
      let first = hunk.new.lowerBound + 1
      change.touchedLines.append(first...max(first, hunk.new.upperBound))
    }
    if hunks.isEmpty { return }
    text.add((change.old == nil ? "--- /dev/null" : "--- a/\(change.path)").utf8)
    text.add((change.new == nil ? "+++ /dev/null" : "+++ b/\(change.path)").utf8)
    text.add(hunks, old: left, new: right)
  }

  /// The text of a file, the target of a link, nothing for a folder; nil where it is no text.
  private static func read(
    _ entry: TreeEntry, _ root: borrowing DirectoryHandle
  ) throws(KaizenError) -> [UInt8]? {
    let name = entry.path.fileName
    switch entry.kind {
    case .directory: return []
    case .link:
      return try io(entry.path) { () throws(SystemError) in try root.target(ofLink: name) }
    case .file: break
    }
    if entry.sizeBytes > TreeDiff.lineFileByteCountMax { return nil }
    let bytes = try io(entry.path) { () throws(SystemError) in
      try root.file(name).readAll(limit: TreeDiff.lineFileByteCountMax)
    }
    if SHA256.hex(of: bytes) != entry.contentDigest {
      throw KaizenError(
        "E_BASE_MOVED", "\"\(entry.path)\" changed while it was compared",
        hint: "the edit stays; optimize again, and it becomes the base")
    }
    // As git decides it: a NUL in the first 8,000 bytes.
    return bytes.prefix(8000).contains(0) ? nil : bytes
  }
}

public import Model

/// What differs between two generations, computed from their files and nobody's account of them.
public struct TreeDiff: Hashable, Sendable {
  /// One path that differs.
  public struct Change: Hashable, Sendable {
    /// How it differs.
    public enum Kind: String, CaseIterable, Sendable {
      case added, removed, changed
      /// The same bytes with other permissions, owner or attributes.
      case modeChanged = "mode_changed"
    }

    /// Where.
    public var path: TreePath
    /// How.
    public var kind: Kind
    /// What it was; nil where it is new.
    public var old: TreeEntry?
    /// What it is; nil where it is gone.
    public var new: TreeEntry?
    /// Lines that are only in the new text.
    public var addedLineCount = 0
    /// Lines that were only in the old text.
    public var removedLineCount = 0
    /// The lines of the new text that the change touched, from 1; a removal touches the line after it.
    public var touchedLines: [ClosedRange<Int>] = []
    /// Whether lines mean nothing in it: it has NUL bytes, or is too long to compare.
    public var isBinary = false
  }

  /// Something no generation may hold.
  public struct Hazard: Hashable, Sendable {
    /// Where.
    public var path: TreePath
    /// What it is, in words: `a device`, `set-user-id`, `a link out of the agent's folder`.
    public var what: String
  }

  /// What differs, in the order of the paths.
  public var changes: [Change] = []
  /// What may not be there, in the order of the paths.
  public var hazards: [Hazard] = []
  /// All differences in lines, as patch(1) reads them; binary files are only named.
  public var text = ""
  /// Whether `text` ends before the differences do.
  public var isTruncated = false

  /// Longest `text`, in bytes.
  public static let textByteCountMax = 256 * 1024
  /// Longest file compared by lines, in bytes.
  public static let lineFileByteCountMax = 4 << 20

  /// Whether nothing differs.
  public var isEmpty: Bool { changes.isEmpty }
  /// Lines added and removed in all.
  public var lineCount: Int {
    changes.reduce(0) { $0 + $1.addedLineCount + $1.removedLineCount }
  }
  /// Bytes of all files that are new or changed.
  public var byteCount: Int64 {
    changes.reduce(0) { sum, change in
      change.kind == .added || change.kind == .changed ? sum + (change.new?.sizeBytes ?? 0) : sum
    }
  }

  /// As the API shows it.
  public var json: JSONValue {
    .object([
      "changes": .array(
        changes.map { change in
          .object([
            "path": .string(change.path.text), "kind": .string(change.kind.rawValue),
            "lines_added": .integer(Int64(change.addedLineCount)),
            "lines_removed": .integer(Int64(change.removedLineCount)),
            "binary": .bool(change.isBinary),
            "old_sha256": .string(change.old?.contentDigest ?? ""),
            "new_sha256": .string(change.new?.contentDigest ?? ""),
            "old_mode": change.old.map { .string(String($0.mode, radix: 8)) } ?? .null,
            "new_mode": change.new.map { .string(String($0.mode, radix: 8)) } ?? .null,
          ])
        }),
      "diff": .string(text), "truncated": .bool(isTruncated),
    ])
  }
}

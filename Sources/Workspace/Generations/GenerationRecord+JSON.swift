public import Model

extension GenerationRecord {
  /// As `generation.json` has it.
  public var json: JSONValue {
    .object([
      "generation": .integer(Int64(number.value)),
      "parent": parent.map { .integer(Int64($0.value)) } ?? .null,
      "origin": .string(origin.rawValue), "time": .string(time.description),
      "digest": .string(digest.hex), "root_inode": .integer(Int64(bitPattern: rootInode)),
      "entries": .integer(Int64(entryCount)), "bytes": .integer(byteCount),
    ])
  }

  /// The record that `json` holds; nil where it is none.
  public init?(json: JSONValue) {
    guard let number = json["generation"]?.integer, number > 0,
      let origin = json["origin"]?.string.flatMap(Origin.init(rawValue:)),
      let time = json["time"]?.string.flatMap(Instant.init(rfc3339:)),
      let digest = json["digest"]?.string.flatMap(Digest.init(hex:)),
      let inode = json["root_inode"]?.integer, let entries = json["entries"]?.integer,
      let bytes = json["bytes"]?.integer
    else { return nil }
    self.init(
      number: GenerationNumber(Int(number)),
      parent: json["parent"]?.integer.map { GenerationNumber(Int($0)) }, origin: origin,
      time: time, digest: digest, rootInode: UInt64(bitPattern: inode), entryCount: Int(entries),
      byteCount: bytes)
  }
}

extension GenerationManifest {
  /// As `manifest.json` has it.
  public var json: JSONValue {
    .object([
      "manifest": 1, "generation": record.json, "taken_at_ns": .integer(takenAtNanoseconds),
      "entries": .array(entries.map(\.json)),
    ])
  }

  /// The manifest that `json` holds; nil where it is none, or its entries are not those it digests.
  public init?(json: JSONValue) {
    guard json["manifest"]?.integer == 1,
      let record = json["generation"].flatMap(GenerationRecord.init(json:)),
      let taken = json["taken_at_ns"]?.integer, let values = json["entries"]?.array
    else { return nil }
    let entries = values.compactMap(TreeEntry.init(json:))
    guard entries.count == values.count, TreeEntry.digest(of: entries) == record.digest.hex else {
      return nil
    }
    self.init(record: record, entries: entries, takenAtNanoseconds: taken)
  }
}

extension TreeEntry {
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "path": .string(path.text), "kind": .string(kind.rawValue),
      "mode": .string(String(mode, radix: 8)), "uid": .integer(Int64(owner)),
      "gid": .integer(Int64(group)), "inode": .integer(Int64(bitPattern: stamp.inode)),
      "mtime_ns": .integer(stamp.modifiedNanoseconds),
      "ctime_ns": .integer(stamp.changedNanoseconds),
    ]
    if kind != .directory {
      members["size"] = .integer(sizeBytes)
      members["sha256"] = .string(contentDigest)
    }
    if let sameFileAs { members["same_file_as"] = .string(sameFileAs.text) }
    if let attributesDigest { members["xattrs_sha256"] = .string(attributesDigest) }
    return .object(members)
  }

  init?(json: JSONValue) {
    guard let path = json["path"]?.string.flatMap({ TreePath(text: $0) }),
      let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
      let mode = json["mode"]?.string.flatMap({ UInt32($0, radix: 8) }),
      let owner = json["uid"]?.integer.flatMap({ UInt32(exactly: $0) }),
      let group = json["gid"]?.integer.flatMap({ UInt32(exactly: $0) }),
      let inode = json["inode"]?.integer, let modified = json["mtime_ns"]?.integer,
      let changed = json["ctime_ns"]?.integer
    else { return nil }
    self.init(
      path: path, kind: kind, mode: mode, owner: owner, group: group,
      sizeBytes: json["size"]?.integer ?? 0, contentDigest: json["sha256"]?.string ?? "",
      sameFileAs: json["same_file_as"]?.string.flatMap { TreePath(text: $0) },
      attributesDigest: json["xattrs_sha256"]?.string,
      stamp: Stamp(
        inode: UInt64(bitPattern: inode), modifiedNanoseconds: modified,
        changedNanoseconds: changed))
  }
}

import JSONStream
import Model

/// `manifest.bin`: a head, the record as JSON, then each entry, all numbers little-endian.
///
///     "KZM1" · checksum u64 of all that follows · time i64 · record length u32 · record
///     · count u32 · entries
///     entry: kind u8 · flags u8 · mode, uid, gid u32 · size i64 · inode u64 · mtime, ctime i64
///            · path length u32 · path · [32 bytes content] [32 bytes attributes] [length u32 · path]
///
/// The checksum tells a torn or damaged file; it is no protection against whoever may write the store.
extension GenerationManifest {
  private static let magic = Array("KZM1".utf8)
  private static let headByteCount = 12
  private static let kinds: [TreeEntry.Kind] = [.file, .directory, .link]
  private static let hasContent: UInt8 = 1
  private static let hasAttributes: UInt8 = 2
  private static let isSecondName: UInt8 = 4

  /// As `manifest.bin` has it.
  var binary: [UInt8] {
    var body = ByteWriter(capacity: entries.count * 160)
    body.add(takenAtNanoseconds)
    body.add(text: Array(record.json.text().utf8))
    body.add(UInt32(entries.count))
    for entry in entries { Self.add(entry, to: &body) }
    var head = ByteWriter(capacity: body.bytes.count + Self.headByteCount)
    head.bytes += Self.magic
    head.add(Self.checksum(body.bytes[...]))
    return head.bytes + body.bytes
  }

  /// The manifest that `bytes` hold; nil where they are torn, damaged or something else.
  init?(binary bytes: [UInt8]) {
    guard bytes.starts(with: Self.magic), bytes.count > Self.headByteCount else { return nil }
    var reader = ByteReader(bytes, from: Self.magic.count)
    guard let checksum = reader.number(UInt64.self),
      checksum == Self.checksum(bytes[Self.headByteCount...]),
      let taken = reader.number(Int64.self), let text = reader.text(),
      // Checked to be what was written, so it parses.
      let json = try? JSONDocument.parse(text), let record = GenerationRecord(json: json),
      let count = reader.number(UInt32.self), Int(count) <= bytes.count
    else { return nil }
    var entries: [TreeEntry] = []
    entries.reserveCapacity(Int(count))
    for _ in 0..<count {
      guard let entry = Self.entry(&reader) else { return nil }
      entries.append(entry)
    }
    self.init(record: record, entries: entries, takenAtNanoseconds: taken)
  }

  private static func add(_ entry: TreeEntry, to body: inout ByteWriter) {
    let content = entry.contentDigest.isEmpty ? nil : Digest(hex: entry.contentDigest)
    let attributes = entry.attributesDigest.flatMap { Digest(hex: $0) }
    body.bytes.append(UInt8(kinds.firstIndex(of: entry.kind) ?? 0))
    body.bytes.append(
      (content == nil ? 0 : hasContent) | (attributes == nil ? 0 : hasAttributes)
        | (entry.sameFileAs == nil ? 0 : isSecondName))
    body.add(entry.mode)
    body.add(entry.owner)
    body.add(entry.group)
    body.add(entry.sizeBytes)
    body.add(entry.stamp.inode)
    body.add(entry.stamp.modifiedNanoseconds)
    body.add(entry.stamp.changedNanoseconds)
    body.add(text: entry.path.bytes)
    if let content { body.add(hex: content.hex) }
    if let attributes { body.add(hex: attributes.hex) }
    if let first = entry.sameFileAs { body.add(text: first.bytes) }
  }

  private static func entry(_ reader: inout ByteReader) -> TreeEntry? {
    guard let kind = reader.number(UInt8.self), Int(kind) < kinds.count,
      let flags = reader.number(UInt8.self), let mode = reader.number(UInt32.self),
      let owner = reader.number(UInt32.self), let group = reader.number(UInt32.self),
      let size = reader.number(Int64.self), let inode = reader.number(UInt64.self),
      let modified = reader.number(Int64.self), let changed = reader.number(Int64.self),
      let path = reader.text()
    else { return nil }
    var entry = TreeEntry(
      path: TreePath(bytes: path), kind: kinds[Int(kind)], mode: mode, owner: owner, group: group,
      sizeBytes: size, contentDigest: "", sameFileAs: nil, attributesDigest: nil,
      stamp: TreeEntry.Stamp(
        inode: inode, modifiedNanoseconds: modified, changedNanoseconds: changed))
    if flags & hasContent != 0 {
      guard let hex = reader.hex() else { return nil }
      entry.contentDigest = hex
    }
    if flags & hasAttributes != 0 {
      guard let hex = reader.hex() else { return nil }
      entry.attributesDigest = hex
    }
    if flags & isSecondName != 0 {
      guard let first = reader.text() else { return nil }
      entry.sameFileAs = TreePath(bytes: first)
    }
    return entry
  }

  /// Eight bytes at a time, each mixed in by the multiplier of Knuth's MMIX generator.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      var sum = UInt64(raw.count)
      var offset = 0
      while offset < raw.count {
        var word: UInt64 = 0
        let length = min(8, raw.count - offset)
        withUnsafeMutableBytes(of: &word) {
          $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[offset..<(offset + length)]))
        }
        sum = (sum ^ UInt64(littleEndian: word)) &* 6_364_136_223_846_793_005
        sum ^= sum >> 29
        offset += 8
      }
      return sum
    }
  }
}

/// Appends numbers and texts to bytes.
private struct ByteWriter {
  var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func add<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(text: [UInt8]) {
    add(UInt32(text.count))
    bytes += text
  }

  mutating func add(hex: String) {
    var high: UInt8?
    for character in hex.utf8 {
      let digit = character < UInt8(ascii: "a") ? character - 0x30 : character - 0x57
      if let first = high { bytes.append(first << 4 | digit) }
      high = high == nil ? digit : nil
    }
  }
}

/// Takes numbers and texts off bytes; nil at their end.
private struct ByteReader {
  private let bytes: [UInt8]
  private var offset: Int
  private static let digestByteCount = 32
  private static let digits = Array("0123456789abcdef".utf8)

  init(_ bytes: [UInt8], from offset: Int) {
    self.bytes = bytes
    self.offset = offset
  }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    guard let range = take(MemoryLayout<Number>.size) else { return nil }
    return bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: Number.self))
    }
  }

  mutating func text() -> [UInt8]? {
    guard let count = number(UInt32.self), let range = take(Int(count)) else { return nil }
    return Array(bytes[range])
  }

  mutating func hex() -> String? {
    guard let range = take(Self.digestByteCount) else { return nil }
    return String(unsafeUninitializedCapacity: 2 * Self.digestByteCount) { buffer in
      for (index, byte) in bytes[range].enumerated() {
        buffer[2 * index] = Self.digits[Int(byte >> 4)]
        buffer[2 * index + 1] = Self.digits[Int(byte & 15)]
      }
      return 2 * Self.digestByteCount
    }
  }

  private mutating func take(_ count: Int) -> Range<Int>? {
    guard count <= bytes.count - offset else { return nil }
    defer { offset += count }
    return offset..<(offset + count)
  }
}

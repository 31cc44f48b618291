/// Writes the fields of one record.
struct RecordWriter {
  private(set) var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(1024) }

  mutating func put(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ value: Int64) { put(UInt64(bitPattern: value)) }

  mutating func put(_ value: Int) { put(Int64(value)) }

  mutating func put(_ value: Int64?) {
    bytes.append(value == nil ? 0 : 1)
    if let value { put(value) }
  }

  /// A text of at most 65,535 bytes: whoever puts it has cut it.
  mutating func put(_ text: String) {
    let count = UInt16(clamping: text.utf8.count)
    bytes.append(UInt8(truncatingIfNeeded: count))
    bytes.append(UInt8(truncatingIfNeeded: count >> 8))
    bytes.append(contentsOf: text.utf8.prefix(Int(count)))
  }
}

/// Reads the fields of one record; past the end all is zero and empty, and the reader is broken.
struct RecordReader {
  private var rest: ArraySlice<UInt8>
  private(set) var isBroken = false

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func unsigned() -> UInt64 {
    take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func signed() -> Int64 { Int64(bitPattern: unsigned()) }

  mutating func optional() -> Int64? { take(1).first == 1 ? signed() : nil }

  mutating func text() -> String {
    let count = take(2).reversed().reduce(0) { $0 << 8 | Int($1) }
    return String(decoding: take(count), as: UTF8.self)
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    guard rest.count >= count else {
      isBroken = true
      rest = []
      return []
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

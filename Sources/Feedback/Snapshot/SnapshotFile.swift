internal import Glibc
internal import Linux
internal import Model

/// The file beside the database that holds its newest rows as columns: a start reads it in a tenth
/// of the time that the rows take.
///
/// Sections, each with its length and a checksum, so that a torn or damaged file is known for one.
/// It is a copy: where it does not agree with the database in every way that can be checked, it is
/// as if it were not there.
enum SnapshotFile {
  /// "KZFLSNAP" as a little-endian number, and the version of the format.
  static let magic: UInt64 = 0x5041_4E53_4C46_5A4B
  static let version: UInt64 = 1
  /// Keys the checksums: damage is found, forgery is not prevented.
  static let checksumKey: UInt64 = 0x6B61_697A_656E

  static func path(of database: String) -> String { database + ".columns" }

  /// Writes sections to a file under another name, and puts it in place when it is whole.
  struct Output: ~Copyable {
    private let file: FileDescriptor
    private let path: String
    private var temporary: String { path + ".new" }

    init(_ path: String) throws(SystemError) {
      self.path = path
      file = try FileDescriptor.open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC)
    }

    func write(_ section: SectionBytes) throws(SystemError) {
      let sum = section.bytes.withUnsafeBytes { StableHash.of($0, key: checksumKey) }
      var head = SectionBytes()
      head.append(UInt64(section.bytes.count))
      head.append(sum)
      try file.writeAll(head.bytes)
      try file.writeAll(section.bytes)
    }

    consuming func finish() throws(SystemError) {
      try file.sync()
      let (from, to) = (temporary, path)
      try retrying("rename", to) { rename(from, to) }
      try Files.syncDirectory(Files.parent(of: to))
    }
  }

  /// Hands out the sections one after the other; nil at the first that is not whole.
  struct Input {
    private let mapping: MemoryMapping
    private var offset = 0

    /// Nil where there is no such file, or it is empty.
    init?(_ path: String) {
      // try? because whatever is wrong with a snapshot, the database has it all.
      guard let file = try? FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW) else { return nil }
      var status = stat()
      guard fstat(file.raw, &status) == 0, status.st_size > 0,
        // try? as above.
        let mapping = try? MemoryMapping(file, size: Int(status.st_size), writable: false)
      else { return nil }
      self.mapping = mapping
    }

    mutating func next() -> SectionReader? {
      let all = UnsafeRawBufferPointer(mapping.bytes)
      guard offset + 16 <= all.count else { return nil }
      let length = all.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let sum = all.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
      guard length <= UInt64(all.count - offset - 16) else { return nil }
      let start = offset + 16
      let bytes = UnsafeRawBufferPointer(rebasing: all[start..<start + Int(length)])
      guard StableHash.of(bytes, key: checksumKey) == sum else { return nil }
      offset = start + Int(length)
      return SectionReader(bytes: bytes, owner: mapping)
    }

    var isAtEnd: Bool { offset == mapping.bytes.count }
  }
}

/// The bytes of one section in the making: plain numbers, in the machine's own order.
struct SectionBytes {
  private(set) var bytes: [UInt8] = []

  mutating func append<T: BitwiseCopyable>(_ value: T) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  /// The elements alone; their count is written by whoever knows it.
  mutating func append<T: BitwiseCopyable>(all values: ArraySlice<T>) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// Reads back what `SectionBytes` wrote; past the end everything is zero, and `isWhole` false.
struct SectionReader {
  private let bytes: UnsafeRawBufferPointer
  /// Keeps the bytes mapped.
  private let owner: MemoryMapping
  private var offset = 0
  private(set) var isWhole = true

  init(bytes: UnsafeRawBufferPointer, owner: MemoryMapping) {
    self.bytes = bytes
    self.owner = owner
  }

  mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> T {
    guard offset + MemoryLayout<T>.size <= bytes.count else {
      isWhole = false
      return 0
    }
    defer { offset += MemoryLayout<T>.size }
    return bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
  }

  mutating func array<T: BitwiseCopyable>(_ type: T.Type, count: Int) -> [T] {
    let size = MemoryLayout<T>.stride
    guard count >= 0, count <= (bytes.count - offset) / size else {
      isWhole = false
      return []
    }
    let source = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count * size])
    offset += count * size
    return [T](unsafeUninitializedCapacity: count) { buffer, filled in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
      filled = count
    }
  }
}

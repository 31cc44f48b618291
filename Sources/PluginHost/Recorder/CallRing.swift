internal import Glibc
internal import Linux
import Model
import Synchronization

/// The records of the latest calls, in memory and in a file of a fixed size.
///
/// The file is written by pwrite(2) into the page cache and never synced: it survives the end of the
/// daemon, SIGKILL included, and may lose its last seconds with the power. Not mapped: where a disk
/// is full or broken, a store into a mapping is SIGBUS, and a recorder must never end the daemon.
///
/// Layout, integers little-endian: a head of `slotBytes` (magic, u32 bytes of a slot, u32 slots),
/// then the slots; call n lies in slot n modulo their number. A slot holds u32 length, u32 0, u64
/// checksum and that many bytes of `CallRecord.bytes`; a page holds whole slots, so that
/// a kill cannot leave half of one, and what the power left of one fails its checksum.
final class CallRing: Sendable {
  /// What the ring may hold.
  enum Limit {
    /// Records; the oldest makes room for the newest.
    static let recordCount = 2048
    /// Bytes of a record in the file: half a page.
    static let slotBytes = 2048
  }

  private static let magic = Array("KZCALLS1".utf8)
  private static let slotHeadBytes = 16

  private struct State {
    var records: [CallRecord?]
    var nextNumber: UInt64 = 1
    /// Why the file is written no more, as it was found first.
    var failure: String?
  }

  private let file: OpenFile?
  private let state: Mutex<State>
  private let slotCount: Int
  /// What was odd about the file, for people.
  let notes: [String]

  /// Takes up the ring of the file `path`, or makes one; without a file, in memory alone.
  /// - Parameter after: a number that every new call's is greater than.
  init(path: String?, slotCount: Int = Limit.recordCount, after: UInt64 = 0) {
    self.slotCount = slotCount
    var state = State(records: Array(repeating: nil, count: slotCount))
    var notes: [String] = []
    var file: OpenFile?
    if let path {
      do throws(SystemError) {
        let opened = try FileDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        try Self.load(opened, path, slotCount, &state, &notes)
        file = OpenFile(opened)
      } catch {
        notes.append("the flight recorder keeps its records in memory alone: \(error)")
      }
    }
    state.nextNumber = max(state.nextNumber, after + 1)
    self.file = file
    self.notes = notes
    self.state = Mutex(state)
  }

  // MARK: - Records

  /// Gives the call its number and notes that it has begun.
  func begin(_ record: inout CallRecord) {
    let draft = record
    record = state.withLock { state in
      var record = draft
      record.number = state.nextNumber
      state.nextNumber += 1
      state.records[slot(of: record.number)] = record
      return record
    }
    write(record)
  }

  /// Puts the record in the place of what its beginning left there, unless a later call has that.
  func update(_ record: CallRecord) {
    let isThere = state.withLock { state in
      let slot = slot(of: record.number)
      guard state.records[slot]?.number == record.number else { return false }
      state.records[slot] = record
      return true
    }
    if isThere { write(record) }
  }

  /// The record of a call, if it is still there.
  func record(_ number: UInt64) -> CallRecord? {
    state.withLock { state in
      state.records[slot(of: number)].flatMap { $0.number == number ? $0 : nil }
    }
  }

  /// Those that `isIncluded` lets through, the latest first.
  func records(where isIncluded: (CallRecord) -> Bool) -> [CallRecord] {
    state.withLock { $0.records }.compactMap { $0 }.filter(isIncluded)
      .sorted { $0.number > $1.number }
  }

  /// Why the file is written no more; nil where it is.
  var failure: String? { state.withLock { $0.failure } }

  private func slot(of number: UInt64) -> Int { Int(number % UInt64(slotCount)) }

  // MARK: - The file

  private func write(_ record: CallRecord) {
    guard let raw = file?.descriptor.raw, failure == nil else { return }
    let payload = record.bytes
    var slot: [UInt8] = []
    slot.reserveCapacity(Limit.slotBytes)
    var head = RecordWriter()
    head.put(UInt64(payload.count))
    head.put(Self.checksum(payload[...]))
    slot += head.bytes
    slot += payload
    let place = Limit.slotBytes * (1 + self.slot(of: record.number))
    let count = pwrite(raw, slot, min(slot.count, Limit.slotBytes), off_t(place))
    if count == slot.count { return }
    let reason = count < 0 ? SystemError.text(errno) : "cut short"
    state.withLock { if $0.failure == nil { $0.failure = reason } }
  }

  /// Tells a record that was cut short; against people it is no protection, and need not be.
  ///
  /// As FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), but eight bytes a step: a byte a step
  /// would cost more than the rest of a record.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { bytes in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      var offset = 0
      while offset + 8 <= bytes.count {
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        hash = (hash ^ word) &* 0x100_0000_01b3
        hash ^= hash >> 32
        offset += 8
      }
      for byte in bytes[offset...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      return hash
    }
  }

  /// Reads what is there; what is no ring of this size is made one.
  private static func load(
    _ file: borrowing FileDescriptor, _ path: String, _ slotCount: Int, _ state: inout State,
    _ notes: inout [String]
  ) throws(SystemError) {
    var status = stat()
    if fstat(file.raw, &status) != 0 { throw SystemError("fstat", path) }
    if status.st_mode & S_IFMT != S_IFREG {
      throw SystemError("open, which wants a regular file,", path, code: ENOTSUP)
    }
    let size = Limit.slotBytes * (1 + slotCount)
    let bytes = status.st_size == size ? try file.readAll(limit: size) : []
    guard bytes.starts(with: head(slotCount)) else {
      if status.st_size > 0 {
        notes.append("\(path) is no ring of calls of this version: its records are lost")
      }
      return try make(file, path, slotCount, size)
    }
    read(bytes, path, slotCount, &state, &notes)
  }

  private static func head(_ slotCount: Int) -> [UInt8] {
    var head = RecordWriter()
    head.put(UInt64(Limit.slotBytes) | UInt64(slotCount) << 32)
    return magic + head.bytes
  }

  private static func make(
    _ file: borrowing FileDescriptor, _ path: String, _ slotCount: Int, _ size: Int
  ) throws(SystemError) {
    let raw = file.raw
    try retrying("ftruncate", path) { ftruncate(raw, 0) }
    // All of it now: a full disk is then told at the start, and not in the middle of a call.
    let code = posix_fallocate(raw, 0, off_t(size))
    if code != 0 { throw SystemError("posix_fallocate", path, code: code) }
    let head = head(slotCount)
    try retrying("pwrite", path) { pwrite(raw, head, head.count, 0) }
  }

  private static func read(
    _ bytes: [UInt8], _ path: String, _ slotCount: Int, _ state: inout State,
    _ notes: inout [String]
  ) {
    var tornCount = 0
    for slot in 0..<slotCount {
      let place = Limit.slotBytes * (1 + slot)
      var head = RecordReader(bytes[place..<place + slotHeadBytes])
      let length = head.unsigned()
      let checksum = head.unsigned()
      if length == 0, checksum == 0 { continue }
      let start = place + slotHeadBytes
      guard length <= UInt64(Limit.slotBytes - slotHeadBytes),
        checksum == Self.checksum(bytes[start..<start + Int(length)]),
        var record = CallRecord(bytes: bytes[start..<start + Int(length)]),
        Int(record.number % UInt64(slotCount)) == slot, record.number < UInt64(Int64.max)
      else {
        tornCount += 1
        continue
      }
      if record.end == .running { record.end = .lost }
      state.records[slot] = record
      state.nextNumber = max(state.nextNumber, record.number + 1)
    }
    // A torn one may have had the next numbers.
    state.nextNumber += UInt64(tornCount)
    if tornCount > 0 {
      notes.append(
        "\(path): \(tornCount) of its records were cut short, as by a power cut; they are left out")
    }
  }
}

/// A file that stays open as long as this lives.
private final class OpenFile: Sendable {
  let descriptor: FileDescriptor

  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}

import CKaizenPlugin
import CPluginRuntime
import Glibc
import Linux
import Testing

@Suite("The feedback window") struct WindowTests {
  /// A mapped window, given back at the end.
  private final class Mapped {
    let raw: OpaquePointer
    init(_ descriptor: Int32) throws {
      var error = kzr_error()
      guard let raw = kzw_window_map(descriptor, &error) else { throw Refusal(error) }
      self.raw = raw
    }
    deinit { kzw_window_free(raw) }

    var columns: UnsafeBufferPointer<kz_column> {
      var count: UInt32 = 0
      let start = kzw_window_columns(raw, &count)
      return UnsafeBufferPointer(start: start, count: Int(count))
    }
  }

  private func create(_ columns: UnsafeBufferPointer<kz_column>) throws -> Held {
    var error = kzr_error()
    let descriptor = kzw_window_create(columns.baseAddress, UInt32(columns.count), &error)
    if descriptor < 0 { throw Refusal(error) }
    return Held(descriptor)
  }

  @Test("is read as it was written, aligned, with absent rows blanked")
  func roundTrip() throws {
    let file = try Sample.withColumns { try create($0) }
    let window = try Mapped(file.raw)
    let columns = window.columns
    #expect(columns.map { text($0.name) } == ["duration_ms", "error_type"])
    #expect(columns.map { text($0.format) } == ["g", "u"])
    #expect(columns.allSatisfy { $0.length == 3 && $0.null_count == 1 })
    let durations = try #require(columns[0].values).assumingMemoryBound(to: Double.self)
    #expect(durations[0] == 10 && durations[1].isNaN && durations[2] == 30)
    #expect(Int(bitPattern: columns[0].values) % 64 == 0)
    let offsets = try #require(columns[1].offsets)
    #expect((0..<4).map { offsets[$0] } == [0, 7, 7, 10])
    #expect(columns[1].validity?.pointee == 0b101)
  }

  @Test("cannot be changed once it is made")
  func sealed() throws {
    let file = try Sample.withColumns { try create($0) }
    #expect(ftruncate(file.raw, 0) == -1)
    #expect(pwrite(file.raw, "x", 1, 0) == -1)
  }

  @Test("may be empty, and may have columns without rows")
  func empty() throws {
    let none = try create(UnsafeBufferPointer(start: nil, count: 0))
    #expect(try Mapped(none.raw).columns.isEmpty)
    let column = kz_column(
      name: lasting("score"), format: lasting("g"), length: 0, null_count: 0, validity: nil,
      values: nil, offsets: nil)
    let rowless = try withUnsafePointer(to: column) {
      try create(UnsafeBufferPointer(start: $0, count: 1))
    }
    #expect(try Mapped(rowless.raw).columns[0].length == 0)
  }

  @Test("refuses a column of a format it does not have, of another length, without offsets")
  func refusesColumns() throws {
    let values: [Double] = [1, 2]
    values.withUnsafeBytes { values in
      func column(_ format: StaticString, length: UInt64) -> kz_column {
        kz_column(
          name: lasting("x"), format: lasting(format), length: length, null_count: 0,
          validity: nil, values: values.baseAddress, offsets: nil)
      }
      for bad in [
        [column("z", length: 2)], [column("g", length: 2), column("g", length: 1)],
        [column("u", length: 2)],
      ] {
        let refused = bad.withUnsafeBufferPointer { bad in
          #expect(throws: Refusal.self) { _ = try create(bad) }
        }
        #expect(refused?.code == KZR_PROTOCOL)
      }
    }
  }

  @Test("refuses offsets that fall or point outside")
  func refusesOffsets() throws {
    let bytes = Array("abcdef".utf8)
    for offsets: [Int32] in [[0, 4, 2], [1, 2, 3], [0, 2, -1]] {
      let refused = bytes.withUnsafeBytes { bytes in
        offsets.withUnsafeBufferPointer { offsets in
          let column = kz_column(
            name: lasting("x"), format: lasting("u"), length: 2, null_count: 0,
            validity: nil, values: bytes.baseAddress, offsets: offsets.baseAddress)
          return withUnsafePointer(to: column) { column in
            #expect(throws: Refusal.self) {
              _ = try create(UnsafeBufferPointer(start: column, count: 1))
            }
          }
        }
      }
      #expect(refused?.description == "window column \"x\": its offsets do not ascend from 0")
    }
  }

  @Test("refuses a file that is not sealed")
  func unsealed() throws {
    let file = Held(try MemoryFile.create(name: "x", size: 4096))
    let refused = #expect(throws: Refusal.self) { _ = try Mapped(file.raw) }
    #expect(refused?.code == KZR_PROTOCOL)
  }

  @Test("refuses a window of which any byte of header or table is wrong")
  func corrupted() throws {
    let bytes = try sample()
    for index in 0..<(64 + 2 * 96) {
      for wrong: UInt8 in [0xFF, bytes[index] &+ 1] where wrong != bytes[index] {
        var copy = bytes
        copy[index] = wrong
        let spoiled = Held(try MemoryFile.sealed(name: "x", copy))
        let refused = #expect(throws: Refusal.self) { _ = try Mapped(spoiled.raw) }
        #expect(refused?.code == KZR_PROTOCOL)
      }
    }
  }

  @Test("stays in bounds where the check was made to agree with the wrong byte")
  func forged() throws {
    let bytes = try sample()
    var refusals = 0
    for index in 0..<(64 + 2 * 96) where !(32..<40).contains(index) {
      for wrong: UInt8 in [0xFF, bytes[index] &+ 1] where wrong != bytes[index] {
        var copy = bytes
        copy[index] = wrong
        sign(&copy)
        let spoiled = Held(try MemoryFile.sealed(name: "x", copy))
        guard let window = try? Mapped(spoiled.raw) else {  // refused: what most of them must be
          refusals += 1
          continue
        }
        // The places of texts stand in a column's rows, which only the seals hold.
        for column in window.columns where column.offsets == nil {
          #expect(reads(column, within: bytes.count))
        }
      }
    }
    #expect(refusals > 200)
  }

  /// The bytes of a window of two columns.
  private func sample() throws -> [UInt8] {
    let file = try Sample.withColumns { try create($0) }
    var status = stat()
    #expect(fstat(file.raw, &status) == 0)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    #expect(pread(file.raw, &bytes, bytes.count, 0) == bytes.count)
    return bytes
  }

  /// Makes the check at byte 32 right again: FNV-1a over header and table, itself as 0.
  private func sign(_ window: inout [UInt8]) {
    for index in 32..<40 { window[index] = 0 }
    let columns = min(Int(window[8]), (window.count - 64) / 96)
    var check: UInt64 = 14_695_981_039_346_656_037
    for byte in window[..<(64 + columns * 96)] {
      check = (check ^ UInt64(byte)) &* 1_099_511_628_211
    }
    for index in 0..<8 { window[32 + index] = UInt8(truncatingIfNeeded: check >> (8 * index)) }
  }

  /// Touches every byte that a column of fixed width says it has.
  private func reads(_ column: kz_column, within bytes: Int) -> Bool {
    var sum = 0
    let rows = Int(column.length)
    for row in 0..<rows where kz_column_has([column], UInt64(row)) == 1 {
      if text(column.format) == "C" {
        sum &+= Int(column.values?.load(fromByteOffset: row, as: UInt8.self) ?? 0)
      } else {
        sum &+= Int(
          truncatingIfNeeded: column.values?.load(
            fromByteOffset: row * 8, as: UInt64.self) ?? 0)
      }
    }
    return rows <= bytes && sum != .min
  }
}

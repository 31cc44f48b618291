internal import CPluginRuntime
internal import Glibc
internal import Hashing
internal import Linux
public import Model
internal import Synchronization

/// One analysis's feedback in the Arrow layout, in memory that nobody can change any more.
///
/// It is made once an analysis and lent to each component: workers map the same pages, and so does
/// the daemon for components in process. Unchecked: nothing changes after `init`.
public final class SharedWindow: @unchecked Sendable {
  /// Rows in each column.
  public let rowCount: Int
  /// The sealed memory file that workers get.
  let file: FileDescriptor
  private let mapped: OpaquePointer
  /// The daemon's own view of it, valid as long as this owner lives.
  let columns: UnsafeBufferPointer<kz_column>
  private let hash = Mutex<String?>(nil)

  /// Lays `window` out and seals it.
  /// - Complexity: O(n) for n rows, copied once.
  public init(_ window: FeedbackWindow) throws(KaizenError) {
    var error = kzr_error()
    let columns = WindowColumns(window)
    let raw = columns.lend { kzw_window_create($0.baseAddress, UInt32($0.count), &error) }
    if raw < 0 { throw KaizenError(error) }
    file = FileDescriptor(owning: raw)
    guard let mapped = kzw_window_map(raw, &error) else { throw KaizenError(error) }
    var count: UInt32 = 0
    self.columns = UnsafeBufferPointer(
      start: kzw_window_columns(mapped, &count), count: Int(count))
    self.mapped = mapped
    rowCount = window.count
  }

  /// Takes up a window as it was laid out; every size and offset in it is checked, those of texts
  /// too: it may come from a disk.
  /// - Complexity: O(n) for n bytes.
  init(laidOut bytes: [UInt8]) throws(KaizenError) {
    do throws(SystemError) {
      file = try MemoryFile.sealed(name: "kaizen-window", bytes)
    } catch {
      throw KaizenError("E_SYSTEM", "no memory for a window: \(error)")
    }
    var error = kzr_error()
    guard let mapped = kzw_window_map(file.raw, &error) else { throw KaizenError(error) }
    if !kzw_window_check(mapped, &error) {
      kzw_window_free(mapped)
      throw KaizenError(error)
    }
    var count: UInt32 = 0
    columns = UnsafeBufferPointer(start: kzw_window_columns(mapped, &count), count: Int(count))
    self.mapped = mapped
    rowCount = Int(clamping: columns.first?.length ?? 0)
  }

  deinit { kzw_window_free(mapped) }

  /// SHA-256 of all its bytes, in hexadecimal; computed when it is first asked for.
  /// - Complexity: O(n) for n bytes at first, O(1) from then on.
  var digest: String {
    hash.withLock { known in
      if let known { return known }
      var hash = SHA256()
      withBytes { hash.update($0) }
      let computed = hash.finishHex()
      known = computed
      return computed
    }
  }

  /// Lends all its bytes, laid out as plugin_window.h says.
  func withBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    var count: UInt64 = 0
    let start = kzw_window_bytes(mapped, &count)
    return try body(UnsafeRawBufferPointer(start: start, count: Int(count)))
  }
}

/// The columns of a window as kaizen_plugin.h names them.
struct WindowColumns {
  /// One column with its values' type erased.
  private struct Column {
    var name: StaticString
    var format: StaticString
    var validity: [UInt8]?
    var offsets: [Int32]?
    var lend: ((UnsafeRawPointer?) -> Int32) -> Int32
  }

  private let rowCount: Int
  private var columns: [Column] = []

  init(_ window: FeedbackWindow) {
    rowCount = window.count
    add("time_ns", "l", window.times)
    add("type", "C", window.types)
    add("source", "C", window.sources)
    add("score", "g", window.scores, isPresent: { !$0.isNaN })
    add("duration_ms", "g", window.durations, isPresent: { !$0.isNaN })
    add("memory_mb", "g", window.memory, isPresent: { !$0.isNaN })
    add("cpu_percent", "g", window.cpu, isPresent: { !$0.isNaN })
    add("operation", "L", window.operations)
    add("generation", "l", window.generations, isPresent: { $0 != 0 })
    addTexts("error_type", window.errors, of: window.errorTypes)
  }

  /// Adds a column of fixed width.
  @inline(__always)
  private mutating func add<T: BitwiseCopyable>(
    _ name: StaticString, _ format: StaticString, _ values: [T], isPresent: ((T) -> Bool)? = nil
  ) {
    precondition(values.count == rowCount, "every column of a window has the same rows")
    columns.append(
      Column(
        name: name, format: format, validity: isPresent.flatMap { Self.bits(values, $0) },
        offsets: nil, lend: { body in values.withUnsafeBytes { body($0.baseAddress) } }))
  }

  /// Adds a column of texts, given as indices into the distinct ones; a negative index is absent.
  private mutating func addTexts(_ name: StaticString, _ indices: [Int32], of texts: [String]) {
    precondition(indices.count == rowCount, "every column of a window has the same rows")
    let encoded = texts.map { Array($0.utf8) }
    let (offsets, bits) = Self.offsets(indices, encoded.map(\.count))
    let byteCount = offsets.last.map { Int($0) } ?? 0
    let data = [UInt8](unsafeUninitializedCapacity: byteCount) { data, count in
      for row in 0..<rowCount where offsets[row] < offsets[row + 1] {
        let place = Int(offsets[row])..<Int(offsets[row + 1])
        _ = UnsafeMutableBufferPointer(rebasing: data[place])
          .initialize(fromContentsOf: encoded[Int(indices[row])])
      }
      count = byteCount
    }
    columns.append(
      Column(
        name: name, format: "u", validity: bits, offsets: offsets,
        lend: { body in data.withUnsafeBytes { body($0.baseAddress) } }))
  }

  /// Where each row's text begins and ends, and which rows have one, nil where all have.
  ///
  /// Offsets have 32 bits (Arrow's "u"): texts past 2 GiB are absent rather than wrong.
  private static func offsets(
    _ indices: [Int32], _ byteCounts: [Int]
  ) -> (offsets: [Int32], validity: [UInt8]?) {
    var byteCount = 0
    var bits = [UInt8](repeating: 0, count: (indices.count + 7) / 8)
    var presentCount = 0
    let offsets = [Int32](unsafeUninitializedCapacity: indices.count + 1) { offsets, count in
      offsets.initializeElement(at: 0, to: 0)
      for row in 0..<indices.count {
        let index = Int(indices[row])
        if index >= 0, index < byteCounts.count {
          let next = byteCount + byteCounts[index]
          if next <= Int(Int32.max) {
            byteCount = next
            bits[row / 8] |= 1 << (row % 8)
            presentCount += 1
          }
        }
        offsets.initializeElement(at: row + 1, to: Int32(truncatingIfNeeded: byteCount))
      }
      count = indices.count + 1
    }
    return (offsets, presentCount == indices.count ? nil : bits)
  }

  /// Bit i of byte i / 8, least first, is 1 where row i is there; nil where all rows are.
  ///
  /// Inlined, so that each column has a loop of its own with no call in it.
  @inline(__always)
  private static func bits<T>(_ values: [T], _ isPresent: (T) -> Bool) -> [UInt8]? {
    let (wholeCount, restCount) = values.count.quotientAndRemainder(dividingBy: 8)
    var lacking: UInt8 = 0
    let bits = [UInt8](unsafeUninitializedCapacity: wholeCount + 1) { bits, count in
      values.withUnsafeBufferPointer { values in
        // Neither a branch, since which rows are absent cannot be foretold, nor a varying count.
        for byte in 0..<wholeCount {
          var set: UInt8 = 0
          for bit in 0..<8 { set |= (isPresent(values[byte * 8 + bit]) ? 1 : 0) &<< UInt8(bit) }
          bits[byte] = set
          lacking |= ~set
        }
        var set: UInt8 = 0
        for bit in 0..<restCount where isPresent(values[wholeCount * 8 + bit]) { set |= 1 << bit }
        bits[wholeCount] = set
        if set.nonzeroBitCount < restCount { lacking = 1 }
      }
      count = wholeCount + (restCount > 0 ? 1 : 0)
    }
    return lacking == 0 ? nil : bits
  }

  /// Lends the columns as C structs.
  func lend(_ body: (UnsafeBufferPointer<kz_column>) -> Int32) -> Int32 {
    lend(columns[...], [], body)
  }

  /// Lends the first of `rest`, then the others within, so that all pointers live at once.
  private func lend(
    _ rest: ArraySlice<Column>, _ lent: [kz_column],
    _ body: (UnsafeBufferPointer<kz_column>) -> Int32
  ) -> Int32 {
    guard let column = rest.first else { return lent.withUnsafeBufferPointer(body) }
    return column.lend { values in
      Self.lend(column.validity) { validity in
        Self.lend(column.offsets) { offsets in
          let raw = kz_column(
            name: kz_text(column.name), format: kz_text(column.format), length: UInt64(rowCount),
            null_count: 0, validity: validity, values: values, offsets: offsets)
          return lend(rest.dropFirst(), lent + [raw], body)
        }
      }
    }
  }

  private static func lend<T>(
    _ array: [T]?, _ body: (UnsafePointer<T>?) -> Int32
  ) -> Int32 {
    guard let array else { return body(nil) }
    return array.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

extension kz_text {
  /// A text of the program itself, which lives as long as the process.
  init(_ text: StaticString) {
    self.init(
      data: UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self),
      length: UInt64(text.utf8CodeUnitCount))
  }

  /// The text as a string of Swift's own, broken UTF-8 replaced.
  var string: String {
    guard let data, length > 0 else { return "" }
    let bytes = UnsafeRawBufferPointer(start: data, count: Int(length))
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension KaizenError {
  /// The error that the loader or the wire reports.
  init(_ error: kzr_error) {
    var error = error
    self.init(
      Code(rawValue: String(cString: kzr_code_name(error.code))),
      String(cString: kzr_error_message(&error)),
      hint: kzr_code_hint(error.code).map { String(cString: $0) })
  }
}

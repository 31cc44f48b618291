import CKaizenPlugin

/// Memory for the structs of one call, freed together.
final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit { for block in blocks { block.deallocate() } }

  /// A copy of `text` that lives as long as the arena.
  func text(_ text: String) -> kz_text {
    let bytes = Array(text.utf8)
    let copy = array(bytes.map { CChar(bitPattern: $0) })
    return kz_text(data: copy, length: UInt64(bytes.count))
  }

  /// A copy of `elements`, aligned as the window's buffers are.
  func array<T: BitwiseCopyable>(_ elements: [T]) -> UnsafePointer<T> {
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, elements.count * MemoryLayout<T>.stride), alignment: 64)
    blocks.append(block)
    let start = block.bindMemory(to: T.self, capacity: elements.count)
    start.initialize(from: elements, count: elements.count)
    return UnsafePointer(start)
  }

  /// A copy of one value.
  func value<T: BitwiseCopyable>(_ value: T) -> UnsafePointer<T> { array([value]) }

  /// A column of numbers; NaN is absent.
  func column(_ name: String, _ values: [Double]) -> kz_column {
    let validity = bits(values.map { !$0.isNaN })
    return kz_column(
      name: text(name), format: text("g"), length: UInt64(values.count),
      null_count: UInt64(values.count { $0.isNaN }), validity: validity, values: array(values),
      offsets: nil)
  }

  /// A column of numbers that are all there.
  func column<T: BitwiseCopyable>(_ name: String, format: String, _ values: [T]) -> kz_column {
    kz_column(
      name: text(name), format: text(format), length: UInt64(values.count), null_count: 0,
      validity: nil, values: array(values), offsets: nil)
  }

  /// A column of texts; nil is absent.
  func column(_ name: String, _ values: [String?]) -> kz_column {
    var offsets: [Int32] = [0]
    var bytes: [UInt8] = []
    for value in values {
      bytes += Array((value ?? "").utf8)
      offsets.append(Int32(bytes.count))
    }
    return kz_column(
      name: text(name), format: text("u"), length: UInt64(values.count),
      null_count: UInt64(values.count { $0 == nil }), validity: bits(values.map { $0 != nil }),
      values: array(bytes), offsets: array(offsets))
  }

  private func bits(_ present: [Bool]) -> UnsafePointer<UInt8> {
    var bytes = [UInt8](repeating: 0, count: present.count / 8 + 1)
    for (row, isPresent) in present.enumerated() where isPresent {
      bytes[row / 8] |= 1 << (row % 8)
    }
    return array(bytes)
  }
}

/// C's sizeof: Swift's `size` leaves the padding at the end out.
func structSize<T>(_ type: T.Type) -> UInt32 { UInt32(MemoryLayout<T>.stride) }

internal import CPluginRuntime
internal import Glibc

/// The C values of one call: texts, structs and arrays that live until the arena goes.
///
/// Unchecked: it is filled by one thread and only read after that.
final class CallArena: @unchecked Sendable {
  /// Bytes of a chunk that many small texts share.
  private static let chunkByteCount = 64 << 10
  /// Enough for every C type.
  private static let chunkAlignment = 64

  private var chunks: [UnsafeMutableRawPointer]
  private var free: UnsafeMutableRawPointer
  private var freeByteCount: Int

  init() {
    free = .allocate(byteCount: Self.chunkByteCount, alignment: Self.chunkAlignment)
    freeByteCount = Self.chunkByteCount
    chunks = [free]
  }

  deinit { chunks.forEach { $0.deallocate() } }

  /// A copy of `string`.
  func text(_ string: String) -> kz_text {
    var string = string
    return string.withUTF8 { bytes in
      if bytes.isEmpty { return kz_text(data: nil, length: 0) }
      let copy = take(bytes.count, alignment: 1)
      UnsafeMutableRawBufferPointer(start: copy, count: bytes.count).copyBytes(from: bytes)
      return kz_text(data: copy.assumingMemoryBound(to: CChar.self), length: UInt64(bytes.count))
    }
  }

  /// A copy of `elements`; nil for none.
  func array<T: BitwiseCopyable>(_ elements: [T]) -> UnsafePointer<T>? {
    if elements.isEmpty { return nil }
    let size = elements.count * MemoryLayout<T>.stride
    let copy = take(size, alignment: MemoryLayout<T>.alignment).bindMemory(
      to: T.self, capacity: elements.count)
    copy.initialize(from: elements, count: elements.count)
    return UnsafePointer(copy)
  }

  /// A copy of one struct.
  func value<T: BitwiseCopyable>(_ value: T) -> UnsafePointer<T> {
    let copy = take(MemoryLayout<T>.stride, alignment: MemoryLayout<T>.alignment)
      .bindMemory(to: T.self, capacity: 1)
    copy.initialize(to: value)
    return UnsafePointer(copy)
  }

  /// Copies of `strings`, as an array.
  func texts(_ strings: [String]) -> UnsafePointer<kz_text>? { array(strings.map { text($0) }) }

  private func take(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer {
    let padding = -Int(bitPattern: free) & (alignment - 1)
    if freeByteCount < byteCount + padding {
      freeByteCount = max(byteCount, Self.chunkByteCount)
      free = .allocate(byteCount: freeByteCount, alignment: Self.chunkAlignment)
      chunks.append(free)
      return take(byteCount, alignment: alignment)
    }
    let start = free + padding
    free = start + byteCount
    freeByteCount -= padding + byteCount
    return start
  }
}

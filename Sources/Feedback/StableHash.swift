/// A keyed hash of bytes, the same in every process that has the same key.
///
/// `Hasher` is keyed anew in each process, so its values cannot be kept in a file. Words are folded
/// by a full 64 × 64 bit product, as wyhash does: https://github.com/wangyi-fudan/wyhash. The key is
/// random, one for each file, so that nobody can choose ids that collide.
enum StableHash {
  private static let first: UInt64 = 0x2D35_8DCC_AA6C_78A5
  private static let second: UInt64 = 0x8BB8_4B93_962E_ACC9

  /// The hash of `bytes` under `key`.
  /// - Complexity: O(n), about a nanosecond for 8 bytes.
  static func of(_ bytes: UnsafeRawBufferPointer, key: UInt64) -> UInt64 {
    var hash = fold(key ^ first, UInt64(bytes.count) ^ second)
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      hash = fold(hash ^ word, second)
      offset += 8
    }
    var tail: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count {
      tail |= UInt64(bytes[offset]) << shift
      shift += 8
      offset += 1
    }
    return fold(hash ^ tail, first)
  }

  /// The same for text in UTF-8.
  static func of(_ text: String, key: UInt64) -> UInt64 {
    var text = text
    return text.withUTF8 { of(UnsafeRawBufferPointer($0), key: key) }
  }

  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    return high ^ low
  }
}

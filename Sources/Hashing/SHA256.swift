import CNettle
import Glibc

/// SHA-256 (FIPS 180-4) of bytes that come in parts.
///
/// Nettle picks the processor's SHA instructions at run time where there are some.
public struct SHA256: Sendable {
  /// Bytes of one digest.
  public static let digestByteCount = 32
  /// Bytes read at a time from a descriptor; large enough that the calls do not show.
  static let chunkByteCount = 128 * 1024

  private var context = sha256_ctx()

  /// Starts with no bytes.
  public init() { nettle_sha256_init(&context) }

  /// Adds bytes to what is hashed.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    nettle_sha256_update(&context, bytes.count, start.assumingMemoryBound(to: UInt8.self))
  }

  /// Adds bytes to what is hashed.
  public mutating func update(_ bytes: some Sequence<UInt8>) {
    let added: Void? = bytes.withContiguousStorageIfAvailable {
      update(UnsafeRawBufferPointer($0))
    }
    if added == nil { Array(bytes).withUnsafeBytes { update($0) } }
  }

  /// Adds the rest of the open file `descriptor`, from its current offset, in parts.
  /// - Returns: how many bytes there were, or nil with `errno` set where read(2) failed.
  public mutating func update(readingFrom descriptor: Int32) -> Int? {
    var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
    var total = 0
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return total }
      if count < 0 {
        if errno == EINTR { continue }
        return nil
      }
      chunk.withUnsafeBytes { update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      total += count
    }
  }

  /// The digest of all added so far; the value itself starts anew.
  public mutating func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.digestByteCount)
    // sha256_digest also resets the context: nettle manual, "Hash functions".
    nettle_sha256_digest(&context, digest.count, &digest)
    return digest
  }

  /// The digest of all added so far as 64 hexadecimal digits; the value itself starts anew.
  public mutating func finishHex() -> String { Self.hexText(finish()) }

  /// The digest of `bytes` as 64 hexadecimal digits.
  public static func hex(of bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finishHex()
  }

  /// The digest of `text` in UTF-8 as 64 hexadecimal digits.
  public static func hex(of text: String) -> String { hex(of: text.utf8) }

  /// The digest of the rest of an open file as 64 hexadecimal digits, read in parts.
  /// - Returns: nil with `errno` set where read(2) failed.
  public static func hex(readingFrom descriptor: Int32) -> String? {
    var hash = SHA256()
    return hash.update(readingFrom: descriptor).map { _ in hash.finishHex() }
  }

  private static func hexText(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: bytes.count * 2) { out in
      for (index, byte) in bytes.enumerated() {
        out[index * 2] = digits[Int(byte >> 4)]
        out[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return bytes.count * 2
    }
  }
}

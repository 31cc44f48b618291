internal import Glibc

/// The lines of NDJSON text, as ranges into it: nothing is copied.
///
/// Lines end with LF or CR LF; blank ones are passed over, but counted. A line over the limit is
/// given with `isTooLong`, so that the ones after it can still be read.
/// - Complexity: O(n) for n bytes of text.
public struct JSONLines: Sequence {
  /// The most bytes one line may have by default: 1 MiB.
  public static let lineBytesMax = 1 << 20

  /// One line that is not blank.
  public struct Line: Hashable, Sendable {
    /// Counted from 1.
    public var number: Int
    /// Its bytes, without the line's end.
    public var range: Range<Int>
    /// Whether it has more bytes than the limit.
    public var isTooLong: Bool
  }

  private let bytes: [UInt8]
  private let lineBytesMax: Int

  /// The lines of `bytes`.
  public init(_ bytes: [UInt8], lineBytesMax: Int = JSONLines.lineBytesMax) {
    self.bytes = bytes
    self.lineBytesMax = lineBytesMax
  }

  /// Starts at the first line.
  public func makeIterator() -> Iterator {
    Iterator(bytes: bytes, lineBytesMax: lineBytesMax)
  }

  /// Goes from line to line.
  public struct Iterator: IteratorProtocol {
    let bytes: [UInt8]
    let lineBytesMax: Int
    private var start = 0
    private var number = 0

    init(bytes: [UInt8], lineBytesMax: Int) {
      self.bytes = bytes
      self.lineBytesMax = lineBytesMax
    }

    /// The next line that is not blank.
    public mutating func next() -> Line? {
      while start < bytes.count {
        let end = lineEnd()
        let range = trimmed(start..<end)
        start = end + 1
        number += 1
        if !range.isEmpty {
          return Line(number: number, range: range, isTooLong: range.count > lineBytesMax)
        }
      }
      return nil
    }

    private func lineEnd() -> Int {
      bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress,
          let found = memchr(base + start, Int32(UInt8(ascii: "\n")), buffer.count - start)
        else { return buffer.count }
        return UnsafeRawPointer(found) - base
      }
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
      var lower = range.lowerBound
      var upper = range.upperBound
      while lower < upper, Self.isBlank(bytes[lower]) { lower += 1 }
      while lower < upper, Self.isBlank(bytes[upper - 1]) { upper -= 1 }
      return lower..<upper
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
      byte == 0x20 || byte == 0x09 || byte == 0x0D
    }
  }
}

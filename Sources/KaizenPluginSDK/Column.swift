/// One column of numbers, where the host keeps it; lent until `analyze` returns.
public struct Column<Value: BitwiseCopyable> {
  /// All rows; what lies beneath an absent one is 0, or NaN in a column of doubles.
  public let values: UnsafeBufferPointer<Value>
  /// Rows that are absent.
  public let nullCount: Int
  private let validity: UnsafePointer<UInt8>?

  init(_ raw: kz_column?) {
    let start = raw?.values?.assumingMemoryBound(to: Value.self)
    values = UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(raw?.length ?? 0))
    nullCount = Int(raw?.null_count ?? 0)
    validity = raw?.validity
  }

  /// Rows.
  public var count: Int { values.count }

  /// The value of `row`, nil where it is absent, in O(1).
  public subscript(row: Int) -> Value? {
    isPresent(row, in: validity) ? values[row] : nil
  }
}

/// One column of text, where the host keeps it; lent until `analyze` returns.
public struct TextColumn {
  /// Rows.
  public let count: Int
  /// Rows that are absent.
  public let nullCount: Int
  private let validity: UnsafePointer<UInt8>?
  private let offsets: UnsafePointer<Int32>?
  private let start: UnsafeRawPointer?

  init(_ raw: kz_column?) {
    offsets = raw?.offsets
    count = offsets == nil ? 0 : Int(raw?.length ?? 0)
    nullCount = Int(raw?.null_count ?? 0)
    validity = raw?.validity
    start = raw?.values
  }

  /// The UTF-8 bytes of `row`, nil where it is absent, in O(1): nothing is copied.
  public func bytes(_ row: Int) -> UnsafeRawBufferPointer? {
    precondition((0..<count).contains(row), "row \(row) of \(count)")
    guard let offsets, isPresent(row, in: validity) else { return nil }
    let from = Int(offsets[row])
    return UnsafeRawBufferPointer(
      start: start.map { $0 + from }, count: start == nil ? 0 : Int(offsets[row + 1]) - from)
  }

  /// The text of `row`, copied; nil where it is absent.
  public subscript(row: Int) -> String? {
    bytes(row).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Arrow's validity bitmap: least bit first, none at all where every row is there.
private func isPresent(_ row: Int, in validity: UnsafePointer<UInt8>?) -> Bool {
  validity.map { $0[row / 8] >> UInt8(row % 8) & 1 == 1 } ?? true
}

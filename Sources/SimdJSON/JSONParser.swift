internal import CSimdJSON
public import JSONStream
public import Model

/// Reads many JSON texts, one after the other, with the same buffers.
///
/// As `JSONDocument` reads one, at several times its speed.
public struct JSONParser: ~Copyable {
  private let raw: OpaquePointer
  private let limits: JSONLimits

  /// Makes a parser for texts within `limits`.
  public init(limits: JSONLimits = JSONLimits()) throws(KaizenError) {
    guard let raw = ksj_parser_create() else { throw Self.noMemory }
    self.raw = raw
    self.limits = limits
  }

  deinit { ksj_parser_destroy(raw) }

  /// Reads all of `bytes` as one JSON value.
  public mutating func parse(_ bytes: [UInt8]) throws(KaizenError) -> JSONValue {
    try parse(bytes, in: 0..<bytes.count)
  }

  /// Reads the part `range` of `bytes` as one JSON value, in place where bytes enough follow it.
  ///
  /// - Throws: `E_JSON` with line and column; the first line of the range has the number `firstLine`.
  public mutating func parse(
    _ bytes: [UInt8], in range: Range<Int>, firstLine: Int = 1
  ) throws(KaizenError) -> JSONValue {
    try limits.check(range.count)
    var document = ksj_document()
    let padded = bytes.count - range.upperBound >= KSJ_PADDING_BYTES
    let result = bytes.withUnsafeBufferPointer { buffer -> Int32 in
      guard let base = buffer.baseAddress else { return Int32(KSJ_REFUSED) }
      return ksj_parser_parse(raw, base + range.lowerBound, range.count, padded, &document)
    }
    if result == KSJ_PARSED, let tape = document.tape, let strings = document.strings {
      var reader = TapeReader(tape: tape, strings: strings, depthMax: limits.depthMax)
      if let value = reader.value() { return value }
    }
    if result == KSJ_NO_MEMORY { throw Self.noMemory }
    return try second(bytes[range], firstLine, mayPass: result == KSJ_NUMBER)
  }

  /// The slow look at a text that was refused: an exact error, or the value if all that was wrong
  /// was an integer too large for simdjson.
  private func second(
    _ bytes: ArraySlice<UInt8>, _ firstLine: Int, mayPass: Bool
  ) throws(KaizenError) -> JSONValue {
    let value = try JSONDocument.parse(bytes, limits: limits, firstLine: firstLine)
    if mayPass { return value }
    // The two readers disagree; the strict one is believed.
    throw KaizenError("E_JSON", "not JSON: \(String(cString: ksj_parser_message(raw)))")
  }

  private static var noMemory: KaizenError {
    KaizenError("E_NO_MEMORY", "no memory to read JSON", hint: "send smaller texts")
  }
}

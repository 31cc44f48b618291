public import Model

/// How much JSON text a caller takes.
public struct JSONLimits: Hashable, Sendable {
  /// Objects and lists inside one another.
  public var depthMax: Int
  /// The length of the text.
  public var bytesMax: Int

  /// Makes limits; the depth can be at most 512, for the reader calls itself once a level.
  public init(depthMax: Int = 128, bytesMax: Int = 16 << 20) {
    self.depthMax = min(depthMax, 512)
    self.bytesMax = bytesMax
  }

  /// Refuses a text of `count` bytes where that is over the limit.
  /// - Throws: `E_TOO_LARGE`.
  public func check(_ count: Int) throws(KaizenError) {
    if count <= bytesMax { return }
    throw KaizenError(
      "E_TOO_LARGE", "the JSON text has \(count) bytes, the limit is \(bytesMax)",
      hint: "send less at once")
  }
}

/// One JSON text that stands alone, such as a file or the body of a request.
///
/// Read without a foreign library, so that a program that reads no more than this starts quickly.
public enum JSONDocument {
  /// Reads `bytes` as one JSON value.
  ///
  /// As RFC 8259, with what it leaves open decided: a key that stands twice in an object is refused,
  /// integers beyond 64 bits with a sign become numbers, numbers beyond a double are refused.
  /// - Throws: `E_JSON`, which names line and column; `E_TOO_LARGE` over the limit of bytes.
  /// - Complexity: O(n) for n bytes.
  public static func parse(
    _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
  ) throws(KaizenError) -> JSONValue {
    try parse(bytes[...], limits: limits)
  }

  /// Reads a part of a text as one JSON value; errors count its lines from `firstLine`.
  public static func parse(
    _ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits(), firstLine: Int = 1
  ) throws(KaizenError) -> JSONValue {
    try limits.check(bytes.count)
    var scanner = TextScanner(bytes, depthMax: limits.depthMax)
    do {
      return try scanner.document()
    } catch {
      throw error.error(in: bytes, firstLine: firstLine)
    }
  }

  /// Reads `text` as one JSON value.
  public static func parse(
    _ text: String, limits: JSONLimits = JSONLimits()
  ) throws(KaizenError) -> JSONValue {
    try parse(Array(text.utf8), limits: limits)
  }
}

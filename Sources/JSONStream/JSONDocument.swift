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
}

/// One JSON text that stands alone, such as a file or the body of a request.
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
    var parser = try JSONParser(limits: limits)
    return try parser.parse(bytes)
  }

  /// Reads `text` as one JSON value.
  public static func parse(
    _ text: String, limits: JSONLimits = JSONLimits()
  ) throws(KaizenError) -> JSONValue {
    try parse(Array(text.utf8), limits: limits)
  }
}

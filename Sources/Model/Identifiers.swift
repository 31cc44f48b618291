/// The id of an agent: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`.
public struct AgentID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The id as text.
  public let text: String

  /// The id, where `text` has the form of one.
  public init?(_ text: String) {
    guard Identifier.isValid(text) else { return nil }
    self.text = text
  }

  /// The id as text.
  public var description: String { text }
  /// In the order of the text.
  public static func < (a: AgentID, b: AgentID) -> Bool { a.text < b.text }
}

/// The id of a component, of the same form as an agent's.
public struct ComponentID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The id as text.
  public let text: String

  /// The id, where `text` has the form of one.
  public init?(_ text: String) {
    guard Identifier.isValid(text) else { return nil }
    self.text = text
  }

  /// The id as text.
  public var description: String { text }
  /// In the order of the text.
  public static func < (a: ComponentID, b: ComponentID) -> Bool { a.text < b.text }
}

/// What every id in Kaizen looks like.
public enum Identifier {
  /// The form in words, for error messages.
  public static let form = "1 to 128 of A-Z a-z 0-9 . _ -, the first a letter or digit"

  /// Whether `text` is `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`.
  public static func isValid(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, bytes.count <= 128, isAlphanumeric(first) else { return false }
    return bytes.allSatisfy { byte in
      isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: "-")
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

/// The number of a generation; the first is 1.
public struct GenerationNumber: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The number itself.
  public let value: Int

  /// The generation of that number.
  public init(_ value: Int) { self.value = value }

  /// The one after this.
  public var next: GenerationNumber { GenerationNumber(value + 1) }
  /// The number in decimal.
  public var description: String { String(value) }
  /// Older before newer.
  public static func < (a: GenerationNumber, b: GenerationNumber) -> Bool { a.value < b.value }
}

/// A SHA-256 digest as 64 hexadecimal digits.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The digits, in lower case.
  public let hex: String

  /// The digest, where `hex` has the form of one.
  public init?(hex: String) {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy({ Self.isHex($0) }) else { return nil }
    self.hex = hex
  }

  /// All 64 digits.
  public var description: String { hex }
  /// The first 12 digits, for people.
  public var short: String { String(hex.prefix(12)) }

  private static func isHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}

internal import Hashing
import Model

/// Digests values of many types, so that equal ones and no others give equal digests.
///
/// Each value is preceded by its length or by a tag, so that no two sequences of values look alike.
struct FingerprintWriter {
  /// What an absent value, or each type of JSON, begins with.
  private enum Tag {
    static let absent: UInt8 = 0
    static let present: UInt8 = 1
    static let null: UInt8 = 2
    static let no: UInt8 = 3
    static let yes: UInt8 = 4
    static let integer: UInt8 = 5
    static let number: UInt8 = 6
    static let string: UInt8 = 7
    static let array: UInt8 = 8
    static let object: UInt8 = 9
  }

  // Gathered and hashed at once: a call into the hash for each field would cost more than the hash.
  private var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(2048) }

  mutating func add(_ value: some FixedWidthInteger) {
    let value = Int64(truncatingIfNeeded: value)
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// By its bits: what a component is given differs where the bits do.
  mutating func add(_ value: Double) { add(value.bitPattern) }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(_ texts: [String]) {
    add(texts.count)
    for text in texts { add(text) }
  }

  mutating func add<T>(_ value: T?, _ body: (inout FingerprintWriter, T) -> Void) {
    bytes.append(value == nil ? Tag.absent : Tag.present)
    if let value { body(&self, value) }
  }

  /// Members in the order of their names.
  mutating func add(_ value: JSONValue) {
    switch value {
    case .null: bytes.append(Tag.null)
    case .bool(let value): bytes.append(value ? Tag.yes : Tag.no)
    case .integer(let value):
      bytes.append(Tag.integer)
      add(value)
    case .number(let value):
      bytes.append(Tag.number)
      add(value)
    case .string(let text):
      bytes.append(Tag.string)
      add(text)
    case .array(let elements):
      bytes.append(Tag.array)
      add(elements.count)
      for element in elements { add(element) }
    case .object(let members):
      bytes.append(Tag.object)
      add(members.count)
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        add(key)
        add(member)
      }
    }
  }

  /// The SHA-256 of all that was added.
  func finish() -> String { SHA256.hex(of: bytes) }
}

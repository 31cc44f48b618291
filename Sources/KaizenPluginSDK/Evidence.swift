/// A JSON value to be written: what an opportunity stands on.
///
/// `["mean_ms": .number(12.5), "worst": ["a.py", "b.py"]]`. For reading JSON there is `JSONNode`.
public indirect enum Evidence: Sendable {
  /// A string.
  case string(String)
  /// A number; NaN and the infinities, which JSON does not have, become null.
  case number(Double)
  /// A whole number.
  case integer(Int64)
  /// A truth value.
  case bool(Bool)
  /// null.
  case null
  /// An array.
  case array([Evidence])
  /// An object, in the order given.
  case object([(String, Evidence)])

  /// The value as JSON text.
  public var text: String {
    switch self {
    case .string(let string): Self.quoted(string)
    case .number(let number): number.isFinite ? "\(number)" : "null"
    case .integer(let integer): "\(integer)"
    case .bool(let bool): bool ? "true" : "false"
    case .null: "null"
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0) + ":" + $1.text }.joined(separator: ",") + "}"
    }
  }

  /// `string` as a JSON string, quotes included (RFC 8259, section 7).
  public static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case "\u{0}"..."\u{1F}":
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension Evidence: ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An array.
  public init(arrayLiteral elements: Evidence...) { self = .array(elements) }
  /// An object.
  public init(dictionaryLiteral elements: (String, Evidence)...) { self = .object(elements) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

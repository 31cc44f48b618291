/// One value that goes into a statement.
public enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  /// The text, or NULL.
  public init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  /// The integer, or NULL.
  public init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
  /// The integer, or NULL.
  public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
  /// The number, or NULL; SQLite turns NaN into NULL too.
  public init(_ value: Double?) { self = value.map { .real($0) } ?? .null }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
  /// The value a Swift literal stands for.
  public init(stringLiteral value: String) { self = .text(value) }
  /// The value a Swift literal stands for.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// The value a Swift literal stands for.
  public init(floatLiteral value: Double) { self = .real(value) }
  /// NULL.
  public init(nilLiteral: ()) { self = .null }
}

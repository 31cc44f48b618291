/// An error a person or a program may have to act on: what happened, and what to do about it.
///
/// Every room throws it; `code` is for programs and never changes meaning, `message` and `hint`
/// are for people.
public struct KaizenError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A code for programs, such as `E_BASE_MOVED`; unknown codes decode, never trap.
  public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The code as text.
    public let rawValue: String
    /// The code of that text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The code of that text.
    public init(stringLiteral value: String) { self.rawValue = value }
  }

  /// For programs.
  public var code: Code
  /// For people: what happened, naming the file, the id or the value.
  public var message: String
  /// What to do about it, where something can be done.
  public var hint: String?

  /// Makes an error from its parts.
  public init(_ code: Code, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// `E_BASE_MOVED: message; hint`.
  public var description: String {
    "\(code.rawValue): \(message)" + (hint.map { "; \($0)" } ?? "")
  }
}

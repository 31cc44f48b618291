/// A JSON value that was read together with its place in the text, so that one value can be
/// replaced and every other byte stay as it was.
///
/// Strict as RFC 8259; where an object has a key twice the last one counts, as most readers have it.
public struct JSONNode: Sendable {
  /// What sort of value it is.
  public enum Content: Sendable {
    /// null.
    case null
    /// A truth value.
    case bool(Bool)
    /// A number.
    case number(Double)
    /// A string, its escapes resolved.
    case string(String)
    /// An array.
    case array([JSONNode])
    /// An object, in the order of the text.
    case object([(key: String, value: JSONNode)])
  }

  /// The value.
  public var content: Content
  /// Its bytes in the text, quotes and brackets included.
  public var range: Range<Int>

  /// Reads `text`, at most 64 levels deep.
  /// - Throws: `PluginFailure` naming the byte where the text is no JSON.
  public init(parsing text: [UInt8]) throws(PluginFailure) {
    var reader = JSONReader(text)
    self = try reader.whole()
  }

  /// Reads `text`, at most 64 levels deep.
  /// - Throws: `PluginFailure` naming the byte where the text is no JSON.
  public init(parsing text: String) throws(PluginFailure) {
    try self.init(parsing: Array(text.utf8))
  }

  init(_ content: Content, _ range: Range<Int>) {
    self.content = content
    self.range = range
  }

  /// The member `key` of an object; nil for what is none or has none.
  public subscript(key: String) -> JSONNode? {
    guard case .object(let members) = content else { return nil }
    return members.last { $0.key == key }?.value
  }

  /// The elements of an array; empty for anything else.
  public var elements: [JSONNode] {
    if case .array(let elements) = content { elements } else { [] }
  }

  /// The number; nil for anything else.
  ///
  /// Never inlined: within a chain of optionals that fails the optimizer of Swift 6.3.1.
  public var number: Double? {
    @inline(never) get { readNumber() }
  }

  @inline(never)
  private func readNumber() -> Double? {
    if case .number(let number) = content { number } else { nil }
  }

  /// The text of a string; nil for anything else.
  public var string: String? {
    if case .string(let string) = content { string } else { nil }
  }

  /// The value that the JSON pointer leads to, nil where there is none (RFC 6901).
  public func at(pointer: String) -> JSONNode? {
    if pointer.isEmpty { return self }
    guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
    var node: JSONNode? = self
    for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let token = Self.unescape(part) else { return nil }
      node = node?.child(token)
    }
    return node
  }

  private func child(_ token: String) -> JSONNode? {
    guard case .array(let elements) = content else { return self[token] }
    let isIndex = token == "0" || (!token.hasPrefix("0") && !token.isEmpty)
    guard isIndex, token.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let index = Int(token)
    else { return nil }
    return elements.indices.contains(index) ? elements[index] : nil
  }

  /// `~1` is `/` and `~0` is `~`; another `~` is an error (RFC 6901, section 3).
  private static func unescape(_ token: Substring) -> String? {
    var text = ""
    var isEscaped = false
    for character in token {
      switch (isEscaped, character) {
      case (true, "0"): text += "~"
      case (true, "1"): text += "/"
      case (true, _): return nil
      case (false, "~"): break
      case (false, _): text.append(character)
      }
      isEscaped = !isEscaped && character == "~"
    }
    return isEscaped ? nil : text
  }
}

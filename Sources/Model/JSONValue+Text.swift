extension JSONValue {
  /// The value as JSON text: members sorted by name, so that equal values give equal bytes.
  ///
  /// Non-finite numbers, which JSON cannot say, become `null`.
  /// - Parameter indent: spaces a level, or nil for one line.
  /// - Complexity: O(n log m) for n bytes and m members of one object.
  public func text(indent: Int? = nil) -> String {
    var out: [UInt8] = []
    write(into: &out, indent: indent, depth: 0)
    return String(decoding: out, as: UTF8.self)
  }

  private func write(into out: inout [UInt8], indent: Int?, depth: Int) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += String(value).utf8
    case .number(let value): out += (value.isFinite ? "\(value)" : "null").utf8
    case .string(let text): Self.write(text, into: &out)
    case .array(let elements):
      Self.write(elements, "[", "]", into: &out, indent: indent, depth: depth) { element, out in
        element.write(into: &out, indent: indent, depth: depth + 1)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      Self.write(sorted, "{", "}", into: &out, indent: indent, depth: depth) { member, out in
        Self.write(member.key, into: &out)
        out += (indent == nil ? ":" : ": ").utf8
        member.value.write(into: &out, indent: indent, depth: depth + 1)
      }
    }
  }

  private static func write<C: Collection>(
    _ items: C, _ open: String, _ close: String, into out: inout [UInt8], indent: Int?, depth: Int,
    _ body: (C.Element, inout [UInt8]) -> Void
  ) {
    out += open.utf8
    var first = true
    for item in items {
      if !first { out.append(UInt8(ascii: ",")) }
      first = false
      newline(into: &out, indent: indent, depth: depth + 1)
      body(item, &out)
    }
    if !first { newline(into: &out, indent: indent, depth: depth) }
    out += close.utf8
  }

  private static func newline(into out: inout [UInt8], indent: Int?, depth: Int) {
    guard let indent else { return }
    out.append(UInt8(ascii: "\n"))
    out += repeatElement(UInt8(ascii: " "), count: indent * depth)
  }

  private static func write(_ text: String, into out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out += "\\\"".utf8
      case UInt8(ascii: "\\"): out += "\\\\".utf8
      case UInt8(ascii: "\n"): out += "\\n".utf8
      case UInt8(ascii: "\r"): out += "\\r".utf8
      case UInt8(ascii: "\t"): out += "\\t".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        out += "\\u00".utf8
        out += (digits.utf8.count == 1 ? "0" + digits : digits).utf8
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}

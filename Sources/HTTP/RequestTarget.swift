internal import Model

/// The path and query of a request line, decoded strictly.
///
/// - Source: RFC 9112, section 3.2.1 (origin-form); RFC 3986, sections 2.1 and 3.4; the `+` for a
///   space in a query is from the URL standard's form encoding.
struct RequestTarget {
  let path: String
  let query: [(name: String, value: String)]

  /// Most parameters of one query.
  static let parameterCountMax = 32

  /// - Throws: `E_BAD_REQUEST`, saying what is wrong with the target.
  init(_ target: String) throws(KaizenError) {
    guard target.hasPrefix("/") else {
      throw Self.refusal("the target \"\(target.prefix(80))\" does not start with \"/\"")
    }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = try Self.decode(parts[0], isPath: true)
    var query: [(name: String, value: String)] = []
    if parts.count == 2 && !parts[1].isEmpty {
      for pair in parts[1].split(separator: "&", omittingEmptySubsequences: false) {
        let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = try Self.decode(sides[0], isPath: false)
        let value = sides.count == 2 ? try Self.decode(sides[1], isPath: false) : ""
        if name.isEmpty { throw Self.refusal("a query parameter has no name") }
        if query.contains(where: { $0.name == name }) {
          throw Self.refusal("the query parameter \"\(name.prefix(80))\" is given twice")
        }
        if query.count == Self.parameterCountMax {
          throw Self.refusal("more than \(Self.parameterCountMax) query parameters")
        }
        query.append((name, value))
      }
    }
    self.query = query
  }

  private static func decode(_ text: Substring, isPath: Bool) throws(KaizenError) -> String {
    var out: [UInt8] = []
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = bytes.next().flatMap(digit), let low = bytes.next().flatMap(digit) else {
          throw refusal("\"%\" without two hexadecimal digits in \"\(text.prefix(80))\"")
        }
        let decoded = high << 4 | low
        if decoded == 0 || (isPath && decoded == UInt8(ascii: "/")) {
          throw refusal("an encoded NUL or slash in \"\(text.prefix(80))\"")
        }
        out.append(decoded)
      case UInt8(ascii: "+") where !isPath: out.append(UInt8(ascii: " "))
      default: out.append(byte)
      }
    }
    guard let decoded = String(validating: out, as: UTF8.self) else {
      throw refusal("\"\(text.prefix(80))\" is no UTF-8 once decoded")
    }
    return decoded
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func refusal(_ message: String) -> KaizenError {
    KaizenError("E_BAD_REQUEST", message)
  }
}

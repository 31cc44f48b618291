internal import CMicroHTTPD
internal import Model

/// The header fields of a request.
enum HeaderFields {
  /// Most fields of one header.
  static let countMax = 64

  /// All fields, names in lower case.
  /// - Throws: `E_BAD_REQUEST` for too many, or for a framing two readers could read differently.
  static func read(_ connection: OpaquePointer) throws(KaizenError) -> [(
    name: String, value: String
  )] {
    let box = Box()
    MHD_get_connection_values(
      connection, .HEADER_KIND,
      { context, _, name, value in
        guard let context, let name else { return .NO }
        let box = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
        box.fields.append(
          (String(cString: name).lowercased(), value.map { String(cString: $0) } ?? ""))
        return box.fields.count > HeaderFields.countMax ? .NO : .YES
      }, Unmanaged.passUnretained(box).toOpaque())
    try check(box.fields)
    return box.fields
  }

  /// The declared length of the body; nil where none is declared.
  static func contentLength(
    _ fields: [(name: String, value: String)]
  ) throws(KaizenError) -> Int? {
    guard let text = fields.first(where: { $0.name == "content-length" })?.value else {
      return nil
    }
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      throw KaizenError("E_BAD_REQUEST", "Content-Length is \"\(text.prefix(40))\"")
    }
    // More digits than an Int has are more bytes than any limit.
    return Int(text) ?? Int.max
  }

  /// RFC 9112, section 6.3: differing framings are how requests get smuggled.
  static func check(_ fields: [(name: String, value: String)]) throws(KaizenError) {
    if fields.count > countMax {
      throw KaizenError("E_BAD_REQUEST", "more than \(countMax) header fields")
    }
    for name in ["content-length", "transfer-encoding", "host"] {
      if fields.count(where: { $0.name == name }) > 1 {
        throw KaizenError("E_BAD_REQUEST", "the header field \"\(name)\" is given twice")
      }
    }
    let names = Set(fields.map(\.name))
    if names.isSuperset(of: ["content-length", "transfer-encoding"]) {
      throw KaizenError(
        "E_BAD_REQUEST", "both Content-Length and Transfer-Encoding say where the body ends")
    }
  }

  /// Crosses into the C callback as its context; lives until the call returns.
  private final class Box {
    var fields: [(name: String, value: String)] = []
  }
}

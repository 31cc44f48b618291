import SourceCode

/// Tokens that their issuers begin with a prefix of their own.
///
/// Source: https://docs.github.com/en/code-security/secret-scanning and each issuer's pages.
enum IssuedToken {
  /// What every token begins with.
  static let prefixes = shapes.map(\.prefix)

  /// The prefix, and how many bytes of its alphabet must follow at least.
  private static let shapes: [(prefix: String, length: Int)] = [
    ("AKIA", 16), ("ghp_", 36), ("gho_", 36), ("ghs_", 36), ("github_pat_", 60), ("glpat-", 20),
    ("sk-ant-api", 40), ("sk_live_", 24), ("xoxb-", 30), ("AIza", 35), ("hf_", 30), ("npm_", 36),
    ("pypi-AgEIcHlwaS5vcmc", 50),
  ]
  /// Distinct bytes of a real token: what repeats itself is a placeholder.
  private static let distinctMin = 10

  /// Whether a whole token stands in a line.
  static func stands(in line: [UInt8]) -> Bool {
    shapes.contains { shape in
      let prefix = Array(shape.prefix.utf8)
      guard line.count >= prefix.count + shape.length, let first = prefix.first else {
        return false
      }
      return (0...(line.count - prefix.count)).contains { start in
        guard line[start] == first, line[start...].starts(with: prefix),
          start == 0 || !isTokenByte(line[start - 1])
        else { return false }
        let body = line[(start + prefix.count)...].prefix(while: isTokenByte)
        return body.count >= shape.length && Set(body).count >= distinctMin
          && !isPlaceholder(body)
      }
    }
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    isWordByte(byte) && byte < 0x80 || byte == UInt8(ascii: "-")
  }

  private static func isPlaceholder(_ body: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: body, as: UTF8.self).lowercased()
    return ["example", "xxxx", "1234567890", "abcdef", "your"].contains { text.contains($0) }
  }
}

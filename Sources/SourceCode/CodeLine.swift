import Glibc

/// One line as rules look at it: words and calls in its code, not in its strings and comments.
public struct CodeLine: Sendable {
  /// The line, from 1.
  public let number: Int
  /// The code; comments and the insides of strings are blanks.
  public let code: [UInt8]
  /// Code and strings; comments are blanks.
  public let content: [UInt8]
  /// The code without its blanks.
  private let packed: [UInt8]
  /// Comments; the rest is blanks.
  public let comment: [UInt8]

  /// Line `index`, from 0, of a file.
  public init(_ source: SourceText, _ index: Int) {
    number = index + 1
    code = source.code(index)
    content = source.withoutComments(index)
    comment = source.comment(index)
    packed = code.filter { $0 != 0x20 }
  }

  /// Whether there is no code on it.
  public var isBlank: Bool { code.allSatisfy { $0 <= 0x20 } }

  /// Blanks before the first byte of code.
  public var indent: Int { code.prefix { $0 <= 0x20 }.count }

  /// Where `text` stands in the code, not as a part of longer words.
  public func places(of text: String) -> [Range<Int>] { Self.places(of: text, in: code) }

  /// Whether `text` stands in the code, not as a part of longer words.
  public func has(_ text: String) -> Bool { !places(of: text).isEmpty }

  /// Whether `text` stands in the code or a string, not as a part of longer words.
  public func contains(_ text: String) -> Bool { !Self.places(of: text, in: content).isEmpty }

  /// Whether a comment on the line asks checkers to be silent: `noqa`, `nosec`.
  public func isSilenced(by word: String) -> Bool {
    !comment.isEmpty && !Self.places(of: word, in: comment).isEmpty
  }

  /// Where the arguments of calls of `name` begin.
  ///
  /// A definition (`def name(`, `func name(`) is no call; `x.name(` is one only for names with a
  /// dot of their own or where `asMember` says so.
  public func calls(_ name: String, asMember: Bool = false) -> [Int] {
    places(of: name).compactMap { place in
      var end = place.upperBound
      while end < code.count, code[end] == 0x20 { end += 1 }
      guard end < code.count, code[end] == UInt8(ascii: "(") else { return nil }
      let before = code[..<place.lowerBound]
      if !asMember, before.last == UInt8(ascii: ".") { return nil }
      let word = before.reversed().drop { $0 == 0x20 }.prefix { isWordByte($0) }
      let previous = String(decoding: word.reversed(), as: UTF8.self)
      return ["def", "func", "function", "class"].contains(previous) ? nil : end + 1
    }
  }

  /// Whether the argument that begins at `start` is one whole literal string, or nothing.
  public func isLiteral(at start: Int) -> Bool {
    let rest = code[min(start, code.count)...].drop { $0 == 0x20 }
    guard let quote = rest.first else { return false }
    if quote == UInt8(ascii: ")") { return true }
    guard "\"'`".utf8.contains(quote) else { return false }
    let inner = rest.dropFirst()
    guard let end = inner.firstIndex(of: quote), inner[..<end].allSatisfy({ $0 == 0x20 }) else {
      return false
    }
    let next = inner[(end + 1)...].first { $0 != 0x20 }
    return next == UInt8(ascii: ")") || next == UInt8(ascii: ",")
  }

  private static func places(of text: String, in bytes: [UInt8]) -> [Range<Int>] {
    let wanted = Array(text.utf8)
    guard let first = wanted.first, let last = wanted.last, bytes.count >= wanted.count else {
      return []
    }
    var places: [Range<Int>] = []
    var from = 0
    while let start = find(wanted, in: bytes, from: from) {
      let end = start + wanted.count
      from = start + 1
      if isWordByte(first), start > 0, isWordByte(bytes[start - 1]) { continue }
      if isWordByte(last), end < bytes.count, isWordByte(bytes[end]) { continue }
      places.append(start..<end)
    }
    return places
  }

  /// The first place of `wanted` at or behind `from`.
  static func find(_ wanted: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
    bytes.withUnsafeBytes { all in
      wanted.withUnsafeBytes { word in
        guard from < all.count, let base = all.baseAddress, let text = word.baseAddress,
          let found = memmem(base + from, all.count - from, text, word.count)
        else { return nil }
        return UnsafeRawPointer(found) - base
      }
    }
  }

  /// Whether `text`, written without blanks, stands in the code once its blanks are gone.
  public func hasPacked(_ text: String) -> Bool {
    Self.find(Array(text.utf8), in: packed, from: 0) != nil
  }
}

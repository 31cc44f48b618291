/// A pattern for paths beneath a root: `tests/**`, `**/*.py`, `config?.json`.
///
/// `**` stands for any number of folders (at the end: for everything beneath), `*` for any part of
/// one name, `?` for one character, `[a-z]` and `[!a-z]` for one of a set, and `\` takes the next
/// character as it is. A leading dot is nothing special. A pattern without a slash matches at the
/// root only: `**/*.py` finds them everywhere.
public struct PathPattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as written.
  public let text: String
  private let segments: [[UInt8]]

  /// The pattern; slashes at either end and a leading `./` are dropped.
  public init(_ text: String) {
    self.text = text
    segments = text.utf8.split(separator: Self.slash).map(Array.init).filter {
      $0 != [UInt8(ascii: ".")]
    }
  }

  /// The pattern as written.
  public var description: String { text }

  /// Whether `path`, relative to the root, matches as a whole.
  public func matches(_ path: String) -> Bool { matches(Array(path.utf8)) }

  /// Whether the path of those bytes matches as a whole; names on Linux are bytes.
  /// - Complexity: O(segments of the pattern × components of the path), times the names' length.
  public func matches(_ path: [UInt8]) -> Bool {
    let names = path.split(separator: Self.slash)
    // reached[i]: the first i segments can match the names seen so far.
    var reached = [Bool](repeating: false, count: segments.count + 1)
    reached[0] = true
    skipEmpty(&reached)
    for name in names {
      var next = [Bool](repeating: false, count: segments.count + 1)
      for (index, segment) in segments.enumerated() where reached[index] {
        if segment == Self.anyDepth {
          next[index] = true
          if index + 1 == segments.count { next[index + 1] = true }
        } else if Self.matches(segment[...], name) {
          next[index + 1] = true
        }
      }
      skipEmpty(&next)
      reached = next
    }
    return reached[segments.count] && !names.isEmpty
  }

  private static let slash = UInt8(ascii: "/")
  private static let anyDepth = Array("**".utf8)

  /// `**` in the middle may stand for no folder at all; at the end it stands for at least one name.
  private func skipEmpty(_ reached: inout [Bool]) {
    for index in segments.indices.dropLast() where reached[index] {
      if segments[index] == Self.anyDepth { reached[index + 1] = true }
    }
  }

  /// One name against one segment, in the usual two-pointer way: back to the last `*` on a mismatch.
  private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    var at = pattern.startIndex
    var position = name.startIndex
    var star: (pattern: Int, name: Int)?
    while position < name.endIndex {
      if at < pattern.endIndex, pattern[at] == UInt8(ascii: "*") {
        at += 1
        star = (at, position)
      } else if at < pattern.endIndex, let step = matchOne(pattern[at...], name[position...]) {
        at = step.pattern
        position = step.name
      } else if let last = star {
        at = last.pattern
        position = last.name + 1
        star = (at, position)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// Matches one character; the positions behind it, or nil.
  private static func matchOne(
    _ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>
  ) -> (pattern: Int, name: Int)? {
    let first = pattern.startIndex
    let byte = name[name.startIndex]
    switch pattern[first] {
    case UInt8(ascii: "?"):
      return (first + 1, name.startIndex + characterLength(name))
    case UInt8(ascii: "["):
      guard let set = CharacterSet(pattern) else { break }
      return set.contains(byte) ? (set.end, name.startIndex + characterLength(name)) : nil
    case UInt8(ascii: "\\") where first + 1 < pattern.endIndex:
      return pattern[first + 1] == byte ? (first + 2, name.startIndex + 1) : nil
    default: break
    }
    return pattern[first] == byte ? (first + 1, name.startIndex + 1) : nil
  }

  /// Bytes of the UTF-8 character at the start; 1 where it is none.
  private static func characterLength(_ name: ArraySlice<UInt8>) -> Int {
    guard name[name.startIndex] >= 0xC0 else { return 1 }
    return 1 + name.dropFirst().prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
  }

  /// `[...]`; ranges are of bytes, so sets are for ASCII.
  private struct CharacterSet {
    var ranges: [ClosedRange<UInt8>] = []
    var isNegated = false
    var end: Int

    /// Nil where there is no closing bracket: then `[` is a character like any other.
    init?(_ pattern: ArraySlice<UInt8>) {
      var at = pattern.startIndex + 1
      if at < pattern.endIndex, pattern[at] == UInt8(ascii: "!") || pattern[at] == UInt8(ascii: "^")
      {
        isNegated = true
        at += 1
      }
      let first = at
      while at < pattern.endIndex, at == first || pattern[at] != UInt8(ascii: "]") {
        if at + 2 < pattern.endIndex, pattern[at + 1] == UInt8(ascii: "-"),
          pattern[at + 2] != UInt8(ascii: "]"), pattern[at] <= pattern[at + 2]
        {
          ranges.append(pattern[at]...pattern[at + 2])
          at += 3
        } else {
          ranges.append(pattern[at]...pattern[at])
          at += 1
        }
      }
      guard at < pattern.endIndex else { return nil }
      end = at + 1
    }

    func contains(_ byte: UInt8) -> Bool { ranges.contains { $0.contains(byte) } != isNegated }
  }
}

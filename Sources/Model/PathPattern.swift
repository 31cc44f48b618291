/// A pattern for paths relative to a root: `tests/**`, `**/*.py`, `config?.json`.
///
/// `*` stands for any characters of one name, `?` for one, and a name `**` for any number of
/// names, none included. Everything else stands for itself; the whole path must match.
public struct PathPattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as written.
  public let text: String
  private let names: [[Unicode.Scalar]]

  /// The pattern of `text`.
  public init(_ text: String) {
    self.text = text
    names = Self.names(of: text)
  }

  /// The pattern as written.
  public var description: String { text }

  /// Whether `path`, relative to the root, matches.
  /// - Complexity: O(n × m) for n characters of the path and m of the pattern.
  public func matches(_ path: String) -> Bool {
    let anything: [Unicode.Scalar] = ["*", "*"]
    return Self.isMatch(
      Self.names(of: path), names, isStar: { $0 == anything }, isEqual: Self.isName)
  }

  private static func names(of path: String) -> [[Unicode.Scalar]] {
    path.unicodeScalars.split(separator: "/").map(Array.init)
  }

  private static func isName(_ name: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
    isMatch(name, pattern, isStar: { $0 == "*" }, isEqual: { $1 == "?" || $0 == $1 })
  }

  /// Matches with one sort of star, without exponential search.
  ///
  /// On a mismatch only the last star need take one element more: what an earlier one could take,
  /// the last one can take too.
  private static func isMatch<Element>(
    _ subject: [Element], _ pattern: [Element], isStar: (Element) -> Bool,
    isEqual: (Element, Element) -> Bool
  ) -> Bool {
    var (at, next) = (0, 0)
    var star: (next: Int, at: Int)?
    while at < subject.count {
      if next < pattern.count, isStar(pattern[next]) {
        next += 1
        star = (next, at)
      } else if next < pattern.count, isEqual(subject[at], pattern[next]) {
        at += 1
        next += 1
      } else if let last = star {
        star = (last.next, last.at + 1)
        (at, next) = (last.at + 1, last.next)
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy(isStar)
  }
}

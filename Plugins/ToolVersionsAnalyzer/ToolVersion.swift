/// A version by its numbers, and what comes before a release.
///
/// `13.0` and `13.0.0` are one; `1.2.0-rc1` and `1.2.0rc1` come before `1.2.0`; a part after `+` does
/// not count. So far as they agree: https://semver.org/#spec-item-11 and PEP 440.
struct ToolVersion: Comparable {
  private static let lengthMax = 64

  private var numbers: [UInt64]
  /// The letters and digits after the numbers, such as `rc1`; empty for a release.
  private var suffix: String

  /// nil for text that does not start with a number.
  init?(_ text: String) {
    guard text.utf8.count <= Self.lengthMax else { return nil }
    var rest = Substring(text.prefix { $0 != "+" })
    if rest.first == "v" || rest.first == "V" { rest = rest.dropFirst() }
    numbers = []
    while true {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      guard let number = UInt64(digits) else { break }
      numbers.append(number)
      rest = rest.dropFirst(digits.count)
      guard rest.first == ".", let next = rest.dropFirst().first, ("0"..."9").contains(next) else {
        break
      }
      rest = rest.dropFirst()
    }
    if numbers.isEmpty { return nil }
    while numbers.last == 0, numbers.count > 1 { numbers.removeLast() }
    suffix = rest.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.lowercased()
  }

  /// Before the numbers decide, the longer one is filled with zeros; a release comes last, but
  /// for what Python calls a post-release.
  static func < (a: ToolVersion, b: ToolVersion) -> Bool {
    for index in 0..<max(a.numbers.count, b.numbers.count) {
      let (x, y) = (a.number(index), b.number(index))
      if x != y { return x < y }
    }
    if a.rank != b.rank { return a.rank < b.rank }
    let (x, y) = (a.suffixNumber, b.suffixNumber)
    return x.name != y.name ? x.name < y.name : x.number < y.number
  }

  static func == (a: ToolVersion, b: ToolVersion) -> Bool { !(a < b) && !(b < a) }

  private func number(_ index: Int) -> UInt64 { index < numbers.count ? numbers[index] : 0 }

  private var rank: Int {
    if suffix.isEmpty { return 1 }
    // A suffix of digits alone is a distribution's revision: of the same release, and later.
    return suffix.hasPrefix("post") || suffix.allSatisfy(\.isNumber) ? 2 : 0
  }

  /// `rc2` comes before `rc10`.
  private var suffixNumber: (name: String, number: UInt64) {
    let name = suffix.prefix { !$0.isNumber }
    let digits = suffix.dropFirst(name.count).prefix { $0.isNumber }
    return (String(name), UInt64(digits) ?? 0)
  }
}

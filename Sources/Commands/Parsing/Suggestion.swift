/// The name somebody probably meant.
enum Suggestion {
  /// The nearest of `names`, where one is near: at most a third of the letters are wrong.
  static func nearest(to word: String, in names: Set<String>) -> String? {
    let typed = Array(word.utf8.prefix(lengthMax))
    // Among equally near names the one of the same length: letters get swapped more than lost.
    let ranked = names.map { name in
      (distance(typed, Array(name.utf8)), abs(name.utf8.count - typed.count), name)
    }.sorted { $0 < $1 }
    guard let (distance, _, name) = ranked.first else { return nil }
    return distance <= max(1, name.utf8.count / 3) ? name : nil
  }

  /// Longer words are compared by their beginning.
  private static let lengthMax = 64

  /// Edits that turn `a` into `b`, a swap of neighbours counting as one (optimal string alignment).
  /// - Complexity: O(|a| · |b|).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
          best = min(best, before[j - 1] + 1)
        }
        row.append(best)
      }
      before = last
      last = row
    }
    return last[b.count]
  }
}

/// The shortest edit from one list of lines to another.
struct LineDiff {
  /// One run of lines that differ; positions count from 0.
  struct Hunk: Hashable, Sendable {
    var old: Range<Int>
    var new: Range<Int>
  }

  /// Most edits looked for; beyond them the middle counts as replaced as a whole.
  ///
  /// The search keeps the square of this in integers: 8 MiB.
  static let editCountMax = 1000

  let hunks: [Hunk]

  /// Compares by Myers 1986, "An O(ND) difference algorithm and its variations".
  /// - Complexity: O((n + m) · d) for d edits, with d at most `editCountMax`.
  init(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) {
    var start = 0
    while start < old.count, start < new.count, old[start] == new[start] { start += 1 }
    var end = 0
    while end < old.count - start, end < new.count - start,
      old[old.count - 1 - end] == new[new.count - 1 - end]
    {
      end += 1
    }
    // Compare numbers instead of lines.
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    func number(_ line: ArraySlice<UInt8>) -> Int {
      if let known = numbers[line] { return known }
      numbers[line] = numbers.count
      return numbers.count - 1
    }
    let left = old[start..<(old.count - end)].map(number)
    let right = new[start..<(new.count - end)].map(number)
    let found = Self.search(left, right)
    hunks = found.map { hunk in
      Hunk(
        old: (hunk.old.lowerBound + start)..<(hunk.old.upperBound + start),
        new: (hunk.new.lowerBound + start)..<(hunk.new.upperBound + start))
    }
  }

  private static func search(_ old: [Int], _ new: [Int]) -> [Hunk] {
    if old.isEmpty && new.isEmpty { return [] }
    let whole = [Hunk(old: 0..<old.count, new: 0..<new.count)]
    if old.isEmpty || new.isEmpty { return whole }
    let most = min(editCountMax, old.count + new.count)
    // reach[k + most]: how far into `old` a path on diagonal k (x − y) has come.
    var reach = [Int](repeating: 0, count: 2 * most + 2)
    var trace: [ArraySlice<Int>] = []
    for edits in 0...most {
      trace.append(reach[(most - edits)...(most + edits)])
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        let isDown =
          diagonal == -edits
          || diagonal != edits && reach[most + diagonal - 1] < reach[most + diagonal + 1]
        var x = isDown ? reach[most + diagonal + 1] : reach[most + diagonal - 1] + 1
        var y = x - diagonal
        while x < old.count, y < new.count, old[x] == new[y] {
          x += 1
          y += 1
        }
        reach[most + diagonal] = x
        if x >= old.count && y >= new.count {
          return backtrack(trace, old.count, new.count, offset: most)
        }
      }
    }
    return whole
  }

  private static func backtrack(
    _ trace: [ArraySlice<Int>], _ oldCount: Int, _ newCount: Int, offset: Int
  ) -> [Hunk] {
    var hunks: [Hunk] = []
    var (x, y) = (oldCount, newCount)
    for edits in trace.indices.reversed() where edits > 0 {
      let reach = trace[edits]
      let diagonal = x - y
      func at(_ diagonal: Int) -> Int {
        let index = offset + diagonal
        return reach.indices.contains(index) ? reach[index] : -1
      }
      let isDown = diagonal == -edits || diagonal != edits && at(diagonal - 1) < at(diagonal + 1)
      let before = isDown ? diagonal + 1 : diagonal - 1
      let (fromX, fromY) = (at(before), at(before) - before)
      let edit =
        isDown
        ? Hunk(old: fromX..<fromX, new: fromY..<(fromY + 1))
        : Hunk(old: fromX..<(fromX + 1), new: fromY..<fromY)
      if let next = hunks.last, next.old.lowerBound == edit.old.upperBound,
        next.new.lowerBound == edit.new.upperBound
      {
        hunks[hunks.count - 1] = Hunk(
          old: edit.old.lowerBound..<next.old.upperBound,
          new: edit.new.lowerBound..<next.new.upperBound)
      } else {
        hunks.append(edit)
      }
      (x, y) = (fromX, fromY)
    }
    return hunks.reversed()
  }
}

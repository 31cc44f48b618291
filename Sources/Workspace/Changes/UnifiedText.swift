/// Writes differences the way patch(1) and people read them.
struct UnifiedText {
  /// Lines shown around each difference.
  static let contextLineCount = 3

  private(set) var bytes: [UInt8] = []
  private(set) var isTruncated = false
  let byteCountMax: Int

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  /// Appends one line; past the limit nothing more.
  mutating func add(_ line: some Sequence<UInt8>, prefix: String = "") {
    let text = Array(prefix.utf8) + Array(line)
    if isTruncated || bytes.count + text.count + 1 > byteCountMax {
      isTruncated = true
      return
    }
    bytes += text
    if text.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
  }

  /// Appends the differences of one file.
  mutating func add(
    _ hunks: [LineDiff.Hunk], old: [ArraySlice<UInt8>], new: [ArraySlice<UInt8>]
  ) {
    var index = 0
    while index < hunks.count {
      var last = index
      while last + 1 < hunks.count,
        hunks[last + 1].old.lowerBound - hunks[last].old.upperBound <= 2 * Self.contextLineCount
      {
        last += 1
      }
      addGroup(hunks[index...last], old, new)
      index = last + 1
    }
  }

  private mutating func addGroup(
    _ group: ArraySlice<LineDiff.Hunk>, _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]
  ) {
    guard let first = group.first, let last = group.last else { return }
    let before = min(Self.contextLineCount, first.old.lowerBound)
    let after = min(Self.contextLineCount, old.count - last.old.upperBound)
    let oldRange = (first.old.lowerBound - before)..<(last.old.upperBound + after)
    let newRange = (first.new.lowerBound - before)..<(last.new.upperBound + after)
    add("@@ -\(Self.place(oldRange)) +\(Self.place(newRange)) @@".utf8)
    var position = oldRange.lowerBound
    for hunk in group {
      addLines(old[position..<hunk.old.lowerBound], " ")
      addLines(old[hunk.old], "-")
      addLines(new[hunk.new], "+")
      position = hunk.old.upperBound
    }
    addLines(old[position..<oldRange.upperBound], " ")
  }

  private mutating func addLines(_ lines: ArraySlice<ArraySlice<UInt8>>, _ prefix: String) {
    for line in lines {
      add(line, prefix: prefix)
      if line.last != UInt8(ascii: "\n") { add("\\ No newline at end of file".utf8) }
    }
  }

  /// `start,count`; lines count from 1, and an empty range names the line before it.
  private static func place(_ range: Range<Int>) -> String {
    range.isEmpty
      ? "\(range.lowerBound),0"
      : range.count == 1 ? "\(range.lowerBound + 1)" : "\(range.lowerBound + 1),\(range.count)"
  }

  /// The lines of a text, each with its newline.
  static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
      lines.append(bytes[start..<end])
      start = end
    }
    return lines
  }
}

/// A file as lines that put together give the same bytes again.
struct SourceText {
  /// The lines, each with its line end.
  var lines: [[UInt8]]

  init(_ bytes: [UInt8]) {
    lines = []
    var start = 0
    for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
      lines.append(Array(bytes[start...index]))
      start = index + 1
    }
    if start < bytes.count { lines.append(Array(bytes[start...])) }
  }

  /// The whole file.
  var bytes: [UInt8] { Array(lines.joined()) }

  /// The line end the file uses.
  var lineEnd: String {
    lines.first?.suffix(2) == [UInt8(ascii: "\r"), UInt8(ascii: "\n")] ? "\r\n" : "\n"
  }

  /// Line `index` as text, without its end.
  func text(_ index: Int) -> String {
    var line = lines[index][...]
    while let last = line.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
      line = line.dropLast()
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// Replaces the bytes `range` of line `index`.
  mutating func replace(_ range: Range<Int>, ofLine index: Int, with text: String) {
    lines[index].replaceSubrange(range, with: text.utf8)
  }
}

// Source: CommonMark 0.31.2, sections 4.5 (fences), 6.1 (code spans), 4.6 (HTML comments).

extension SourceScanner {
  /// Fenced blocks and code spans are text, HTML comments are comments, prose is code.
  mutating func scanMarkdown() {
    var fence: (byte: UInt8, count: Int, start: Int)?
    while position < bytes.count {
      let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let line = bytes[position..<end]
      if let open = fence {
        if let mark = Self.fence(line), mark.byte == open.byte, mark.count >= open.count,
          mark.isBare
        {
          fence = nil
        } else {
          mark(position..<end, .text)
        }
        position = end + 1
      } else if let mark = Self.fence(line) {
        fence = (mark.byte, mark.count, position)
        position = end + 1
      } else {
        scanProse(to: end)
      }
    }
    if let fence { unclosed = unclosed ?? fence.start }
  }

  /// The run of ``` or ~~~ that begins a line; lists and quotes may stand before it.
  private static func fence(
    _ line: ArraySlice<UInt8>
  ) -> (byte: UInt8, count: Int, isBare: Bool)? {
    // "- ```": a fence may be the first thing in a list's item or a quote.
    let marks = " \t>-*+.0123456789".utf8
    let rest = line.drop { marks.contains($0) }
    guard let byte = rest.first, byte == UInt8(ascii: "`") || byte == UInt8(ascii: "~") else {
      return nil
    }
    let run = rest.prefix { $0 == byte }
    let info = rest[run.endIndex...]
    if run.count < 3 || (byte == UInt8(ascii: "`") && info.contains(byte)) { return nil }
    return (byte, run.count, info.allSatisfy { $0 <= 0x20 })
  }

  /// One line of prose; a comment may end lines below.
  private mutating func scanProse(to end: Int) {
    while position < end {
      if isAt("<!--") {
        let close = bytes[position...].firstRange(of: "-->".utf8)?.upperBound
        if close == nil { unclosed = unclosed ?? position }
        mark(position..<(close ?? end), .comment)
        position = close ?? end
        if position > end { return }
      } else if bytes[position] == UInt8(ascii: "\\") {
        position += 2
      } else if bytes[position] == UInt8(ascii: "`") {
        skipCodeSpan(before: end)
      } else {
        position += 1
      }
    }
    position = end + 1
  }

  /// `` `code` `` within a line; a run of backticks without its like is prose.
  private mutating func skipCodeSpan(before end: Int) {
    let start = position
    while position < end, bytes[position] == UInt8(ascii: "`") { position += 1 }
    let count = position - start
    var index = position
    while index < end {
      let run = bytes[index..<end].prefix { $0 == UInt8(ascii: "`") }.count
      if run == count {
        mark(position..<index, .text)
        position = index + run
        return
      }
      index += max(run, 1)
    }
  }
}

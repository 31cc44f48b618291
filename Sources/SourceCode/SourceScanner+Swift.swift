// Source: The Swift Programming Language, "Lexical Structure"
// (https://docs.swift.org/swift-book/documentation/the-swift-programming-language/lexicalstructure/).

extension SourceScanner {
  mutating func stepSwift(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "/"):
      if !skipSlashComment() { position += 1 }
    case UInt8(ascii: "\""): skipString(hashes: 0)
    case UInt8(ascii: "#"):
      var hashes = 0
      while peek(hashes) == byte { hashes += 1 }
      let next = peek(hashes)
      position += hashes
      if next == UInt8(ascii: "\"") {
        skipString(hashes: hashes)
      } else if next == UInt8(ascii: "/") {
        skipExtendedRegex(hashes: hashes)
      }
    default: position += 1
    }
  }

  /// From the first quote on; with hashes a quote and an escape need as many of them.
  private mutating func skipString(hashes: Int) {
    let start = position
    let quote = UInt8(ascii: "\"")
    let isLong = peek(1) == quote && peek(2) == quote
    position += isLong ? 3 : 1
    var textStart = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\n"), !isLong { break }
      if byte == UInt8(ascii: "\\"), hasHashes(hashes, at: position + 1) {
        if peek(1 + hashes) == UInt8(ascii: "("), depth < Self.depthMax {
          mark(textStart..<position, .text)
          position += 2 + hashes
          depth += 1
          scanCode(until: UInt8(ascii: ")"))
          depth -= 1
          position += 1
          textStart = position
        } else {
          position += 2 + hashes
        }
      } else if byte == quote, !isLong || (peek(1) == quote && peek(2) == quote),
        hasHashes(hashes, at: position + (isLong ? 3 : 1))
      {
        mark(textStart..<position, .text)
        position += (isLong ? 3 : 1) + hashes
        return
      } else {
        position += 1
      }
    }
    position = min(position, bytes.count)
    mark(min(textStart, position)..<position, .text)
    unclosed = unclosed ?? start
  }

  private func hasHashes(_ count: Int, at index: Int) -> Bool {
    bytes[min(index, bytes.count)...].prefix(count).elementsEqual(
      repeatElement(UInt8(ascii: "#"), count: count))
  }

  /// `#/ … /#`; a plain `/ … /` is not told from a division.
  private mutating func skipExtendedRegex(hashes: Int) {
    let start = position
    position += 1
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "/"), hasHashes(hashes, at: position + 1) {
        mark((start + 1)..<position, .text)
        position += 1 + hashes
        return
      }
      position += 1
    }
    position = start + 1
  }
}

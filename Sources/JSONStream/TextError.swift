internal import Model

/// What is wrong with a JSON text, and at which byte.
struct TextError: Error {
  var offset: Int
  var message: String

  /// The error with line and column, both from 1; columns count characters.
  ///
  /// `firstLine` is the number of the text's first line in what it was taken from.
  func error(in bytes: ArraySlice<UInt8>, firstLine: Int = 1) -> KaizenError {
    let before = bytes[..<min(offset, bytes.endIndex)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + firstLine
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.startIndex
    let column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
    return KaizenError("E_JSON", "not JSON: line \(line), column \(column): \(message)")
  }
}

/// Text from feedback made harmless: one plain line of Markdown that is nothing but text.
///
/// Whoever can make an agent fail writes here what another program reads as its instructions. What
/// can be more than text is replaced: line ends, markup, comments, links and the `@path` by which
/// instructions import files (https://code.claude.com/docs/en/memory). What it says stays said: it
/// is shown in quotes and called a report.
enum PlainText {
  /// At most `most` characters of `text` on one line.
  static func line(_ text: String, most: Int) -> String {
    var line = ""
    var count = 0
    var needsSpace = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace || isControl(scalar) {
        needsSpace = !line.isEmpty
        continue
      }
      guard let plain = plain(scalar) else { continue }
      if count >= most {
        line += "…"
        break
      }
      if needsSpace { line += " " }
      count += plain.unicodeScalars.count + (needsSpace ? 1 : 0)
      needsSpace = false
      line += plain
    }
    return withoutSchemes(line)
  }

  /// Words of an identifier: what is not of its alphabet goes.
  static func identifier(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter {
          $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
            || $0 == "-" || $0 == "_" || $0 == "."
        }.prefix(64)))
  }

  /// What stands for a scalar; nil where it goes.
  private static func plain(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "<": "‹"
    case ">": "›"
    case "[", "{": "("
    case "]", "}": ")"
    case "`", "\"", "“", "”": "'"
    case "*", "#", "\\", "|", "~", "!": ""
    case "@": "(at)"
    case "&": "+"
    case "(", ")": String(scalar)
    default: isInvisible(scalar) ? nil : String(scalar)
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// What nobody sees can turn the order of what is seen, or hide words in it: format characters
  /// such as U+202E, private ones, and what is no character (Unicode TR 36, section 2.5).
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .format, .privateUse, .surrogate, .unassigned: true
    default: scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// `://` makes a link of what stands around it.
  private static func withoutSchemes(_ line: String) -> String {
    line.replacing("://", with: ": //")
  }
}

/// One thing wrong with a file people write, in the words they need to mend it.
public struct Problem: Hashable, Sendable, CustomStringConvertible {
  /// The file it stands in.
  public var file: String
  /// Where in the file: `components[2].deadline_ms`; empty for the file as a whole.
  public var key: String
  /// What should stand there.
  public var expected: String
  /// What does.
  public var found: String
  /// How to mend it.
  public var fix: String
  /// A warning does not stop the file from being used.
  public var isWarning: Bool

  /// Makes a problem from its parts.
  public init(
    file: String, key: String, expected: String, found: String, fix: String,
    isWarning: Bool = false
  ) {
    self.file = file
    self.key = key
    self.expected = expected
    self.found = found
    self.fix = fix
    self.isWarning = isWarning
  }

  /// One line: file, key, expected, found, fix.
  public var description: String {
    let place = key.isEmpty ? file : "\(file): \(key)"
    return "\(place): expected \(expected), found \(found); \(fix)"
  }
}

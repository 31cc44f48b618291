/// The files and lines that a change touched, numbered as in the changed tree.
public struct ChangedLines: Hashable, Sendable {
  private var ranges: [String: [ClosedRange<Int>]] = [:]

  /// Nothing changed.
  public init() {}

  /// Every touched file with its changed lines; a file that only lost lines has none.
  public init(_ ranges: [String: [ClosedRange<Int>]]) { self.ranges = ranges }

  /// Adds changed lines; the first line is 1.
  public mutating func add(_ lines: ClosedRange<Int>, in file: String) {
    ranges[file, default: []].append(lines)
  }

  /// Adds a file of which every line counts as changed, such as a new or a binary one.
  public mutating func addWhole(_ file: String) { add(1...Int.max, in: file) }

  /// Adds a file that only lost lines.
  public mutating func touch(_ file: String) { ranges[file, default: []] += [] }

  /// The files touched.
  public var files: [String] { ranges.keys.sorted() }

  /// Whether the change touched `line` of `file`; without a line, whether it touched the file.
  public func contains(_ file: String, line: Int?) -> Bool {
    guard let ranges = ranges[file] else { return false }
    guard let line else { return true }
    return ranges.contains { $0.contains(line) }
  }
}

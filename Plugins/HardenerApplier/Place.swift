import KaizenPluginSDK

/// Where a finding is, as the analyzer's evidence says.
struct Place {
  /// The file, relative to the root.
  let file: String
  /// What was found.
  let rule: String
  /// The line it was on, from 1.
  let line: Int?
  /// How the secret begins and how long it is: all that evidence tells of it.
  private let beginning: [UInt8]
  private let length: Int

  init(_ json: String) throws(PluginFailure) {
    let evidence = try JSONNode(parsing: json)
    guard let file = evidence["file"]?.string, let rule = evidence["rule"]?.string else {
      throw PluginFailure("the evidence names no file and rule: expected {\"file\", \"rule\"}")
    }
    self.file = file
    self.rule = rule
    line = Self.lineNumber(evidence["line"]?.number)
    // "rk7Q… (32 characters)"
    let preview = evidence["preview"]?.string ?? ""
    beginning = Array(preview.prefix { $0 != "…" }.utf8)
    let digits = preview.split(separator: "(").last?.prefix { $0.isASCII && $0.isNumber }
    length = digits.flatMap { Int($0) } ?? 0
  }

  /// A line from 1 to the bound, where `number` is one.
  ///
  /// Of its own, because the optimizer of Swift 6.3.1 aborts where this stands in the initializer.
  private static func lineNumber(_ number: Double?) -> Int? {
    guard let number, let line = Int(exactly: number), (1...linesMax).contains(line) else {
      return nil
    }
    return line
  }

  /// The index of the line that holds the finding: the one told, or else the nearest.
  ///
  /// An earlier repair of the same plan may have put an import above it. A line that does not hold
  /// what was found is never touched: it may assign something that is no secret.
  func line(in text: SourceText) -> Int? {
    guard let line else { return nil }
    let holding = text.lines.indices.filter { holds(text.lines[$0]) }
    return holding.min { abs($0 + 1 - line) < abs($1 + 1 - line) }
  }

  /// Whether a run without quotes and blanks has such a beginning with enough behind it.
  private func holds(_ line: [UInt8]) -> Bool {
    guard length > 0 else { return false }
    let runs = line.split { $0 <= 0x20 || Self.quotes.contains($0) }
    return runs.contains { run in
      run.count >= length
        && (run.startIndex...run.endIndex - length).contains {
          run[$0...].starts(with: beginning)
        }
    }
  }

  private static let quotes = Array("\"'`".utf8)
  /// More lines than a file within the limits can have.
  private static let linesMax = 1 << 24
}

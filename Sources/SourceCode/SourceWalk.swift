public import KaizenPluginSDK

/// Goes through the files of a tree that are in a language the scorers read.
public struct SourceWalk: Sendable {
  /// Files read in one call.
  private static let filesMax = 5000
  /// Bytes of one file; a longer one is left out, with a note in the log.
  private static let fileBytesMax = 1 << 20
  /// Findings of one call; further ones count in the score and are not listed.
  private static let findingsMax = 1000

  private let host: Host
  private var listedCount = 0

  /// A walk whose log is the host's.
  public init(_ host: Host) { self.host = host }

  /// Gives each file that can be judged to `body`, with its language.
  ///
  /// A file that cannot be read is no reason to leave the others without a score.
  public func visit(
    _ tree: borrowing Tree, _ body: (String, [UInt8], Language) throws -> Void
  ) throws {
    var count = 0
    for file in tree.files {
      let name = file.split(separator: "/").last ?? ""
      // What a tool has packed nobody reads or writes.
      if name.contains(".min.") { continue }
      let isCandidate =
        name.dropFirst().contains(".") ? Language.of(file, []) != nil : isScript(file, tree)
      if !isCandidate { continue }
      if count == Self.filesMax {
        host.log(.warning, "only the first \(count) source files were read")
        return
      }
      try host.checkStop()
      guard let bytes = read(file, tree), let language = Language.of(file, bytes) else { continue }
      count += 1
      try body(file, bytes, language)
    }
  }

  /// Whether a file without an extension begins as a script does; most are no sources at all.
  private func isScript(_ file: String, _ tree: borrowing Tree) -> Bool {
    // try? because one that cannot be read is left out, as its whole would be.
    (try? tree.head(file, count: 2)) == Array("#!".utf8)
  }

  private func read(_ file: String, _ tree: borrowing Tree) -> [UInt8]? {
    do {
      let bytes = try tree.read(file, limit: Self.fileBytesMax)
      if !bytes.contains(0) { return bytes }
      if Language.of(file, []) != nil {
        host.log(.warning, "\(file) holds a NUL byte and is no source; left out")
      }
    } catch {
      host.log(.warning, "left out: \(error)")
    }
    return nil
  }

  /// Hands the findings of one file to the host, as many as may be listed.
  public mutating func emit(
    _ findings: [SourceFinding], in file: String, _ sink: borrowing ScorerSink
  ) {
    for finding in findings.prefix(Self.findingsMax - listedCount) {
      sink.finding(
        rule: finding.rule, level: finding.level, file: file, line: finding.line,
        message: finding.message)
    }
    listedCount = min(listedCount + findings.count, Self.findingsMax)
  }
}

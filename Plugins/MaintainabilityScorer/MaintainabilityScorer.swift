public import KaizenPluginSDK

/// Scores how maintainable the Python of an agent is.
final class MaintainabilityScorer: Scorer {
  static let id = "maintainability"
  static let version = "0.1.0"
  static let dimensions = ["maintainability"]
  static let isPure = true

  /// Python files read in one call.
  private static let filesMax = 5000
  /// Bytes of one file; a longer one is left out, with a note in the log.
  private static let fileBytesMax = 1 << 20
  /// Findings of one call; further ones count in the score and are not listed.
  private static let findingsMax = 1000

  private let limits: RuleLimits
  private let host: Host

  init(config: String, host: Host) throws {
    let config = try JSONNode(parsing: config)
    var limits = RuleLimits()
    limits.lineLength = try Self.limit("line_length", limits.lineLength, config)
    limits.functionLines = try Self.limit("function_lines", limits.functionLines, config)
    limits.nesting = try Self.limit("nesting", limits.nesting, config)
    self.limits = limits
    self.host = host
  }

  func score(_ tree: borrowing Tree, _ sink: borrowing ScorerSink) throws {
    var score = MaintainabilityScore()
    var listed = 0
    for file in tree.files.filter({ $0.hasSuffix(".py") }).prefix(Self.filesMax) {
      try host.checkStop()
      guard let bytes = read(file, tree) else { continue }
      let source = PythonScanner.scan(bytes, lineLengthMax: limits.lineLength)
      let smells = PythonRules.smells(
        in: source, isPackage: file.hasSuffix("__init__.py"), limits: limits)
      score.add(smells, codeLines: source.codeLineCount)
      for smell in smells.prefix(Self.findingsMax - listed) { Self.emit(smell, file, sink) }
      listed = min(listed + smells.count, Self.findingsMax)
    }
    // Without Python there is nothing to say: no score, rather than a good one.
    if score.fileCount > 0 { sink.score(Self.dimensions[0], score.value) }
  }

  /// The bytes of a file; nil, with the reason in the log, where it cannot be judged.
  ///
  /// A file that cannot be read is no reason to leave the others without a score.
  private func read(_ file: String, _ tree: borrowing Tree) -> [UInt8]? {
    do {
      let bytes = try tree.read(file, limit: Self.fileBytesMax)
      if !bytes.contains(0) { return bytes }
      host.log(.warning, "\(file) holds a NUL byte and is no Python; left out")
    } catch {
      host.log(.warning, "left out: \(error)")
    }
    return nil
  }

  /// Hands one smell to the host.
  private static func emit(_ smell: Smell, _ file: String, _ sink: borrowing ScorerSink) {
    let level: ScorerSink.Level =
      switch smell.rule {
      case .unreadable: .error
      case .longLine: .note
      default: .warning
      }
    sink.finding(
      rule: smell.rule.rawValue, level: level, file: file, line: smell.line,
      message: smell.message)
  }

  /// A limit from the config, or the usual one.
  private static func limit(_ key: String, _ otherwise: Int, _ config: JSONNode) throws -> Int {
    guard let given = config[key] else { return otherwise }
    guard let number = given.number, let whole = Int(exactly: number), (1...10_000).contains(whole)
    else { throw PluginFailure("config: \(key) must be a whole number from 1 to 10000") }
    return whole
  }
}

private let plugin = Plugin(.scorer(MaintainabilityScorer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

public import KaizenPluginSDK
import SourceCode

/// Scores how maintainable the code of an agent is.
final class MaintainabilityScorer: Scorer {
  static let id = "maintainability"
  static let version = "0.1.0"
  static let dimensions = ["maintainability"]
  static let isPure = true

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
    var walk = SourceWalk(host)
    var score = DensityScore()
    var all: [(file: String, smells: [Smell])] = []
    try walk.visit(tree) { file, bytes, language in
      let (smells, codeLines) = judge(file, bytes, language)
      score.add(weights: smells.map(\.rule.weight), codeLines: codeLines)
      if !smells.isEmpty { all.append((file, smells)) }
    }
    for entry in all { walk.emit(entry.smells.map(Self.finding), in: entry.file, sink) }
    // Without code there is nothing to say: no score, rather than a good one.
    if score.fileCount > 0 { sink.score(Self.dimensions[0], score.value) }
  }

  /// The smells of one file, and how many lines of code it has.
  private func judge(
    _ file: String, _ bytes: [UInt8], _ language: Language
  ) -> (smells: [Smell], codeLines: Int) {
    guard language == .python else {
      let source = SourceText(bytes, language)
      return (SourceRules.smells(in: source, limits: limits), source.codeLineCount)
    }
    let source = PythonScanner.scan(bytes, lineLengthMax: limits.lineLength)
    let smells = PythonRules.smells(
      in: source, isPackage: file.hasSuffix("__init__.py"), limits: limits)
    return (smells, source.codeLineCount)
  }

  /// A smell as the host gets it.
  private static func finding(_ smell: Smell) -> SourceFinding {
    let level: ScorerSink.Level =
      switch smell.rule {
      case .unreadable: .error
      case .longLine: .note
      default: .warning
      }
    return SourceFinding(
      smell.rule.rawValue, level, weight: smell.rule.weight, line: smell.line, smell.message)
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

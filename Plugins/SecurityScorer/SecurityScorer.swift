public import KaizenPluginSDK
import SourceCode

/// Scores how safely an agent's code goes about what can be abused.
final class SecurityScorer: Scorer {
  static let id = "code-security"
  static let version = "0.1.0"
  static let dimensions = ["security"]
  static let isPure = true

  private let host: Host

  init(config: String, host: Host) throws { self.host = host }

  func score(_ tree: borrowing Tree, _ sink: borrowing ScorerSink) throws {
    var walk = SourceWalk(host)
    var score = DensityScore()
    var all: [(file: String, findings: [SourceFinding])] = []
    try walk.visit(tree) { file, bytes, language in
      let source = SourceText(bytes, language)
      let findings = SecurityRules.findings(in: source)
      score.add(weights: findings.map(\.weight), codeLines: source.codeLineCount)
      if !findings.isEmpty { all.append((file, findings)) }
    }
    for entry in all { walk.emit(entry.findings, in: entry.file, sink) }
    if score.fileCount > 0 { sink.score(Self.dimensions[0], score.value) }
  }
}

private let plugin = Plugin(.scorer(SecurityScorer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

public import KaizenPluginSDK

/// Finds agents whose work or whose files are not as good as they should be.
struct QualityAnalyzer: Analyzer {
  static let id = "quality"
  static let version = "0.1.0"
  static let emits = ["quality_issues", "code_smell"]
  static let isPure = true

  /// The least mean quality that is no issue.
  private let qualityMin: Double

  init(config: String, host: Host) throws {
    let given = try JSONNode(parsing: config)["quality"]
    guard let least = given.map(\.number) ?? 0.8, (0...1).contains(least) else {
      throw PluginFailure("config: quality must be a number from 0 to 1")
    }
    qualityMin = least
  }

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    reportQuality(agent, sink)
    for smell in Smell.all(in: try agent.facts().findings ?? []) {
      sink.opportunity(
        Self.emits[1], title: smell.title, strength: smell.strength, evidence: smell.evidence)
    }
  }

  private func reportQuality(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) {
    guard let mean = agent.now.quality, mean < qualityMin else { return }
    let types = agent.types
    let scores = agent.scores
    // The test asks whether a mean is above a limit: below it, both signs change.
    let sample = Sample(
      (0..<min(types.count, scores.count)).lazy
        .filter { types[$0] == UInt8(KZ_TYPE_QUALITY_SCORE) }
        .compactMap { row in scores[row].map { -$0 } })
    let pValue = sample.pValue(meanAbove: -qualityMin)
    sink.opportunity(
      Self.emits[0], title: "quality below \(qualityMin)",
      strength: pValue.map { min(max(1 - $0, 0), 1) } ?? 0,
      evidence: [
        "mean": .number(mean), "limit": .number(qualityMin),
        "samples": .integer(Int64(sample.count)),
        "p_value": pValue.map { .number($0) } ?? .null, "test": "Student's t, one-sided",
      ])
  }
}

private let plugin = Plugin(.analyzer(QualityAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

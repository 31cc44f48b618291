public import KaizenPluginSDK

/// Finds learnings that the agent's own instructions lack.
struct TrainingNeedsAnalyzer: Analyzer {
  static let id = "training-needs"
  static let version = "0.1.0"
  static let emits = ["training_needed"]
  static let isPure = true

  /// Learnings of one opportunity; as many as a playbook has lines for.
  private static let learningsMax = 12
  private let host: Host

  init(config: String, host: Host) throws { self.host = host }

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    let learnings = try agent.facts().learnings ?? []
    guard !learnings.isEmpty, let tree = agent.tree else { return }
    let instructions = try Instructions(tree, host)
    let lacking = learnings.filter { !instructions.contain($0) }.prefix(Self.learningsMax)
    guard let strongest = lacking.map(\.impact).max() else { return }
    sink.opportunity(
      Self.emits[0], title: "\(instructions.file) lacks what the agent's feedback taught",
      strength: min(max(strongest, 0), 1),
      evidence: [
        "file": .string(instructions.file),
        "learnings": .array(lacking.map(Self.evidence)),
        "looked_at": .array(instructions.names.prefix(20).map { .string($0) }),
      ])
  }

  private static func evidence(_ learning: Facts.Learning) -> Evidence {
    [
      "id": .string(learning.id), "type": .string(learning.type),
      "title": .string(learning.title), "text": .string(learning.text),
      "impact": .number(learning.impact),
      "expires": learning.expires.map { .string($0) } ?? .null,
      "evidence_count": learning.evidenceCount.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}

private let plugin = Plugin(.analyzer(TrainingNeedsAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

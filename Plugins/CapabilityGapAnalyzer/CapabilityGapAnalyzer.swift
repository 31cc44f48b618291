public import KaizenPluginSDK

/// Finds what an agent tried to use and does not have, from what its failed operations said.
struct CapabilityGapAnalyzer: Analyzer {
  static let id = "capability-gap"
  static let version = "0.1.0"
  static let emits = ["capability_gap"]
  static let isPure = true

  /// Most opportunities of one call; the most frequent come first.
  private static let reportedMax = 20

  init(config: String, host: Host) throws {}

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    let facts = try agent.facts()
    var seen: [Gap: (count: Int, text: String, type: String?)] = [:]
    for error in facts.errorTexts ?? [] {
      guard let gap = Gap(in: error.text) else { continue }
      let before = seen[gap]
      seen[gap] = (
        (before?.count ?? 0) + error.count, before?.text ?? error.text, before?.type ?? error.type
      )
    }
    let operations = Int(clamping: agent.now.operations)
    let sorted = seen.sorted { a, b in
      a.value.count != b.value.count ? a.value.count > b.value.count : a.key.title < b.key.title
    }
    for (gap, found) in sorted.prefix(Self.reportedMax) {
      // Texts may come from operations that the window has no more.
      let total = max(operations, found.count)
      let lower = Wilson.lowerBound(successes: found.count, of: total)
      sink.opportunity(
        Self.emits[0], title: gap.title, strength: lower,
        evidence: [
          "kind": .string(gap.kind.rawValue), "name": .string(gap.name),
          "operations": .integer(Int64(found.count)), "of_operations": .integer(Int64(total)),
          "share_lower_95": .number(lower), "text": .string(found.text),
          "error_type": found.type.map { .string($0) } ?? .null,
        ])
    }
    reportMissingTools(facts.tools ?? [], known: Set(seen.keys.map(\.name)), sink)
  }

  /// A declared tool whose own check could not be run is not there.
  private func reportMissingTools(
    _ tools: [Facts.Tool], known: Set<String>, _ sink: borrowing AnalyzerSink
  ) {
    for tool in tools.prefix(Self.reportedMax) {
      guard let error = tool.error, error.hasPrefix("missing:"), !known.contains(tool.name),
        let gap = Gap(.tool, tool.name)
      else { continue }
      sink.opportunity(
        Self.emits[0], title: gap.title, strength: 1,
        evidence: [
          "kind": .string(gap.kind.rawValue), "name": .string(gap.name), "text": .string(error),
          "declared": tool.declared.map { .string($0) } ?? .null,
        ])
    }
  }
}

private let plugin = Plugin(.analyzer(CapabilityGapAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

public import KaizenPluginSDK

/// Finds agents whose mean response time is above the one they promise.
struct ResponseTimeAnalyzer: Analyzer {
  static let id = "response-time"
  static let version = "0.1.0"
  static let emits = ["performance_degradation"]
  static let isPure = true

  init(config: String, host: Host) throws {}

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    guard let sla = agent.slaMilliseconds, let mean = agent.now.meanMilliseconds, mean > sla
    else { return }
    let sample = Sample(agent.durations.values)
    let pValue = sample.pValue(meanAbove: sla)
    sink.opportunity(
      Self.emits[0], title: "mean response time above the promised \(Self.text(sla)) ms",
      strength: pValue.map { min(max(1 - $0, 0), 1) } ?? 0,
      evidence: [
        "mean_ms": .number(mean), "sla_ms": .number(sla),
        "p50_ms": agent.now.medianMilliseconds.map { .number($0) } ?? .null,
        "p95_ms": agent.now.p95Milliseconds.map { .number($0) } ?? .null,
        "samples": .integer(Int64(sample.count)),
        "p_value": pValue.map { .number($0) } ?? .null, "test": "Student's t, one-sided",
      ])
  }

  /// A whole number of milliseconds without decimals.
  private static func text(_ milliseconds: Double) -> String {
    milliseconds == milliseconds.rounded() && milliseconds < 1e15
      ? "\(Int64(milliseconds))" : "\(milliseconds)"
  }
}

private let plugin = Plugin(.analyzer(ResponseTimeAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

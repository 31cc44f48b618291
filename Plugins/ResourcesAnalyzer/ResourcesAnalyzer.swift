public import KaizenPluginSDK

/// Finds agents that take more memory or processor than they should.
struct ResourcesAnalyzer: Analyzer {
  static let id = "resources"
  static let version = "0.1.0"
  static let emits = ["resource_inefficiency"]
  static let isPure = true

  /// The most mean peak memory, in MB.
  private let memoryMegabytesMax: Double
  /// The most mean CPU time ÷ wall time, in percent.
  private let cpuPercentMax: Double

  init(config: String, host: Host) throws {
    let given = try JSONNode(parsing: config)
    memoryMegabytesMax = try Self.limit(given, "memory_mb", 500)
    cpuPercentMax = try Self.limit(given, "cpu_percent", 80)
  }

  private static func limit(
    _ config: JSONNode, _ key: String, _ initial: Double
  ) throws(PluginFailure) -> Double {
    guard let limit = config[key].map(\.number) ?? initial, limit > 0 else {
      throw PluginFailure("config: \(key) must be a number above 0")
    }
    return limit
  }

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    if let mean = agent.now.memoryMegabytes, mean > memoryMegabytesMax {
      report(
        sink, "memory above \(Self.text(memoryMegabytesMax)) MB", resource: "memory_mb", mean,
        memoryMegabytesMax, Sample(agent.memory.values))
    }
    if let mean = agent.now.cpuPercent, mean > cpuPercentMax {
      report(
        sink, "CPU above \(Self.text(cpuPercentMax)) %", resource: "cpu_percent", mean,
        cpuPercentMax, Sample(agent.cpu.values))
    }
  }

  private func report(
    _ sink: borrowing AnalyzerSink, _ title: String, resource: String, _ mean: Double,
    _ limit: Double, _ sample: Sample
  ) {
    let pValue = sample.pValue(meanAbove: limit)
    sink.opportunity(
      Self.emits[0], title: title, strength: pValue.map { min(max(1 - $0, 0), 1) } ?? 0,
      evidence: [
        "resource": .string(resource), "mean": .number(mean), "limit": .number(limit),
        "samples": .integer(Int64(sample.count)),
        "p_value": pValue.map { .number($0) } ?? .null, "test": "Student's t, one-sided",
      ])
  }

  /// A whole number without decimals.
  private static func text(_ value: Double) -> String {
    value == value.rounded() && value < 1e15 ? "\(Int64(value))" : "\(value)"
  }
}

private let plugin = Plugin(.analyzer(ResourcesAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

public import KaizenPluginSDK

/// Finds agents that succeed less often than in the window before.
struct SuccessRateAnalyzer: Analyzer {
  static let id = "success-rate"
  static let version = "0.1.0"
  static let emits = ["success_rate_decline"]
  static let isPure = true

  /// The least drop that counts, as a share: 0.05 is five points.
  private let drop: Double
  /// A rising trend holds the finding back only where chance would show it less often than this.
  private let trendPValueMax = 0.1

  init(config: String, host: Host) throws {
    let given = try JSONNode(parsing: config)["drop"]
    guard let drop = given.map(\.number) ?? 0.05, (0...1).contains(drop) else {
      throw PluginFailure("config: drop must be a number from 0 to 1; 0.05 is five points")
    }
    self.drop = drop
  }

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    guard let now = agent.now.successRate, let before = agent.before.successRate,
      before - now > drop, !isRising(agent.trend)
    else { return }
    let pValue = FisherTest.pValue(
      successes: agent.now.successes, failures: agent.now.failures,
      referenceSuccesses: agent.before.successes, referenceFailures: agent.before.failures)
    sink.opportunity(
      Self.emits[0], title: "success rate fell by more than \(points) points",
      strength: min(max(1 - pValue, 0), 1),
      evidence: [
        "now": Self.rate(agent.now), "before": Self.rate(agent.before),
        "drop": .number(before - now), "p_value": .number(pValue),
        "test": "Fisher's exact test, one-sided",
      ])
  }

  /// The drop in percentage points, a whole one without decimals.
  private var points: String {
    let points = (drop * 1000).rounded() / 10
    return Int(exactly: points).map { "\($0)" } ?? "\(points)"
  }

  /// Whether the trend says that it is getting better already.
  private func isRising(_ trend: Trend?) -> Bool {
    trend.map { $0.slopePerDay > 0 && $0.pValue < trendPValueMax } ?? false
  }

  /// The counts behind a rate: a share alone says nothing of its weight.
  private static func rate(_ numbers: Numbers) -> Evidence {
    [
      "successes": .integer(Int64(clamping: numbers.successes)),
      "failures": .integer(Int64(clamping: numbers.failures)),
      "rate": numbers.successRate.map { .number($0) } ?? .null,
    ]
  }
}

private let plugin = Plugin(.analyzer(SuccessRateAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

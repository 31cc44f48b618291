public import KaizenPluginSDK

/// Finds error types that keep coming back.
struct ErrorPatternsAnalyzer: Analyzer {
  static let id = "error-patterns"
  static let version = "0.1.0"
  static let emits = ["error_pattern"]
  static let isPure = true

  /// Most opportunities of one call; the most frequent come first.
  private static let reportedMax = 20
  /// The fewest operations with an error type that make it a pattern.
  private let operationsMin: Int

  init(config: String, host: Host) throws {
    let given = try JSONNode(parsing: config)["min_operations"]
    guard let least = given.map(\.number) ?? 3, let whole = Int(exactly: least), whole >= 2 else {
      throw PluginFailure("config: min_operations must be a whole number from 2")
    }
    operationsMin = whole
  }

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    let errors = ErrorCounts(
      types: agent.errorTypes, operations: agent.operations, times: agent.times)
    for error in errors.recurring(operationsMin).prefix(Self.reportedMax) {
      let share = Double(error.operations) / Double(errors.operationCount)
      let lower = Wilson.lowerBound(successes: error.operations, of: errors.operationCount)
      sink.opportunity(
        Self.emits[0], title: "\(error.type) keeps coming back", strength: lower,
        evidence: [
          "error_type": .string(error.type), "operations": .integer(Int64(error.operations)),
          "of_operations": .integer(Int64(errors.operationCount)), "share": .number(share),
          "share_lower_95": .number(lower),
          "first_seconds": .integer(error.firstNanoseconds / 1_000_000_000),
          "last_seconds": .integer(error.lastNanoseconds / 1_000_000_000),
        ])
    }
  }
}

private let plugin = Plugin(.analyzer(ErrorPatternsAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

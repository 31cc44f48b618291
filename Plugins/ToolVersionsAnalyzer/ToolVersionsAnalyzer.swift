public import KaizenPluginSDK

/// Finds tools that are declared older than they are.
struct ToolVersionsAnalyzer: Analyzer {
  static let id = "tool-versions"
  static let version = "0.1.0"
  static let emits = ["tool_upgrade"]
  static let isPure = true

  /// Most opportunities of one call.
  private static let reportedMax = 50
  /// How sure it is of a version that the tool itself told.
  private static let measuredStrength = 0.95
  /// How sure it is of a version that only the operator's catalogue names.
  private static let claimedStrength = 0.6
  private let host: Host

  init(config: String, host: Host) throws { self.host = host }

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    let tools = try agent.facts().tools ?? []
    guard !tools.isEmpty else { return }
    var reported = 0
    var pins: [Pin] = []
    if let tree = agent.tree { pins = try Pin.all(in: tree, host) }
    for tool in tools {
      let places = pins.filter { $0.isOf(tool.name) }
      for pin in places where reported < Self.reportedMax {
        reported += report(tool, declared: pin.version, pin, sink) ? 1 : 0
      }
      // A pin says it too, and there it can be raised.
      if places.isEmpty, let declared = tool.declared, reported < Self.reportedMax {
        reported += report(tool, declared: declared, nil, sink) ? 1 : 0
      }
    }
  }

  /// Reports the tool where it is declared older; whether it was.
  private func report(
    _ tool: Facts.Tool, declared: String, _ pin: Pin?, _ sink: borrowing AnalyzerSink
  ) -> Bool {
    guard let version = ToolVersion(declared) else { return false }
    let isInstalledNewer = tool.installed.flatMap(ToolVersion.init).map { version < $0 } ?? false
    let isLatestNewer = tool.latest.flatMap(ToolVersion.init).map { version < $0 } ?? false
    guard isInstalledNewer || isLatestNewer else { return false }
    let place = pin.map { " in \($0.file)" } ?? ""
    sink.opportunity(
      Self.emits[0], title: "\(tool.name) is declared older than it is\(place)",
      strength: isInstalledNewer ? Self.measuredStrength : Self.claimedStrength,
      evidence: [
        "tool": .string(tool.name), "declared": .string(declared),
        "installed": tool.installed.map { .string($0) } ?? .null,
        "latest": tool.latest.map { .string($0) } ?? .null,
        "file": pin.map { .string($0.file) } ?? .null,
        "line": pin.map { .integer(Int64($0.line)) } ?? .null,
      ])
    return true
  }
}

private let plugin = Plugin(.analyzer(ToolVersionsAnalyzer.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

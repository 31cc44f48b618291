import KaizenPluginSDK
import Synchronization

struct SampleFailure: Error, CustomStringConvertible {
  var description: String { "a failure of its own" }
}

/// Says in its evidence what it saw of the agent.
final class SampleAnalyzer: Analyzer {
  static let id = "sample"
  static let version = "1.2.3"
  static let emits = ["error_pattern", "code_smell"]
  static let isPure = true
  static let living = Mutex(0)

  let config: String
  let host: Host
  var calls = 0

  init(config: String, host: Host) throws {
    if config == "bad" { throw PluginFailure("config is \"bad\", expected an object") }
    self.config = config
    self.host = host
    Self.living.withLock { $0 += 1 }
  }

  deinit { Self.living.withLock { $0 -= 1 } }

  func activate() throws { host.log(.debug, "activated") }
  func deactivate() { host.log(.warning, "deactivated") }

  func analyze(_ agent: borrowing AgentView, _ sink: borrowing AnalyzerSink) throws {
    calls += 1
    try host.checkStop()
    if agent.id == "broken" { throw SampleFailure() }
    host.progress(0.25)
    let durations = agent.durations
    let present = (0..<durations.count).compactMap { durations[$0] }
    let types = agent.errorTypes
    let seen = (0..<types.count).map { types[$0].map { .string($0) } ?? Evidence.null }
    sink.opportunity(
      "error_pattern", severity: .high, title: "call \(calls) of \(agent.id)", strength: 0.5,
      evidence: [
        "sla_ms": agent.slaMilliseconds.map { .number($0) } ?? .null,
        "rate": agent.now.successRate.map { .number($0) } ?? .null,
        "quality": agent.now.quality.map { .number($0) } ?? .null,
        "before": .integer(Int64(agent.before.operations)),
        "days": agent.trend.map { .integer(Int64($0.days)) } ?? .null,
        "durations": .array(present.map { .number($0) }), "types": .array(seen),
        "scores": .integer(Int64(agent.scores.count)),
        "errors": .array(agent.errors.map { .string("\($0.type):\($0.count)") }),
        "files": .array((agent.tree?.files ?? []).map { .string($0) }),
        "json": .string(agent.json), "now": .integer(host.nowNanoseconds),
        "random": .integer(Int64(host.randomBits())), "ok": true,
      ])
  }
}

/// Turns "bad" into "good" in every file.
struct SampleApplier: Applier {
  static let id = "sample-applier"
  static let version = "1"
  static let handles = ["code_smell"]

  init(config: String, host: Host) throws {}

  func apply(_ item: borrowing PlanItem, _ sink: borrowing ApplierSink) throws(PluginFailure) {
    let clone = item.clone
    for file in clone.files {
      let text = String(decoding: try clone.read(file, limit: 100), as: UTF8.self)
      try clone.write(file, text.split(separator: "bad").joined(separator: "good").utf8.map { $0 })
      try clone.setPermissions(file, to: 0o600)
      sink.note("\(item.type) \(item.severity) \(file) \(item.historyJSON)")
    }
  }
}

struct SampleScorer: Scorer {
  static let id = "sample-scorer"
  static let version = "1"
  static let dimensions = ["security"]

  init(config: String, host: Host) throws {}

  func score(_ tree: borrowing Tree, _ sink: borrowing ScorerSink) throws {
    for file in tree.files {
      let bits = String(try tree.permissions(file), radix: 8)
      sink.finding(rule: "mode", level: .error, file: file, line: 2, message: bits)
    }
    if !sink.score("security", 0.5) { throw PluginFailure("not taken") }
    if sink.score("refuse me", 0) { throw PluginFailure("taken") }
  }
}

public import KaizenPluginSDK

/// Tries other values of the numbers an agent declares as tunable, one at a time.
///
/// It knows no better value beforehand: each trial tries the next one in a fixed order, and the
/// trial's outcome, which comes back in the history, says whether it stays.
struct TunerApplier: Applier {
  static let id = "tuner"
  static let version = "0.1.0"
  static let handles = [
    "performance_degradation", "resource_inefficiency", "success_rate_decline",
  ]
  static let isPure = true

  /// Bytes of a file with tunables.
  private static let fileBytesMax = 1 << 20

  init(config: String, host: Host) throws {}

  func apply(_ item: borrowing PlanItem, _ sink: borrowing ApplierSink) throws {
    let history = try History(item.historyJSON)
    let tunables = try Tunable.all(in: item.agentJSON)
    let changeable = Set(item.clone.files)
    var refused: [String] = []
    var settings: [Setting] = []
    for tunable in tunables {
      do throws(PluginFailure) {
        settings.append(try Self.setting(tunable, item.clone, changeable))
      } catch {
        refused.append("\(error)")
      }
    }
    let candidates = Candidates.all(for: settings)
    guard let next = candidates.first(where: { !history.isTried($0.note) }) else {
      throw Self.nothingLeft(candidates.count, tunables.count, refused)
    }
    let file = next.setting.tunable.file
    try item.clone.write(file, next.setting.bytes(with: next.text))
    sink.note(next.note)
  }

  /// What a tunable is set to in the clone.
  private static func setting(
    _ tunable: Tunable, _ clone: borrowing Tree, _ changeable: Set<String>
  ) throws(PluginFailure) -> Setting {
    guard changeable.contains(tunable.file) else {
      throw PluginFailure("\(tunable.file) is missing or may not be changed")
    }
    let bytes = try clone.read(tunable.file, limit: fileBytesMax)
    let node: JSONNode?
    do {
      node = try JSONNode(parsing: bytes).at(pointer: tunable.pointer)
    } catch {
      throw PluginFailure("\(tunable.file): \(error)")
    }
    guard let node else { throw PluginFailure("\(tunable.name) is not in the file") }
    guard let value = node.number else { throw PluginFailure("\(tunable.name) is no number") }
    return Setting(tunable: tunable, file: bytes, range: node.range, value: value)
  }

  /// Why nothing was tried, with every tunable that was left out.
  private static func nothingLeft(
    _ candidates: Int, _ tunables: Int, _ refused: [String]
  ) -> PluginFailure {
    if tunables == 0 {
      return PluginFailure("agent.json declares no tunables: there is nothing to try")
    }
    let because = refused.isEmpty ? "" : "; left out: " + refused.joined(separator: "; ")
    return candidates == 0
      ? PluginFailure("none of the \(tunables) tunables can be changed\(because)")
      : PluginFailure(
        "all \(candidates) values of the \(tunables) tunables were tried before\(because)")
  }
}

private let plugin = Plugin(.applier(TunerApplier.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

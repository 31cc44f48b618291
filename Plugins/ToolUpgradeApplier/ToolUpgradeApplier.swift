public import KaizenPluginSDK

/// Raises the version to which one of the agent's own files pins a tool.
///
/// It edits one version and nothing beside it. Where no file but agent.json declares the tool there
/// is nothing to do: the descriptor is the owner's.
struct ToolUpgradeApplier: Applier {
  static let id = "tool-upgrade"
  static let version = "0.1.0"
  static let handles = ["tool_upgrade"]
  static let isPure = true

  /// Bytes of a file with pins.
  private static let fileBytesMax = 1 << 20

  init(config: String, host: Host) throws {}

  func apply(_ item: borrowing PlanItem, _ sink: borrowing ApplierSink) throws {
    let upgrade = try Upgrade(item.evidenceJSON)
    let changeable = item.clone.files
    let asked = upgrade.file.map { [$0] } ?? []
    let files = changeable.filter { asked.contains($0) } + changeable.filter { !asked.contains($0) }
    var refused: [String] = []
    for file in files {
      guard let kind = PinFile(file) else { continue }
      let bytes = try item.clone.read(file, limit: Self.fileBytesMax)
      switch kind.find(upgrade, in: bytes, near: asked.contains(file) ? upgrade.line : nil) {
      case .absent: continue
      case .refused(let reason): refused.append("\(file): \(reason)")
      case .pinned(let range):
        if let lock = kind.lock, item.clone.exists(Self.sibling(lock, of: file)) {
          refused.append("\(file): \(lock) pins it too, and only its own tool can write that")
          continue
        }
        let new = Array(bytes[..<range.lowerBound]) + Array(upgrade.target.text.utf8)
        try item.clone.write(file, new + Array(bytes[range.upperBound...]))
        sink.note("\(file): \(upgrade.tool) \(upgrade.declared.text) -> \(upgrade.target.text)")
        return
      }
    }
    sink.note("nothing to do: " + Self.reason(upgrade, refused))
  }

  /// Why nothing was changed.
  private static func reason(_ upgrade: Upgrade, _ refused: [String]) -> String {
    if !refused.isEmpty { return refused.joined(separator: "; ") }
    return "no file of the agent that may be changed pins \(upgrade.tool) to "
      + "\(upgrade.declared.text); where agent.json declares it, its owner says "
      + "\(upgrade.target.text) there"
  }

  private static func sibling(_ name: String, of file: String) -> String {
    file.lastIndex(of: "/").map { file[...$0] + name } ?? name
  }
}

private let plugin = Plugin(.applier(ToolUpgradeApplier.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

public import KaizenPluginSDK

/// Repairs what the security analyzer finds, where a repair is certain to be one.
///
/// It takes the finding's file, line and rule from the evidence and looks at the file anew: nothing
/// is changed that is not there.
struct HardenerApplier: Applier {
  static let id = "hardener"
  static let version = "0.1.0"
  static let handles = ["security_vulnerability"]
  static let isPure = true

  /// Bytes of a file to repair.
  private static let fileBytesMax = 1 << 20

  init(config: String, host: Host) throws {}

  func apply(_ item: borrowing PlanItem, _ sink: borrowing ApplierSink) throws {
    let place = try Place(item.evidenceJSON)
    guard item.clone.files.contains(place.file) else {
      throw PluginFailure("\(place.file) is protected or not one of the agent's files")
    }
    switch place.rule {
    case "world-writable":
      sink.note(try Self.removeWorldWrite(place.file, item.clone))
    case "download-to-shell":
      throw PluginFailure(
        "\(place.file): a download piped into a shell needs a person, who knows what it installs")
    case "private-key":
      throw PluginFailure("\(place.file): a private key spans lines and is never moved by itself")
    default:
      sink.note(try Self.removeSecret(place, item.clone))
    }
  }

  /// Takes the write permission of others away, and nothing else.
  private static func removeWorldWrite(_ file: String, _ clone: borrowing Tree) throws -> String {
    let mode = try clone.permissions(file)
    let narrowed = mode & ~0o002
    guard narrowed != mode else { throw PluginFailure("\(file) is not world-writable now") }
    try clone.setPermissions(file, to: narrowed)
    return "\(file): mode \(String(mode, radix: 8)) -> \(String(narrowed, radix: 8))"
  }

  /// Replaces the literal with a reference to a variable that the owner sets.
  private static func removeSecret(_ place: Place, _ clone: borrowing Tree) throws -> String {
    var text = SourceText(try clone.read(place.file, limit: fileBytesMax))
    guard let index = place.line(in: text) else {
      throw PluginFailure(
        "\(place.file): no line holds what was found; expected it on line \(place.line ?? 0)")
    }
    let name: String
    do throws(PluginFailure) {
      name = try Language.of(place.file, text).removeSecret(&text, index)
    } catch {
      throw PluginFailure("\(place.file):\(index + 1): \(error)")
    }
    try clone.write(place.file, text.bytes)
    return "\(place.file):\(index + 1): literal secret -> environment variable \(name)"
  }
}

private let plugin = Plugin(.applier(HardenerApplier.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

public import KaizenPluginSDK

/// Writes what feedback taught into the agent's own instructions, in one marked block.
///
/// Every byte outside the block stays as it is, and a block that people edited is never touched.
struct PlaybookApplier: Applier {
  static let id = "playbook"
  static let version = "0.1.0"
  static let handles = ["training_needed"]
  static let isPure = true

  /// Bytes of a file of instructions.
  private static let fileBytesMax = 1 << 20

  init(config: String, host: Host) throws {}

  func apply(_ item: borrowing PlanItem, _ sink: borrowing ApplierSink) throws {
    let evidence = try JSONNode(parsing: item.evidenceJSON)
    let today = CivilDate(nanoseconds: item.nowNanoseconds)
    let lessons = Lesson.all(in: evidence)
    let place = try InstructionsFile.choose(
      asked: evidence["file"]?.string, item.clone, agentJSON: item.agentJSON)
    guard case .file(let name, let isNew) = place else {
      if case .none(let reason) = place { sink.note("nothing to do: \(reason)") }
      return
    }
    let old = isNew ? [] : try item.clone.read(name, limit: Self.fileBytesMax)
    var document: PlaybookDocument
    do throws(PluginFailure) {
      document = try PlaybookDocument(old)
    } catch {
      throw PluginFailure("\(name): \(error)")
    }
    let kept = Lesson.merge(document.lessons, lessons, today: today)
    guard document.replaceLessons(kept) else {
      sink.note("nothing to do: the block in \(name) says this already")
      return
    }
    if isNew {
      try item.clone.create(name, Array("# Instructions\n\n".utf8) + document.bytes)
    } else {
      try item.clone.write(name, document.bytes)
    }
    sink.note(
      "\(name): playbook of \(kept.count) learnings: \(kept.map(\.id).joined(separator: ", "))")
  }
}

private let plugin = Plugin(.applier(PlaybookApplier.self))

/// The entry of the contract.
@c @implementation
public func kz_plugin_entry_v1(
  _ host: UnsafePointer<kz_host>!, _ index: UInt32
) -> UnsafePointer<kz_descriptor>! { plugin.descriptor(index) }

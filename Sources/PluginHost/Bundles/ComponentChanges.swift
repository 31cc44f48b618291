/// What reading manifests again changed, by the names of components.
public struct ComponentChanges: Hashable, Sendable {
  /// Components that are new.
  public var added: [String] = []
  /// Components that are another version, or usable or not when it was the other way before.
  public var changed: [String] = []
  /// Components that are gone.
  public var removed: [String] = []

  /// Whether nothing changed.
  public var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }

  init(from before: [String: ComponentSlot], to after: [String: ComponentSlot]) {
    added = after.keys.filter { before[$0] == nil }.sorted()
    removed = before.keys.filter { after[$0] == nil }.sorted()
    changed =
      after.compactMap { name, slot in
        before[name].map { slot.differs(from: $0) } == true ? name : nil
      }.sorted()
  }
}

public import Model

/// A tree that lies durable beside the live one, ready to be exchanged with it.
public struct PlacedTree: Sendable {
  /// What it is.
  public let manifest: GenerationManifest
  /// The generation that is live before.
  public let base: GenerationManifest
  /// What to store before each step; its phase is `switching`.
  public let intent: SwitchIntent
  /// The files outside generations that have a second name in it; nil after a restart.
  let carried: OutsideFiles?
}

/// What was caught up after an exchange.
public struct SettleReport: Hashable, Sendable {
  /// The agent's own files that were edited in the old tree between the drift check and the exchange.
  ///
  /// Where there are some, the new tree must not stay: `switchBack`.
  public var lateEdits: [TreePath]
  /// Files outside generations of which either tree has its own; the live one stayed, the other goes
  /// to the old generation's `leftover/`.
  public var conflicts: [TreePath]
}

/// What became of the tree that is not live any more.
public struct RetireReport: Hashable, Sendable {
  /// The generation its files are stored as; nil where they were thrown away.
  public var stored: GenerationNumber?
  /// The agent's own files in which it differs from what it was: somebody's edits, kept.
  public var edits: [TreePath]
  /// Files outside generations that had no other name and are kept in `leftover/`.
  public var leftovers: [TreePath]
}

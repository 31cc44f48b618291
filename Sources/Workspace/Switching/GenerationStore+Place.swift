import Glibc
import Linux
public import Model

extension GenerationStore {
  /// What to store before the clone of `base` is made (D1).
  public func intent(
    toClone base: GenerationManifest, as number: GenerationNumber
  ) throws(KaizenError) -> SwitchIntent {
    guard let root = try liveRoot() else {
      throw KaizenError(
        "E_ROOT_MISSING", "agent \"\(layout.id)\": there is no folder \"\(layout.root)\"",
        hint: "put it back, or remove the agent")
    }
    return SwitchIntent(
      kind: .trial, base: base.number, new: number, baseRoot: root, phase: .preparing)
  }

  /// Makes a sealed clone durable, so that it can wait for a person over restarts and power cuts.
  /// - Returns: what to store; its phase is `waiting`.
  public func hold(
    _ stage: Stage, _ manifest: GenerationManifest
  ) throws(KaizenError) -> SwitchIntent {
    try save(manifest, isDurable: false)
    try stage.volume.sync()
    return Self.intent(stage, manifest).with(phase: .waiting)
  }

  /// The clone that `intent` says is waiting, unchanged.
  /// - Throws: `E_STAGE_GONE`, `E_STAGE_CHANGED`: then it is to be discarded.
  public func reopen(
    _ intent: SwitchIntent
  ) throws(KaizenError) -> (stage: Stage, manifest: GenerationManifest) {
    let volume = try Volume(layout)
    let path = layout.stage(intent.new)
    guard let root = try identity(of: path), root.inode == intent.newRoot?.inode else {
      throw KaizenError(
        "E_STAGE_GONE", "the clone \"\(path)\" of agent \"\(layout.id)\" is not there any more",
        hint: "optimize again")
    }
    let base = try manifest(intent.base)
    let new = try manifest(intent.new)
    let stage = Stage(
      path: treePath(of: path), number: intent.new, base: base, baseRoot: intent.baseRoot,
      root: root,
      method: .copy, warnings: [], volume: volume)
    try verify(stage, is: new)
    return (stage, new)
  }

  /// D2: gives the clone everything it needs to be live, and makes it durable.
  ///
  /// Files outside generations get their second names in it, the manifest is written, and one syncfs
  /// ends it. Any error: the clone is to be discarded, never placed again.
  public func place(
    _ stage: Stage, _ manifest: GenerationManifest
  ) throws(KaizenError) -> PlacedTree {
    let live = try openRoot()
    let tree = try openStage(stage.number)
    try dropOutside(tree, keepingFoldersOf: manifest)
    try cloneStateLinks(from: live, to: tree)
    var outside = OutsideFiles(self)
    try outside.carry(from: live, to: tree, newer: .targetUnless([:]), base: stage.base)
    try refuseConflicts(outside)
    try save(manifest, isDurable: false)
    try stage.volume.sync()
    return PlacedTree(
      manifest: manifest, base: stage.base, intent: Self.intent(stage, manifest),
      carried: outside)
  }

  func refuseConflicts(_ outside: OutsideFiles) throws(KaizenError) {
    if outside.conflicts.isEmpty { return }
    throw KaizenError(
      "E_CARRY_CONFLICT",
      "the change of agent \"\(layout.id)\" puts files where ignored or shared ones are: "
        + listed(outside.conflicts),
      hint: "the change is thrown away; move those files, or take them out of \"ignore\"")
  }

  private static func intent(_ stage: Stage, _ manifest: GenerationManifest) -> SwitchIntent {
    SwitchIntent(
      kind: .trial, base: stage.base.number, new: stage.number, baseRoot: stage.baseRoot,
      newRoot: stage.root, digest: manifest.digest, phase: .switching)
  }

  /// The switch that `intent` says was under way, to go on with after a restart.
  public func resume(_ intent: SwitchIntent) throws(KaizenError) -> PlacedTree {
    PlacedTree(
      manifest: try manifest(intent.new), base: try manifest(intent.base), intent: intent,
      carried: nil)
  }
}

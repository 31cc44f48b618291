public import Model

/// What the caller stores before each durable step of a switch, and hands back after a crash.
///
/// It is intent: which tree is live is read from the file system alone.
public struct SwitchIntent: Hashable, Sendable {
  /// Where the new tree comes from.
  public enum Kind: String, CaseIterable, Sendable {
    /// A clone with a change applied: worth nothing unless it went live.
    case trial
    /// A stored generation: goes back to the store unless it went live.
    case rollback
  }

  /// How far it got.
  public enum Phase: String, CaseIterable, Sendable {
    /// D1: a clone may exist; it is made, changed, tested, placed.
    case preparing
    /// The clone is sealed and waits for a person, over restarts.
    case waiting
    /// D3: either tree may be live.
    case switching
    /// D5: the new tree is live until its health is known.
    case trial
    /// The base is to be live again.
    case switchingBack = "switching_back"
    /// The new tree is live for good; the old one goes to the store.
    case committing
  }

  /// Where the new tree comes from.
  public var kind: Kind
  /// The generation that is live before.
  public var base: GenerationNumber
  /// The generation that is to be live.
  public var new: GenerationNumber
  /// The root of the base.
  public var baseRoot: FileIdentity
  /// The root of the new tree; nil while it is not made yet.
  public var newRoot: FileIdentity?
  /// The digest of the new tree; nil while it is not sealed yet.
  public var digest: Digest?
  /// How far it got.
  public var phase: Phase

  /// An intent from its parts.
  public init(
    kind: Kind, base: GenerationNumber, new: GenerationNumber, baseRoot: FileIdentity,
    newRoot: FileIdentity? = nil, digest: Digest? = nil, phase: Phase
  ) {
    self.kind = kind
    self.base = base
    self.new = new
    self.baseRoot = baseRoot
    self.newRoot = newRoot
    self.digest = digest
    self.phase = phase
  }

  /// The same in another phase.
  public func with(phase: Phase) -> SwitchIntent {
    var copy = self
    copy.phase = phase
    return copy
  }

  /// The same before its new tree is made, again.
  public var unmade: SwitchIntent {
    var copy = with(phase: .preparing)
    copy.newRoot = nil
    copy.digest = nil
    return copy
  }

  /// As JSON, to store.
  public var json: JSONValue {
    .object([
      "kind": .string(kind.rawValue), "base": .integer(Int64(base.value)),
      "new": .integer(Int64(new.value)), "base_root": baseRoot.json,
      "new_root": newRoot?.json ?? .null, "digest": digest.map { .string($0.hex) } ?? .null,
      "phase": .string(phase.rawValue),
    ])
  }

  /// The intent that `json` holds; nil where it is none.
  public init?(json: JSONValue) {
    guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
      let base = json["base"]?.integer, let new = json["new"]?.integer,
      let baseRoot = json["base_root"].flatMap(FileIdentity.init(json:)),
      let phase = json["phase"]?.string.flatMap(Phase.init(rawValue:))
    else { return nil }
    self.init(
      kind: kind, base: GenerationNumber(Int(base)), new: GenerationNumber(Int(new)),
      baseRoot: baseRoot, newRoot: json["new_root"].flatMap(FileIdentity.init(json:)),
      digest: json["digest"]?.string.flatMap(Digest.init(hex:)), phase: phase)
  }
}

extension FileIdentity {
  var json: JSONValue {
    .object([
      "device": .integer(Int64(bitPattern: device)), "inode": .integer(Int64(bitPattern: inode)),
    ])
  }

  init?(json: JSONValue) {
    guard let device = json["device"]?.integer, let inode = json["inode"]?.integer else {
      return nil
    }
    self.init(device: UInt64(bitPattern: device), inode: UInt64(bitPattern: inode))
  }
}

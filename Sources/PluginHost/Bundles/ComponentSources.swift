/// Where components are registered, in the order they are read; of one id the later wins.
public struct ComponentSources: Hashable, Sendable {
  /// The manifest beside the daemon; its components may run in the daemon.
  public var rootManifest: String?
  /// The `manifest.json` of the home.
  public var homeManifest: String?
  /// The folder of bundles, each with a `manifest.json`: the home's `plugins`.
  public var bundleDirectory: String?
  /// One bundle, wherever it lies: what its author tries before it is dropped in.
  public var bundle: String?

  /// Makes sources; a path that does not exist adds no component.
  public init(
    rootManifest: String? = nil, homeManifest: String? = nil, bundleDirectory: String? = nil,
    bundle: String? = nil
  ) {
    self.rootManifest = rootManifest
    self.homeManifest = homeManifest
    self.bundleDirectory = bundleDirectory
    self.bundle = bundle
  }
}

/// The place a component was registered.
struct ComponentOrigin: Hashable, Sendable {
  /// Which of the sources.
  enum Source: Hashable, Sendable {
    case root, home, bundle
  }

  /// Which of the sources.
  var source: Source
  /// The manifest.
  var file: String
  /// The folder its files are relative to.
  var folder: String

  /// How strictly its files are looked at.
  var trust: FileTrust { source == .root ? .ownBuild : .dropped }
}

/// One component as its manifest has it, usable or not.
struct Registration: Hashable, Sendable {
  /// The id, or where it would stand if it cannot be read.
  var name: String
  /// What the manifest says; nil where it has a problem.
  var manifest: ComponentManifest?
  /// Where it was registered.
  var origin: ComponentOrigin
  /// Why it cannot be used, in one line.
  var problem: String?
  /// What it replaces, in one line.
  var note: String?
  /// The files that its manifest pins, for whichever of its components.
  var pinnedFiles: Set<String> = []
}

public import Model

/// Which files beneath an agent's root are its generations', and which only live there.
public struct PathSet: Hashable, Sendable {
  /// What a path is to a generation.
  public enum Place: Hashable, Sendable {
    /// Part of it: cloned, compared, digested, switched.
    case generation
    /// Not part of it, but somebody's: kept across every switch.
    case outside
    /// Not part of it and made again by whoever needs it; kept where that costs nothing.
    case cache
  }

  /// Folders of these names are caches wherever they are.
  public static let cacheNames = ["__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache"]
  /// What SQLite keeps beside a database; state wherever the database is.
  public static let databaseSuffixes = ["-wal", "-shm", "-journal"]

  /// Globs of what the agent consists of.
  public let paths: [PathPattern]
  /// Globs of what is no part of generations.
  public let ignored: [PathPattern]
  /// Literal paths, or globs, of what is bound read-only and never cloned.
  public let shared: [PathPattern]
  /// Literal paths of what lives in the store.
  public let state: [TreePath]
  private let sharedPaths: [TreePath]
  private static let caches = Set(cacheNames.map { Array($0.utf8) })
  private static let gitName = Array(".git".utf8)

  /// A set from its parts; everything beneath the root by default.
  public init(
    paths: [String] = ["**"], ignored: [String] = [], shared: [String] = [], state: [String] = []
  ) {
    self.paths = paths.map { PathPattern($0) }
    self.ignored = ignored.map { PathPattern($0) }
    self.shared = shared.map { PathPattern($0) }
    sharedPaths = shared.map { TreePath($0) }
    self.state = state.map { TreePath($0) }
  }

  /// The set an agent's descriptor describes.
  public init(_ descriptor: AgentDescriptor) {
    self.init(
      paths: descriptor.paths, ignored: descriptor.ignore, shared: descriptor.shared,
      state: descriptor.state)
  }

  /// As JSON, to store.
  var json: JSONValue {
    func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    return .object([
      "paths": list(paths.map(\.text)), "ignore": list(ignored.map(\.text)),
      "shared": list(shared.map(\.text)), "state": list(state.map(\.text)),
    ])
  }

  /// The set that `json` holds; nil where it is none.
  init?(json: JSONValue) {
    func list(_ key: String) -> [String]? {
      json[key]?.array.map { $0.compactMap(\.string) }
    }
    guard let paths = list("paths"), let ignored = list("ignore"), let shared = list("shared"),
      let state = list("state")
    else { return nil }
    self.init(paths: paths, ignored: ignored, shared: shared, state: state)
  }

  /// Whether the globs take in everything: only then can a folder be exchanged as a whole.
  public var coversRoot: Bool { paths.contains { $0.text == "**" || $0.text == "./**" } }

  /// What `path` is; what holds for a folder holds for all beneath it.
  public func place(of path: TreePath) -> Place {
    var names = path.bytes.split(separator: TreePath.slash)[...]
    if names.contains(where: { Self.caches.contains(Array($0)) }) { return .cache }
    if names.contains(where: { $0.elementsEqual(Self.gitName) }) { return .outside }
    if isState(path) || sharedPaths.contains(where: { path.isWithin($0) }) { return .outside }
    if ignored.isEmpty && shared.isEmpty && coversRoot { return .generation }
    // A glob that matches a folder means all that is in it.
    var above = path
    while !names.isEmpty {
      if ignored.contains(where: { $0.matches(above) }) { return .outside }
      if shared.contains(where: { $0.matches(above) }) { return .outside }
      names.removeLast()
      above = above.parent ?? .root
    }
    return paths.contains { $0.matches(path) } ? .generation : .outside
  }

  private func isState(_ path: TreePath) -> Bool {
    state.contains { state in
      path.isWithin(state)
        || Self.databaseSuffixes.contains { path.bytes == state.bytes + Array($0.utf8) }
    }
  }
}

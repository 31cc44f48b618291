import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

/// An agent in a folder of its own, attached to a home beside it.
struct AgentFixture {
  let directory: TemporaryDirectory
  let base: String
  let store: GenerationStore
  var root: String { store.layout.root }
  var home: String { base + "/home" }

  static let files = [
    "agent.py": "import config\nprint('one')\n", "config.json": "{\"retries\": 1}\n",
    "tools/search.py": "def search():\n  return 1\n", "tests/test_agent.py": "assert True\n",
  ]

  /// - Parameters:
  ///   - mode: how it will be attached.
  ///   - base: where agent and home are made; the temporary directory by default.
  init(
    paths: PathSet = PathSet(), files: [String: String] = AgentFixture.files,
    at base: String? = nil, mode: AttachMode = .directory
  ) throws {
    directory = try TemporaryDirectory("workspace")
    self.base = base ?? directory.path
    try Files.makeDirectories(self.base + "/home")
    if !Files.exists(self.base + "/agents/unit") {
      try Files.makeDirectories(self.base + "/agents/unit", mode: 0o755)
    }
    for (name, text) in files {
      let path = "\(self.base)/agents/unit/\(name)"
      try Files.makeDirectories(Files.parent(of: path), mode: 0o755)
      try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644).writeAll(text.utf8)
    }
    let id = try #require(AgentID("unit"))
    let layout = try AgentLayout.locate(
      id: id, root: self.base + "/agents/unit", home: self.base + "/home", mode: mode)
    store = GenerationStore(layout: layout, paths: paths)
  }

  @discardableResult
  func attach() throws -> AttachReport { try store.attach(home: home) }

  func write(_ name: String, _ text: String, in tree: String? = nil) throws {
    let path = (tree ?? root) + "/" + name
    try Files.makeDirectories(Files.parent(of: path), mode: 0o755)
    try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644).writeAll(text.utf8)
  }

  func read(_ name: String, in tree: String? = nil) throws -> String {
    String(
      decoding: try Files.read((tree ?? root) + "/" + name, limit: 1 << 20), as: UTF8.self)
  }

  func exists(_ name: String) -> Bool { Files.exists(root + "/" + name) }

  /// A clone in which `config.json` says `retries`.
  func stage(retries: Int = 2) throws -> (stage: Stage, manifest: GenerationManifest) {
    let stage = try store.clone(try store.base())
    try write("config.json", "{\"retries\": \(retries)}\n", in: stage.path)
    return (stage, try store.seal(stage))
  }

  /// All of a trial up to the exchange.
  func placed(retries: Int = 2) throws -> PlacedTree {
    let (stage, manifest) = try stage(retries: retries)
    return try store.place(stage, manifest)
  }

  /// A whole trial that is kept.
  @discardableResult
  func keep(retries: Int) throws -> GenerationNumber {
    let placed = try placed(retries: retries)
    try store.requireUnmoved(from: placed.base)
    try store.switchTo(placed)
    #expect(try store.settle(placed).lateEdits.isEmpty)
    _ = try store.commit(placed)
    return placed.manifest.number
  }

  /// What a tree is, down to bytes and modes.
  func digest(of path: String? = nil) throws -> String {
    let tree = try DirectoryHandle(path: path ?? store.livePath)
    return TreeEntry.digest(of: try TreeScanner(store.paths, reading: .all).scan(tree).entries)
  }

  /// What is beside the live tree and should not be.
  func leftovers() throws -> [String] {
    var found = try Files.names(in: store.layout.parent).filter { $0 != store.layout.name }
    found.removeAll { $0 == ".kaizen" }
    if Files.isDirectory(store.layout.trash) {
      found += try Files.names(in: store.layout.trash).map { "trash/" + $0 }
    }
    if Files.isDirectory(store.layout.stages) {
      found += try Files.names(in: store.layout.stages).map { "stages/" + $0 }
    }
    return found
  }
}

/// Runs `body` and gives the code of the error it throws; nil where it throws none.
func code(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let error as KaizenError {
    return error.code.rawValue
  } catch { return "\(error)" }
}

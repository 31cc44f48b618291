import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import Workspace

@Suite("A stored manifest") struct ManifestTests {
  /// A tree with what is odd: a name that is no UTF-8, a second name, a link, a folder without files.
  private func agent() throws -> AgentFixture {
    let agent = try AgentFixture()
    try Files.makeDirectories(agent.root + "/empty", mode: 0o755)
    #expect(link(agent.root + "/agent.py", agent.root + "/same.py") == 0)
    #expect(symlink("agent.py", agent.root + "/link") == 0)
    let odd = Array((agent.root + "/\u{1}").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
    close(open(odd, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
    try agent.attach()
    return agent
  }

  @Test("is read as it was written, to the last stamp")
  func roundTrip() throws {
    let agent = try agent()
    let manifest = try agent.store.manifest(GenerationNumber(1))
    #expect(GenerationManifest(binary: manifest.binary) == manifest)
    #expect(manifest.entries.contains { $0.sameFileAs != nil })
    #expect(TreeEntry.digest(of: manifest.entries) == manifest.digest.hex)
  }

  @Test("that is torn or damaged is refused, wherever", arguments: [0, 5, 20, 300, 100_000])
  func damaged(at offset: Int) throws {
    let agent = try agent()
    let path = agent.store.layout.manifest(GenerationNumber(1))
    let whole = try Files.read(path, limit: 1 << 20)
    var bytes = whole
    bytes[min(offset, bytes.count - 1)] ^= 0x10
    try Files.replace(path, with: bytes)
    #expect(code { _ = try agent.store.manifest(GenerationNumber(1)) } == "E_MANIFEST_BAD")
    try Files.replace(path, with: whole.prefix(min(offset, whole.count - 1)))
    #expect(code { _ = try agent.store.manifest(GenerationNumber(1)) } == "E_MANIFEST_BAD")
  }

  @Test("of an older version is read still, and its generation rolled back to and collected")
  func older() throws {
    let agent = try agent()
    let one = try agent.digest()
    try agent.keep(retries: 2)
    let store = agent.store
    for number in [1, 2].map({ GenerationNumber($0) }) {
      let json = try store.manifest(number).json.text()
      #expect(unlink(store.layout.manifest(number)) == 0)
      try Files.replace(store.layout.olderManifest(number), with: json.utf8)
    }
    _ = try store.rollback(to: GenerationNumber(1)) { _ in }
    #expect(try agent.digest() == one)
    try agent.keep(retries: 3)
    try agent.keep(retries: 4)
    #expect(
      try store.collect(RetentionPolicy(treeCountMax: 0)).removed.contains(GenerationNumber(2)))
    #expect(!store.hasManifest(GenerationNumber(2)))
  }

  @Test("too young to be trusted is read once more, and never again")
  func young() throws {
    let agent = try agent()
    let store = agent.store
    let first = try store.manifest(GenerationNumber(1))
    let isYoung = { (manifest: GenerationManifest) in
      manifest.entries.contains {
        $0.kind != .directory
          && $0.stamp.changedNanoseconds
            >= manifest.takenAtNanoseconds - TreeListing.clockStepNanoseconds
      }
    }
    // As if it had been made in the very tick that the files were written in.
    var young = first
    young.takenAtNanoseconds = first.entries.map(\.stamp.changedNanoseconds).max() ?? 0
    try store.save(young, isDurable: true)
    #expect(isYoung(try store.manifest(GenerationNumber(1))))
    // The tick is over by now, or else it is so after the next look.
    var fresh = try store.base()
    while isYoung(fresh) { fresh = try store.base() }
    #expect(try store.manifest(GenerationNumber(1)) == fresh)
    #expect(fresh.record == first.record && !isYoung(fresh))
  }
}

@Suite("The quick look at a tree") struct TreeLookTests {
  private static let paths = PathSet(ignored: ["*.log", "tools/*.log", "cache/**"])

  /// What a scan for changes finds, and whether the quick way gave it.
  private func scan(
    _ agent: AgentFixture
  ) throws -> (differences: [String], outside: [String], isQuick: Bool) {
    let base = try agent.store.manifest(GenerationNumber(1))
    let listing = try TreeScanner(
      agent.store.paths,
      // As if it had been taken long after: no file is too young to be trusted.
      reading: .changed(since: base.entries, takenAtNanoseconds: .max / 2), outside: true
    ).scan(agent.store.openRoot())
    return (
      listing.differences(from: base.entries).map(\.text), listing.outside.map(\.path.text),
      listing.isUnchanged
    )
  }

  private func attached() throws -> AgentFixture {
    let agent = try AgentFixture(paths: Self.paths)
    try agent.attach()
    return agent
  }

  @Test("takes an unchanged tree for one, whatever lies beside its files")
  func unchanged() throws {
    let agent = try attached()
    #expect(try scan(agent) == ([], [], true))
    try agent.write("run.log", "x")
    try agent.write("tools/deep.log", "x")
    try agent.write("cache/inner/file", "x")
    let found = try scan(agent)
    #expect(found.differences == [] && found.isQuick)
    #expect(found.outside == ["cache/inner", "cache/inner/file", "run.log", "tools/deep.log"])
    let base = try agent.store.manifest(GenerationNumber(1))
    let outside = try TreeScanner(Self.paths, reading: .outside(of: base.entries), outside: true)
      .scan(agent.store.openRoot())
    #expect(outside.outside.map(\.path.text) == found.outside)
  }

  enum Edit: CaseIterable {
    case content, mode, added, addedDeep, removed, replaced, swapped, folder
  }

  @Test("sees each sort of edit, and tells it as the long way does", arguments: Edit.allCases)
  func edited(by edit: Edit) throws {
    let agent = try attached()
    let root = agent.root
    var expected = ["agent.py"]
    switch edit {
    case .content: try agent.write("agent.py", "import config\nprint('two')\n")
    case .mode: chmod(root + "/agent.py", 0o600)
    case .added:
      try agent.write("new.py", "")
      expected = ["new.py"]
    case .addedDeep:
      try agent.write("tools/inner/new.py", "")
      expected = ["tools/inner", "tools/inner/new.py"]
    case .removed: unlink(root + "/agent.py")
    case .replaced: try Files.replace(root + "/agent.py", with: "other".utf8, mode: 0o644)
    case .swapped:
      // As many names as before, and one of them another.
      rename(root + "/agent.py", root + "/b.py")
      expected = ["agent.py", "b.py"]
    case .folder:
      chmod(root + "/tools", 0o700)
      expected = ["tools"]
    }
    let found = try scan(agent)
    #expect(found.differences == expected && !found.isQuick)
  }
}

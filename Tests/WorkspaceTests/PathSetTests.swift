import Testing

@testable import Workspace

@Suite("Paths beneath a root") struct TreePathTests {
  @Test(
    "text and bytes agree, whatever the bytes",
    arguments: [
      Array("src/a.py".utf8), [0x66, 0xFF, 0x2F, 0xC3], Array("a\\x41".utf8), Array("é/ß".utf8), [],
      [0xF0, 0x9F, 0x98, 0x80, 0x80],
    ])
  func roundTrip(bytes: [UInt8]) {
    let path = TreePath(bytes: bytes)
    #expect(TreePath(text: path.text) == path)
  }

  @Test("names that only look the same stay two")
  func normalForms() {
    #expect(TreePath("\u{e9}") != TreePath("e\u{301}"))
  }

  @Test("a folder comes before what it holds, and a sibling is not within it")
  func order() {
    #expect(TreePath("a") < TreePath("a/b"))
    #expect(TreePath("a/b").isWithin(TreePath("a")))
    #expect(!TreePath("ab").isWithin(TreePath("a")))
    #expect(TreePath("a/b").parent == TreePath("a"))
    #expect(TreePath("a").parent == TreePath(""))
  }

  @Test("what cannot be a path's text is refused", arguments: ["a\\", "a\\x4", "a\\xZZ", "\\n12"])
  func malformed(text: String) {
    #expect(TreePath(text: text) == nil)
  }
}

@Suite("What belongs to a generation") struct PathSetTests {
  let paths = PathSet(
    ignored: ["*.log", "build", "**/tmp/**"], shared: [".venv"], state: ["memory.db", "data/logs"])

  @Test("the agent's files do", arguments: ["a.py", "src/a.log", "tmp", "data/x", "memory.db.py"])
  func inside(path: String) {
    #expect(paths.place(of: TreePath(path)) == .generation)
  }

  @Test(
    "state, shared and ignored files do not",
    arguments: [
      "a.log", "build/x/y", "tmp/x", "src/tmp/a", ".venv", ".venv/lib/x.py", "memory.db",
      "memory.db-wal", "data/logs/1", ".git/config", "src/.git",
    ])
  func outside(path: String) {
    #expect(paths.place(of: TreePath(path)) == .outside)
  }

  @Test("caches do not, wherever they are", arguments: ["__pycache__/a.pyc", "x/.ruff_cache"])
  func caches(path: String) {
    #expect(paths.place(of: TreePath(path)) == .cache)
  }

  @Test("only globs that take in everything cover the root")
  func coverage() {
    #expect(PathSet().coversRoot)
    #expect(!PathSet(paths: ["src/**", "**/*"]).coversRoot)
  }
}

import Testing

@testable import PluginHost

@Suite("Paths beneath a folder") struct RelativePathTests {
  @Test(
    "have one normal form",
    arguments: [("a", "a"), ("./a//b/.", "a/b"), ("a/b/", "a/b"), ("...", "..."), ("é/ñ", "é/ñ")])
  func normal(path: String, expected: String) {
    #expect(RelativePath.normal(path) == expected)
  }

  @Test(
    "that lead out of it have none",
    arguments: ["", ".", "/", "/a", "..", "a/..", "a/../b", "../\u{301}x", "a/..\u{0}", "a\u{0}"])
  func outside(path: String) {
    #expect(RelativePath.normal(path) == nil)
  }

  @Test("are what follows the folder and a slash")
  func beneath() {
    #expect(RelativePath.beneath("/srv/a", "/srv/a/b/c") == "b/c")
    #expect(RelativePath.beneath("/srv/a", "/srv/ab") == nil)
    #expect(RelativePath.beneath("/srv/a", "/srv/a") == nil)
    #expect(RelativePath.beneath("/srv/a", "/srv/a/\u{301}b") == "\u{301}b")
  }

  @Test("name a program of the bundle where they have a slash")
  func bundled() {
    #expect(RelativePath.isBundled("./run"))
    #expect(RelativePath.isBundled("bin/run"))
    #expect(!RelativePath.isBundled("run"))
    #expect(!RelativePath.isBundled("/bin/run"))
  }
}

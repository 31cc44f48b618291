import Model
import Testing

@Suite("Patterns for paths") struct PathPatternTests {
  @Test(
    "a path that matches",
    arguments: [
      ("**", "a/b/c"), ("**", "a"), ("*.py", "a.py"), ("**/*.py", "a.py"), ("**/*.py", "x/y/a.py"),
      ("tests/**", "tests/a/b.py"), ("a/**/z", "a/z"),
      ("a/**/z", "a/b/c/z"), ("a/**/b/**/z", "a/x/b/y/b/z"), ("config?.json", "config1.json"),
      ("?.txt", "é.txt"), ("*a*b*", "xxaxxbxx"), ("a//b/", "a/b"),
      ("**/__pycache__/**", "x/__pycache__/m.pyc"), ("*.py", ".py"), ("[a-c]?", "b1"),
      ("[!a-c]", "d"), ("\\*", "*"), ("[]]", "]"), ("[a", "[a"), ("./a", "a"), ("**/**/a", "a"),
      ("*", ".hidden"), ("tests/**", "tests/a/b"),
    ])
  func matches(pattern: String, path: String) {
    #expect(PathPattern(pattern).matches(path))
  }

  @Test(
    "a path that does not",
    arguments: [
      ("*.py", "x/a.py"), ("*", "a/b"), ("tests/**", "mytests/a"), ("tests/**", "x/tests/a"),
      ("a/**/z", "a/b"), ("?", ""), ("", "a"), ("a", ""), ("a?", "a"), ("**/*.py", "a.pyc"),
      ("**a", "x/a"), ("A", "a"), ("a/b", "a"), ("tests/**", "tests"), ("[!a-c]", "a"),
      ("?", "ab"), ("a/*/b", "a/b"), ("**", ""), ("\\*", "a"), ("[a].py", "[a].py"),
    ])
  func refuses(pattern: String, path: String) {
    #expect(!PathPattern(pattern).matches(path))
  }

  @Test("a pattern of many stars takes no exponential time")
  func bounded() {
    let name = String(repeating: "a", count: 2000)
    let pattern = String(repeating: "*a", count: 200) + "b"
    #expect(!PathPattern(pattern).matches(name))
    let deep = String(repeating: "a/", count: 2000)
    #expect(!PathPattern(String(repeating: "**/a/", count: 200) + "b").matches(deep))
  }

  @Test("names that only look the same stay two, and names that are no UTF-8 are matched")
  func bytes() {
    #expect(!PathPattern("\u{e9}").matches("e\u{301}"))
    #expect(PathPattern("a/*").matches([0x61, 0x2F, 0xFF, 0xC3]))
    #expect(!PathPattern("a/?").matches([0x61, 0x2F, 0xFF, 0xC3]))
  }

  @Test("equal patterns are equal values, by their text")
  func equal() {
    #expect(PathPattern("a/*") == PathPattern("a/*"))
    #expect("\(PathPattern("a/*"))" == "a/*")
  }
}

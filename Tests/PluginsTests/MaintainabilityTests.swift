import CKaizenPlugin
import Glibc
import Linux
import TestSupport
import Testing

@Suite("The maintainability scorer") struct MaintainabilityTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func score(_ files: [String], config: String = "{}") throws -> Emitted {
    let arena = Arena()
    return try Component(
      "MaintainabilityScorer", "maintainability", kind: KZ_KIND_SCORER, config: config
    ).score(tree(arena, root: directory.path, files: files))
  }

  /// What is found in one Python file, as "rule:line".
  private func findings(_ text: String, file: String = "a.py") throws -> [String] {
    try directory.write(file, text)
    return try score([file]).findings.map { "\($0.rule):\($0.line)" }
  }

  @Test("clean code scores 1, and a tree without Python has no score")
  func clean() throws {
    #expect(try findings("import os\n\n\ndef f(x=None):\n    return os.path.join(x)\n").isEmpty)
    #expect(try score(["a.py"]).scores == ["maintainability": 1])
    try directory.write("a.txt", "except:\n")
    #expect(try score(["a.txt"]).scores.isEmpty)
    #expect(try score([]).scores.isEmpty)
  }

  @Test(
    "each rule at its line",
    arguments: [
      ("try:\n    f()\nexcept:\n    pass\n", ["bare-except:3"]),
      ("try:\n    f()\nexcept :\n    pass\n", ["bare-except:3"]),
      ("try:\n    f()\nexcept E:\n    pass\n", []),
      ("def f(a, b=[]):\n    pass\n", ["mutable-default:1"]),
      ("def f(a,\n      b: dict = {},\n      c=1):\n    pass\n", ["mutable-default:1"]),
      ("async def f(a=set()):\n    pass\n", ["mutable-default:1"]),
      ("def f(a=(), b=g(x=[]), c=None):\n    pass\n", []),
      ("from os import *\n", ["star-import:1"]), ("from os import *  # noqa\n", []),
      ("import os\n", ["unused-import:1"]), ("import os.path\nos.x\n", []),
      (
        "from t import A, B\ndef f(x):\n    # type: (A) -> None\n    pass  # B\n",
        ["unused-import:1"]
      ),
      ("import importlib.util\nimportlib.x\n", []), ("from importlib import util\nutil.x\n", []),
      ("from .importer import a, b\na\n", ["unused-import:1"]),
      ("import os as o\no.x\n", []), ("import a, b as c\na.x\n", ["unused-import:1"]),
      ("from m import a as a\n", []),
      ("from m import (\n    a,\n    b,\n)\nb()\n", ["unused-import:1"]),
      ("from __future__ import annotations\n", []),
      ("import x\n__all__ = ['x']\n", []), ("import x\ny: 'x.T' = 1\n", []),
      ("try:\n    import x\nexcept ImportError:\n    pass\n", []),
      ("x = 'abc\ny = 1\n", ["unreadable:1"]), ("x = (1,\n", ["unreadable:1"]),
      ("x = '''abc\n", ["unreadable:1"]), ("x = 1)\n", ["unreadable:1"]),
    ])
  func rules(text: String, expected: [String]) throws {
    #expect(try findings(text) == expected)
  }

  @Test("strings and comments are no code")
  func strings() throws {
    let text = "\"\"\"\nexcept:\ndef f(x=[]):\n\"\"\"\nx = 'except:'  # except:\ny = '# ('\n"
    #expect(try findings(text).isEmpty)
    #expect(try findings("x = 'it\\'s'\ny = \"\\\\\"\nz = '''a\\'''b'''\n").isEmpty)
    #expect(try findings("x = 'a\\\nb'\ntry:\n    f()\nexcept:\n    g()\n") == ["bare-except:5"])
  }

  @Test("a package's imports are for others")
  func package() throws {
    #expect(try findings("import os\n", file: "p/__init__.py").isEmpty)
  }

  @Test("long lines count characters, not bytes")
  func longLines() throws {
    let fits = "# " + String(repeating: "é", count: 98)
    #expect(try findings(fits + "\r\n" + fits + "x\n") == ["long-line:2"])
  }

  @Test("functions: length to the last line of code, nesting within one function")
  func functions() throws {
    let body = String(repeating: "    x = 1\n", count: 59)
    #expect(try findings("def f():\n" + body).isEmpty)
    #expect(try findings("def f():\n" + body + "    y = 2\n\n\n\nz = 3\n") == ["long-function:1"])
    let doc =
      "    r\"\"\"Says what it does.\n\n" + String(repeating: "    more\n", count: 30)
      + "    \"\"\"\n"
    #expect(try findings("def f():\n" + doc + body).isEmpty, "what explains it makes it no longer")
    let nested = (1...5).map { String(repeating: "  ", count: $0) + "if x:\n" }.joined()
    let inner = String(repeating: " ", count: 12) + "y()\n"
    #expect(try findings("def f():\n" + nested + inner) == ["deep-nesting:6"])
    #expect(try findings(nested + inner).isEmpty)
    let flat = "def f():\n" + String(repeating: "  if x:\n    y()\n", count: 6)
    #expect(try findings(flat).isEmpty)
    let elif = "def f():\n  if x:\n    y()\n" + String(repeating: "  elif z:\n    y()\n", count: 6)
    #expect(try findings(elif).isEmpty)
  }

  @Test("the score falls with each finding, rises with none, and stays in (0, 1]")
  func monotone() throws {
    var text = String(repeating: "x = 1\n", count: 100)
    var last = 1.0
    for _ in 0..<30 {
      text += "try:\n    f()\nexcept:\n    pass\n"
      try directory.write("a.py", text)
      let value = try #require(try score(["a.py"]).scores["maintainability"])
      #expect(value < last && value > 0)
      last = value
    }
    // 30 × 2 weighed over 220 lines: 27.27 for each 100, so 1 ÷ (1 + 2.727).
    #expect(abs(last - 1 / (1 + 100 * 60 / 220 / 10)) < 1e-12)
  }

  @Test("the limits are the config's; nonsense is refused")
  func config() throws {
    try directory.write("a.py", "x = 'abcdefghij'\n")
    #expect(try score(["a.py"], config: "{\"line_length\":10}").findings.count == 1)
    for config in ["{\"nesting\":0}", "{\"nesting\":\"x\"}", "{\"function_lines\":1.5}", "["] {
      #expect(throws: CallFailure.self, "\(config)") { try score([], config: config) }
    }
  }

  @Test("hostile files are bounded and never end the call")
  func hostile() throws {
    try directory.write("nul.py", "x = 1\u{0}\n")
    try directory.write("huge.py", String(repeating: "x", count: (1 << 20) + 1))
    try directory.write("line.py", String(repeating: "(", count: 1 << 19))
    try directory.write("tabs.py", String(repeating: "\t", count: 5000) + "if x:\n")
    try directory.write("quotes.py", String(repeating: "'\n", count: 100_000))
    try directory.write("defs.py", String(repeating: "def f(\n", count: 50_000))
    symlink("loop.py", directory.path + "/loop.py")
    mkfifo(directory.path + "/pipe.py", 0o644)
    let files = [
      "defs.py", "huge.py", "line.py", "loop.py", "missing.py", "nul.py", "pipe.py", "quotes.py",
      "tabs.py",
    ]
    let clock = ContinuousClock()
    var found = Emitted()
    let time = try clock.measure { found = try score(files) }
    #expect(found.findings.count <= 1000)
    #expect(found.logs.count == 5)
    #expect((found.scores["maintainability"] ?? -1) > 0)
    #expect(time < .seconds(10))
    let latin: [UInt8] = Array("x = 'caf".utf8) + [0xE9, 0x27, 0x0A]
    try Files.replace(directory.path + "/latin.py", with: latin)
    #expect(try score(["latin.py"]).findings.isEmpty)
  }
}

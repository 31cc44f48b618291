import CKaizenPlugin
import TestSupport
import Testing

/// A scorer's findings in one file, as "rule:line".
private func found(
  _ library: String, _ id: String, _ text: String, file: String, others: [String] = []
) throws -> Emitted {
  let directory = try TemporaryDirectory()
  try directory.write(file, text)
  let arena = Arena()
  return try Component(library, id, kind: KZ_KIND_SCORER)
    .score(tree(arena, root: directory.path, files: [file] + others))
}

extension Emitted {
  fileprivate var places: [String] { findings.map { "\($0.rule):\($0.line)" } }
}

@Suite("The security scorer") struct SecurityScorerTests {
  @Test("a file's name that no line can hold keeps no other file from being judged")
  func oddName() throws {
    let text = "eval(x)\n"
    let findings = try found("SecurityScorer", "code-security", text, file: "a\u{1B}[2K.py")
      .findings
    #expect(findings.map(\.rule) == ["eval"] && findings.map(\.file) == ["a [2K.py"])
  }

  @Test(
    "finds each rule at its line, and not what only looks like it",
    arguments: [
      (
        "a.py", "eval(x)\neval('1')\nmodel.eval()\ndef eval(x): pass\n# eval(x)\ns = 'eval(x)'\n",
        ["eval:1"]
      ),
      (
        "a.py",
        "import os\nos.system(c)\nos.system('ls')\nrun(c, shell=True)\nrun(c, shell = True)\n",
        ["shell:2", "shell:4", "shell:5"]
      ),
      (
        "a.py",
        "pickle.loads(d)\nyaml.load(t)\nyaml.load(t, Loader=yaml.SafeLoader)\nyaml.safe_load(t)\n",
        ["unsafe-load:1", "unsafe-load:2"]
      ),
      ("a.py", "get(u, verify=False)\nget(u, verify=False)  # nosec\n", ["no-verify:1"]),
      ("a.py", "tempfile.mktemp()\ntempfile.mkstemp()\n", ["race-file:1"]),
      (
        "a.py", "hashlib.md5(d)\nhashlib.sha256(d)\nhashlib.md5(d, usedforsecurity=False)\n",
        ["weak-hash:1"]
      ),
      ("a.js", "eval(x); // why\nnew Function(b)\neval('1')\n// eval(x)\n", ["eval:1", "eval:2"]),
      (
        "a.js", "execSync(`ls ${x}`)\nexecSync('ls')\nspawn(c, {shell: true})\n/x/.exec(y)\n",
        ["shell:1", "shell:3"]
      ),
      ("a.js", "a.innerHTML = t\na.innerHTML = ''\nif (a.innerHTML == b) {}\n", ["raw-html:1"]),
      ("a.js", "const o = { rejectUnauthorized: false }\n", ["no-verify:1"]),
      ("a.sh", "eval \"$x\"\neval \"$(tool init)\"\n# eval $x\necho 'eval $x'\n", ["eval:1"]),
      (
        "a.sh", "eval set -- \"$TEMP\"\neval \"set -- $TEMP\"\neval set $TEMP\n", ["eval:3"]
      ),
      ("a.min.js", "eval(x)\n", []),
      ("tool", "#!/bin/sh\n\neval $x\n", ["eval:3"]),
      ("tool", "eval $x\n", []),
      (
        "a.sh", "curl -s $u | sh\nwget -O- $u | sudo bash -\ncurl $u | jq .\necho 'curl | sh'\n",
        ["download-to-shell:1", "download-to-shell:2"]
      ),
      (
        "a.sh", "curl -k $u\nssh -o StrictHostKeyChecking=no h\ncurl $u\n",
        ["no-verify:1", "no-verify:2"]
      ),
      ("a.sh", "chmod -R 777 d\nchmod 755 d\n", ["world-writable:1"]),
      (
        "a.sh",
        "rm -rf \"$X\"/*\nrm -rf $X/lib\nrm -rf \"${X:?}\"/*\nrm -f \"$X\"/a\nrm -rf \"$X\"\nrm -rf \"$X/a/b\"\n",
        ["unguarded-rm:1", "unguarded-rm:2"]
      ),
      (
        "a.swift", "system(c)\nstrcpy(a, b)\n// system(c)\nlet s = \"system(c)\"\n",
        ["shell:1", "unbounded-copy:2"]
      ),
      ("run", "#!/bin/bash\nchmod 777 x\n", ["world-writable:2"]),
      ("a.md", "```sh\ncurl $u | sh\n```\n", []),
    ])
  func rules(file: String, text: String, expected: [String]) throws {
    #expect(try found("SecurityScorer", "code-security", text, file: file).places == expected)
  }

  @Test("finds keys and tokens wherever they stand, but not their shapes")
  func secrets() throws {
    let body = "Qx7TzR2mK9pLw4VbN8cYs3HdJf6GaE1UoIkM"
    let key = "-----BEGIN RSA " + "PRIVATE KEY-----"
    let text =
      "# t ghp_\(body)\nt = 'ghp_\(body)'\n\(key)\nk = \"\(key)\\nMII\"\nif s == '\(key)':\n"
      + "u = 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'\n"
    let rules = try found("SecurityScorer", "code-security", text, file: "a.py").places
    #expect(rules == ["issued-token:2", "private-key:3", "private-key:4"])
  }

  @Test("finds what looks random under a name that tells, and not what only has such a name")
  func literalSecrets() throws {
    let value = "hV4kR9sXw2Lq7" + "TzB5nMc8Yd"
    let python = [
      "API_TOKEN = '\(value)'", "password: str = \"\(value)\"", "d['api_key'] = '\(value)'",
      "h = {'access_key': '\(value)'}", "API_TOKEN = os.environ.get('API_TOKEN', '')",
      "tokenizer = '\(value)'", "token == '\(value)'", "token = 'a word of many letters'",
      "token = 'expires_in_3600_seconds'", "secret = 'your-\(value)'", "name = '\(value)'",
      "token = '\(value)'  # nosec", "# token = '\(value)'", "token = \(value)",
    ].joined(separator: "\n")
    let rules = try found("SecurityScorer", "code-security", python, file: "a.py").places
    #expect(rules == (1...4).map { "literal-secret:\($0)" })
    let shell = "TOKEN=\(value)\nTOKEN=\"${TOKEN:-}\"\nexport PASSWD='\(value)'\nTOKEN=$(cat f)\n"
    #expect(
      try found("SecurityScorer", "code-security", shell, file: "a.sh").places
        == ["literal-secret:1", "literal-secret:3"])
  }

  @Test("the score falls with each finding and is none without a source file")
  func score() throws {
    func score(_ text: String, _ file: String = "a.py") throws -> Double? {
      try found("SecurityScorer", "code-security", text, file: file).scores["security"]
    }
    #expect(try score("x = 1\n") == 1)
    let one = try #require(try score("eval(x)\n"))
    let two = try #require(try score("eval(x)\neval(y)\n"))
    #expect(abs(one - 1 / (1 + 3.0 / 50 * 10)) < 1e-12 && two < one)
    #expect(try score("eval(x)\n", "a.txt") == nil)
  }
}

@Suite("The documentation scorer") struct DocumentationScorerTests {
  private func found(_ text: String, _ file: String, _ others: [String] = []) throws -> Emitted {
    try PluginsTests.found("DocumentationScorer", "documentation", text, file: file, others: others)
  }

  @Test("Python: public functions and classes of some length, and modules")
  func python() throws {
    let body = "    a = 1\n    b = 2\n    c = 3\n    return a + b + c\n"
    let text =
      "def good():\n    \"\"\"Says.\"\"\"\n\(body)\n\ndef bad(\n    x,\n):\n\(body)\n\ndef _own():\n\(body)\n\n"
      + "def short():\n    return 1\n\n\nclass C:\n    def m(self):\n    "
      + body.replacing("\n", with: "\n    ")
    let emitted = try found(text, "a.py")
    #expect(
      emitted.places == ["no-docstring:9", "no-docstring:29", "no-docstring:30", "no-docstring:1"])
    #expect(emitted.scores["documentation"] == 0.2)
    #expect(try found(text, "tests/a.py").scores.isEmpty)
    #expect(try found(text, "test_a.py").findings.isEmpty)
  }

  @Test(
    "Swift, JavaScript and shell: what others use, and what a script is for",
    arguments: [
      (
        "a.swift",
        "/// Says.\npublic struct A {\n  public var b = 1\n  var c = 2\n  @x\n  public func d() {}\n}\npublic import X\npublic extension Y {}\n",
        ["no-comment:3", "no-comment:6"]
      ),
      (
        "a.swift",
        "/// Says.\n@x\npublic func d() {}\npublic override func e() {}\nlet s = \"public func\"\n",
        []
      ),
      (
        "a.js",
        "/** Says. */\nexport function a() {}\n\nexport default class B {}\nfunction c() {}\n",
        ["no-comment:4"]
      ),
      ("a.sh", "#!/bin/sh\n" + String(repeating: "run it\n", count: 12), ["no-header:1"]),
      (
        "a.sh", "#!/bin/sh\n# Runs it twelve times.\n" + String(repeating: "run it\n", count: 12),
        []
      ),
      ("a.sh", "#!/bin/sh\nrun it\n", []),
    ])
  func others(file: String, text: String, expected: [String]) throws {
    #expect(try found(text, file).places == expected)
  }

  @Test("Markdown: titles, the order of headings, links within the tree")
  func markdown() throws {
    let text =
      "# T\n### Deep\n[a](b.md) [c](docs/) [d](gone.md#x) [e](https://x.y/z.md)\n"
      + "`[f](gone2.md)` [g](../out.md) [h](#here) [i](my%20page.md)\n"
    let emitted = try found(text, "a.md", ["b.md", "docs/x.txt", "my page.md"])
    #expect(emitted.places == ["broken-link:3", "heading-jump:2"])
    #expect(emitted.scores["documentation"] == 4.0 / 6)
    #expect(try found(String(repeating: "text\n", count: 12), "a.md").places == ["no-title:1"])
    #expect(
      try found("Title\n=====\n" + String(repeating: "text\n", count: 12), "a.md").places.isEmpty)
  }
}

@Suite("The maintainability scorer beyond Python") struct MaintainabilityLanguagesTests {
  private static let many = String(repeating: "  x();\n", count: 60)

  @Test(
    "finds each rule at its line",
    arguments: [
      ("a.js", "function f() {\n\(many)}\n", ["long-function:1"]),
      ("a.js", "describe('x', function () {\n\(many)});\n(() => {\n\(many)})();\n", []),
      (
        "a.js", "const f = async (a) => {\n\(many)}\nclass A {\n  m(a) {\n\(many)  }\n}\n",
        ["long-function:1", "long-function:64"]
      ),
      (
        "a.js",
        "function f(a) {\n for (;;) { if (a) {\n while (b) { try {\n if (c) { } } catch (e) { d() } } } }\n}\n",
        ["deep-nesting:4"]
      ),
      (
        "a.js", "try { a() } catch (e) {}\ntry { b() } catch (e) {} // fine\ndebugger;\n",
        ["empty-catch:1", "debugger:3"]
      ),
      ("a.js", "x = `a\n", ["unreadable:1"]),
      ("a.swift", "struct S {\n  func f(\n    a: Int\n  ) {\n\(many)  }\n}\n", ["long-function:2"]),
      (
        "a.swift",
        "func f() {\n if a { for b in c { while d { switch e { case 1: if f { g() } } } } }\n}\n",
        ["deep-nesting:2"]
      ),
      ("a.swift", "let x = try! f()\nlet y = try? f()  // try! not\n", ["forced-try:1"]),
      ("a.sh", "f() {\n\(many)}\n", ["long-function:1"]),
      (
        "a.sh",
        "f() {\n  if a; then\n    for b in c; do\n      while d; do\n        case e in\n          x) if y; then z; fi ;;\n        esac\n      done\n    done\n  fi\n}\n",
        ["deep-nesting:6"]
      ),
      ("a.sh", "run $@\nrun \"$@\"\nx=$@\n", ["unquoted-arguments:1"]),
      ("a.sh", "echo 'a\n", ["unreadable:1"]), ("a.md", "# A\n```\nx\n", ["unreadable:2"]),
      ("a.js", String(repeating: "x", count: 101) + "\n", ["long-line:1"]),
      ("a.js", String(repeating: "x;", count: 4000) + "\n", []),
      ("a.md", String(repeating: "x", count: 300) + "\n", []),
    ])
  func rules(file: String, text: String, expected: [String]) throws {
    #expect(
      try found("MaintainabilityScorer", "maintainability", text, file: file).places == expected)
  }
}

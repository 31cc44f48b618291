import CKaizenPlugin
import JSONStream
import Model
import Testing

@Suite("The capability-gap analyzer") struct CapabilityGapTests {
  private func analyze(_ facts: JSONValue, operations: UInt64 = 20) throws -> [Emitted.Opportunity]
  {
    let arena = Arena()
    let window = Window(now: (operations, 0), facts: facts.text())
    return try Component("CapabilityGapAnalyzer", "capability-gap", kind: KZ_KIND_ANALYZER)
      .analyze(window.view(arena)).opportunities
  }

  private func gaps(_ text: String) throws -> [String] {
    try analyze(["error_texts": [["text": .string(text), "count": 3]]]).map(\.title)
  }

  @Test(
    "names what is missing, as the shells, Python, Node and Go say it",
    arguments: [
      ("bash: line 1: rg: command not found", "command rg is missing"),
      ("zsh: command not found: kubectl", "command kubectl is missing"),
      ("sh: 1: jq: not found", "command jq is missing"),
      ("/bin/sh: 3: exec: jq: not found", "command jq is missing"),
      (#"exec: "helm": executable file not found in $PATH"#, "command helm is missing"),
      ("env: 'node': No such file or directory", "command node is missing"),
      (
        "FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'",
        "command ffmpeg is missing"
      ),
      ("Error: spawn pandoc ENOENT", "command pandoc is missing"),
      ("ModuleNotFoundError: No module named 'requests'", "module requests is missing"),
      ("ImportError: No module named yaml", "module yaml is missing"),
      (
        "ImportError: cannot import name 'Url' from 'urllib3' (/usr/lib/x.py)",
        "module urllib3.Url is missing"
      ),
      ("Error: Cannot find module 'express'", "module express is missing"),
      ("Unknown tool: web_search", "tool web_search is missing"),
      ("web_fetch is not a valid tool, try one of [a, b].", "tool web_fetch is missing"),
      ("cat: /srv/data/a.csv: No such file or directory", "file /srv/data/a.csv is missing"),
      (
        "Error: ENOENT: no such file or directory, open '/srv/x.json'",
        "file /srv/x.json is missing"
      ),
      (
        "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
        "permission for /etc/shadow is missing"
      ),
      ("bash: ./deploy.sh: Permission denied", "permission for ./deploy.sh is missing"),
      (
        "Error: EACCES: permission denied, open '/srv/k'", "permission for /srv/k is missing"
      ),
      (
        "Traceback (most recent call last):\n  File \"a.py\", line 1\n"
          + "ModuleNotFoundError: No module named 'numpy.linalg'",
        "module numpy.linalg is missing"
      ),
    ])
  func names(text: String, title: String) throws { #expect(try gaps(text) == [title]) }

  @Test(
    "other failures are no gap",
    arguments: [
      "", "timeout after 30 s", "HTTP 404: page not found", "AssertionError: 3 != 4",
      "No module named ", "the command was found", "KeyError: 'command'",
    ])
  func none(text: String) throws { #expect(try gaps(text) == []) }

  // Oracle: Wilson 95 %, 3 of 20: 0.0524.
  @Test("the same gap in several texts is one, as strong as the Wilson bound of its share")
  func folded() throws {
    let found = try analyze([
      "error_texts": [
        ["text": "sh: 1: jq: not found", "type": "exit_127", "count": 2],
        ["text": "bash: jq: command not found", "count": 1],
      ]
    ])
    #expect(found.count == 1)
    #expect(abs((found.first?.strength ?? 0) - 0.0524) < 1e-3)
    let evidence = try #require(found.first?.evidence)
    #expect(evidence["name"] == "jq" && evidence["kind"] == "command")
    #expect(evidence["operations"]?.integer == 3 && evidence["of_operations"]?.integer == 20)
    #expect(evidence["text"] == "sh: 1: jq: not found" && evidence["error_type"] == "exit_127")
  }

  @Test("a declared tool that is not there is a gap; one whose check says nothing is none")
  func tools() throws {
    let found = try analyze([
      "tools": [
        ["name": "ripgrep", "declared": "13.0", "error": "missing: \"rg\" is no program"],
        ["name": "jq", "error": "its check printed no version"], ["name": "git"],
      ]
    ])
    #expect(found.map(\.title) == ["tool ripgrep is missing"])
    #expect(found.first?.strength == 1)
  }

  @Test("hostile texts are bounded: long ones, long names, many gaps, no operations")
  func hostile() throws {
    #expect(try gaps(String(repeating: "x", count: 100_000) + ": command not found") == [])
    #expect(try gaps("No module named '" + String(repeating: "é", count: 500) + "'") == [])
    let many = JSONValue.array(
      (0..<100).map { ["text": .string("sh: c\($0): not found"), "count": 1] })
    #expect(try analyze(["error_texts": many], operations: 0).count == 20)
  }
}

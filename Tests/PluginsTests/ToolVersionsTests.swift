import CKaizenPlugin
import Model
import TestSupport
import Testing

@Suite("The tool-versions analyzer") struct ToolVersionsTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("tools") }

  private func analyze(
    _ tools: JSONValue, _ files: [String: String] = [:]
  ) throws -> [Emitted.Opportunity] {
    for (name, text) in files { try folder.write(name, text) }
    let arena = Arena()
    let facts: JSONValue = ["tools": tools]
    let view = Window(facts: facts.text()).view(
      arena, root: folder.path, files: files.keys.sorted())
    return try Component("ToolVersionsAnalyzer", "tool-versions", kind: KZ_KIND_ANALYZER)
      .analyze(view).opportunities
  }

  @Test(
    "versions compare by their numbers and what comes before a release",
    arguments: [
      ("9.1", "10.0", true), ("13.0", "13.0.0", false), ("1.2.0-rc1", "1.2.0", true),
      ("1.2rc2", "1.2rc10", true), ("v18.2", "18.19.1", true), ("1.2.3", "1.2.3-4", true),
      ("14.1", "13.9", false), ("1.2+a", "1.2+b", false), ("x", "1.0", false),
      ("1.0", "latest", false), ("1.2.post1", "1.2", false), ("20260101", "20260102", true),
      ("99999999999999999999999", "1", false),
    ])
  func compares(declared: String, installed: String, isOlder: Bool) throws {
    let found = try analyze([
      ["name": "t", "declared": .string(declared), "installed": .string(installed)]
    ])
    #expect(found.count == (isOlder ? 1 : 0))
  }

  @Test("what only agent.json declares has no file, since that is protected")
  func descriptor() throws {
    let found = try analyze([
      ["name": "ripgrep", "declared": "13.0", "installed": "14.0.3", "latest": "14.1.0"]
    ])
    #expect(found.map(\.type) == ["tool_upgrade"])
    #expect(found.first?.title == "ripgrep is declared older than it is")
    #expect(found.first?.strength == 0.95)
    #expect(
      found.first?.evidence == [
        "tool": "ripgrep", "declared": "13.0", "installed": "14.0.3", "latest": "14.1.0",
        "file": .null, "line": .null,
      ])
  }

  @Test("the catalogue alone makes a weaker one")
  func catalogue() throws {
    let found = try analyze([["name": "jq", "declared": "1.5", "latest": "1.7"]])
    #expect(found.first?.strength == 0.6)
    #expect(try analyze([["name": "jq", "latest": "1.7"]]).isEmpty)
  }

  @Test("pins in the agent's files count as declared, each at its line")
  func pins() throws {
    let found = try analyze(
      [
        ["name": "ripgrep", "declared": "13.0", "installed": "14.0.3"],
        ["name": "Typing_Extensions", "latest": "4.12.0"], ["name": "six", "latest": "2.0"],
      ],
      [
        ".tool-versions": "# tools\nnodejs 20.1.0\nripgrep 13.0.0 12.0 # why\n",
        "requirements-dev.txt":
          "typing-extensions[x]==4.0.0 ; python_version < '4'\nsix>=1.0\nsix==1.0,<2\n",
      ])
    #expect(
      found.map(\.title) == [
        "ripgrep is declared older than it is in .tool-versions",
        "Typing_Extensions is declared older than it is in requirements-dev.txt",
      ])
    #expect(found[0].evidence["line"]?.integer == 3)
    #expect(found[0].evidence["declared"] == "13.0.0")
    #expect(found[1].evidence["line"]?.integer == 1)
  }

  @Test("a pin that is new enough silences the descriptor's older version")
  func raised() throws {
    let tools: JSONValue = [["name": "rg", "declared": "13.0", "installed": "14.0"]]
    #expect(try analyze(tools, [".tool-versions": "rg 14.0\n"]).isEmpty)
  }

  @Test("many tools and odd lines are bounded")
  func hostile() throws {
    let many = JSONValue.array(
      (0..<200).map { ["name": .string("t\($0)"), "declared": "1", "installed": "2"] })
    let odd = "a\n==\nb ==\n==1\n[x]==1\nc[==1\n" + String(repeating: "z", count: 100_000)
    #expect(try analyze(many, ["requirements.txt": odd]).count == 50)
  }
}

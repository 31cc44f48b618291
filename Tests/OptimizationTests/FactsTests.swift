import Feedback
import Glibc
import Linux
import Model
import PluginHost
import Sandbox
import TestSupport
import Testing

@testable import Optimization

@Suite("Reading a version out of what a program prints") struct VersionTextTests {
  @Test(
    "the first version-like token counts",
    arguments: [
      ("ripgrep 13.0.0 (rev af6b6c543b)\n", "13.0.0"), ("Python 3.11.2\n", "3.11.2"),
      ("v18.19.0\n", "18.19.0"), ("jq-1.6\n", "1.6"), ("less 590 (GNU regex)\n", "590"),
      ("go version go1.19.8 linux/amd64\n", "1.19.8"), ("git version 2.39.5\n", "2.39.5"),
      ("OpenSSL 3.0.17 1 Jul 2025\n", "3.0.17"), ("tool 2.0.0-rc.1, 64 bit", "2.0.0-rc.1"),
      ("node 20.1.0b2", "20.1.0b2"), ("gcc (Debian 12.2.0-14) 12.2.0", "12.2.0"),
      ("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)", "5.2.15"),
    ])
  func finds(text: String, version: String) { #expect(VersionText.first(in: text) == version) }

  @Test("text without one has none", arguments: ["", "no version here", "sha256", "x86_64"])
  func none(text: String) { #expect(VersionText.first(in: text) == nil) }
}

@Suite("Asking an agent's tools for their versions") struct ToolVersionsTests {
  private let directory: TemporaryDirectory
  private let confiner: Confiner

  init() throws {
    directory = try TemporaryDirectory("tools")
    chmod(directory.path, 0o755)
    confiner = Confiner(program: try BuildProducts.path("kaizen-confine"))
  }

  private func tools(
    _ tools: JSONValue, by versions: ToolVersions
  ) throws -> [KnownTool] {
    let json: JSONValue = ["id": "unit", "tools": tools]
    let descriptor = try #require(AgentDescriptor.read(json, file: "agent.json").descriptor)
    return versions.tools(
      of: descriptor, files: AgentFiles(root: directory.path, names: []))
  }

  @Test(
    "the check is run, and a program that is not there is told apart from one that says nothing")
  func checks() throws {
    let versions = ToolVersions(confiner: confiner, catalogue: ["shell": "9.0", "other": "2.1"])
    let found = try tools(
      [
        ["name": "shell", "version": "1.0", "check": ["sh", "-c", "echo shell 4.2.1"]],
        ["name": "loud", "check": ["sh", "-c", "echo no. 7.1 >&2; exit 3"]],
        ["name": "gone", "version": "1.0", "check": ["no-such-program-here", "--version"]],
        ["name": "mute", "check": ["true"]],
      ], by: versions)
    #expect(found.map(\.name) == ["shell", "loud", "gone", "mute", "other"])
    #expect(found[0].installed == "4.2.1" && found[0].latest == "9.0" && found[0].error == nil)
    #expect(found[1].installed == "7.1")
    #expect(found[2].installed == nil && found[2].error?.hasPrefix("missing: ") == true)
    #expect(found[3].error == "its check (true) printed no version")
    #expect(found[4] == KnownTool(name: "other", latest: "2.1"))
  }

  @Test("an answer holds: the same check is not run again, and it sees the agent's files")
  func cached() throws {
    let versions = ToolVersions(confiner: confiner, catalogue: [:])
    let check: JSONValue = [["name": "own", "check": ["cat", "VERSION"]]]
    try directory.write("VERSION", "own 1.5\n")
    #expect(try tools(check, by: versions).first?.installed == "1.5")
    try directory.write("VERSION", "own 1.6\n")
    #expect(try tools(check, by: versions).first?.installed == "1.5")
    let fresh = ToolVersions(confiner: confiner, catalogue: [:])
    #expect(try tools(check, by: fresh).first?.installed == "1.6")
  }
}

@Suite("What analyzers are told of an agent") struct AgentFactsTests {
  private func finding(_ number: Int, _ level: Finding.Level) -> Finding {
    Finding(
      rule: "r\(number)", level: level, file: "f", line: nil,
      message: String(repeating: "m", count: 1000), dimension: "security")
  }

  @Test("what is not known is left out, which is not the same as none")
  func unknown() {
    #expect(AgentFacts().json == [:])
    #expect(AgentFacts(findings: [], tools: []).json == ["findings": [], "tools": []])
  }

  @Test("the worst findings come first, and no list is without a limit")
  func limits() throws {
    let findings = (0..<300).map { finding($0, .note) } + [finding(300, .error)]
    let tools = (0..<100).map { KnownTool(name: "t\($0)", declared: "1") }
    let json = AgentFacts(findings: findings, tools: tools).json
    let told = try #require(json["findings"]?.array)
    #expect(told.count == AgentFacts.findingCountMax)
    #expect(told[0]["rule"] == "r300" && told[1]["rule"] == "r0")
    #expect(told[0]["message"]?.string?.count == 300 && told[0]["line"] == nil)
    #expect(told[0]["dimension"] == "security" && told[0]["level"] == "error")
    #expect(json["tools"]?.array?.count == AgentFacts.toolCountMax)
    #expect(json["tools"]?.array?.first == ["name": "t0", "declared": "1"])
  }

  @Test("learnings and error texts have the contract's members")
  func texts() throws {
    let learning = Learning(
      id: "l-1", agent: try #require(AgentID("a")), kind: .optimization, title: "t", text: "x",
      impact: 0.5, evidence: [:], createdAt: Instant(nanoseconds: 0),
      expiresAt: Instant(nanoseconds: 1_800_000_000_000_000_000))
    let json = AgentFacts(learnings: [learning]).json
    let told = try #require(json["learnings"]?.array?.first?.object)
    #expect(
      Set(told.keys) == ["id", "type", "title", "text", "impact", "expires", "evidence_count"])
    #expect(told["type"] == "optimization" && told["impact"]?.number == 0.5)
  }

  @Test("findings of many trees are remembered, within a limit")
  func cache() {
    let cache = FindingCache()
    for number in 0..<1000 { cache["\(number)"] = [finding(number, .note)] }
    #expect(cache["999"]?.first?.rule == "r999")
    #expect(cache["0"] == nil)
  }
}

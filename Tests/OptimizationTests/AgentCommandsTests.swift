import Glibc
import Linux
import Model
import Sandbox
import TestSupport
import Testing
import Workspace

@testable import Optimization

@Suite("Running an agent's tests") struct AgentCommandsTests {
  /// What the tests show that are `script`.
  private func report(_ script: String) throws -> TestReport {
    let directory = try TemporaryDirectory("commands")
    try directory.write("agent/agent.py", "pass\n")
    let json: JSONValue = [
      "id": "unit", "test": ["command": ["sh", "-c", .string(script)], "timeout_s": 20],
    ]
    let descriptor = try #require(AgentDescriptor.read(json, file: "agent.json").descriptor)
    let root = directory.path + "/agent"
    let agent = AgentRecord(
      id: descriptor.id, root: root, store: directory.path + "/store", mode: "directory",
      descriptor: descriptor, descriptorJSON: json, baseTests: nil,
      addedAt: Instant(nanoseconds: 0), addedBy: geteuid())
    let commands = AgentCommands(
      confiner: Confiner(program: try BuildProducts.path("kaizen-confine")), agent: agent,
      layout: AgentLayout(id: agent.id, root: root, store: agent.store),
      livePath: { root }, outputBytesMax: 1000)
    return try commands.test(treeAt: root)
  }

  @Test("its cases are those it prints")
  func cases() throws {
    let report = try report("echo 'ok 1 - a'; echo 'not ok 2 - b'; exit 1")
    #expect(report.passing == ["a"] && report.failing == ["b"])
    #expect(report.ending == .exited(1) && !report.isOutputCut)
    #expect(report.output == "ok 1 - a\nnot ok 2 - b\n")
  }

  @Test("where it prints too much, it names no cases, says so, and shows the end")
  func flood() throws {
    let report = try report(
      "echo 'ok 1 - a'; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo 'Ran 2 tests'")
    #expect(report.cases.isEmpty && report.caseCount == 0 && report.isOutputCut)
    #expect(report.passed)
    #expect(report.output.hasPrefix("[30000"))
    #expect(report.output.hasSuffix("x\nRan 2 tests\n"))
    #expect(report.output.utf8.count < 1200)
  }
}

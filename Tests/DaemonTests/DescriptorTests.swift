import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("An agent without agent.json, under a real daemon") struct DescriptorTests {
  private func scene() throws -> Scene {
    let scene = try Scene(Scene.smelling("echo 'y = 2' >> agent.py"))
    try scene.write(
      agent: "plain", "",
      [
        "tests/test_plain.py":
          "import unittest\nclass T(unittest.TestCase):\n  def test_it(self): pass\n"
      ])
    return scene
  }

  private func edit(_ file: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try Files.read(file, limit: 1 << 20), as: UTF8.self)
    try #require(text.contains(old), "\(text)")
    try Files.replace(file, with: text.replacing(old, with: new).utf8)
  }

  @Test("gets a descriptor in the home, with tests as they look, shown, and proven at once")
  func made() throws {
    let scene = try scene()
    let before = try scene.files(of: "plain")
    let added = try scene.daemon.kaizen("agent", "add", scene.folder("plain"))
    let file = scene.daemon.home + "/agents/plain/agent.json"
    for words in [
      file, "tests/test_plain.py", "\"unittest\"", "1 of 1 cases passed", "edit it there",
    ] {
      #expect(added.stdout.contains(words), "\(words): \(added)")
    }
    #expect(try scene.files(of: "plain") == before, "nothing is written into the folder")
    let written = try JSONDocument.parse(try Files.read(file, limit: 1 << 20))
    #expect(written["protected"] == ["tests/**"])
    #expect(try scene.ask("agent", "show", "plain")["descriptor"] == written)
    #expect(try scene.optimize("plain")["verdict"] == "kept")
  }

  @Test("what a person changes there is in force with the next look, and after a restart")
  func edited() throws {
    let scene = try scene()
    _ = try scene.ask("agent", "add", scene.folder("plain"))
    let file = scene.daemon.home + "/agents/plain/agent.json"
    try edit(file, "2000", "1234")
    #expect(try scene.ask("agent", "show", "plain")["descriptor"]?["sla_ms"] == 1234)
    let actions = try scene.ask("audit", "list")["items"]?.array?.map { $0["action"]?.string }
    #expect(actions?.contains("agent.described") == true)
    // Tests that fail now: the next trial runs them.
    try edit(file, "\"discover\"", "\"no_such_module\"")
    #expect(try scene.optimize("plain")["code"] == "base_tests_fail")
    #expect(try scene.daemon.stop() == .exited(0))
    try scene.daemon.start()
    let shown = try scene.ask("agent", "show", "plain")
    #expect(shown["descriptor"]?["test"]?.text().contains("no_such_module") == true)
    // Removed and added again it is described by the same file.
    _ = try scene.ask("agent", "remove", "plain")
    let again = try scene.ask("agent", "add", scene.folder("plain"))
    #expect(again["descriptor_file"]?.string == file && again["guess"] == .null)
    #expect(again["agent"]?["descriptor"]?["sla_ms"] == 1234)
  }

  @Test("what cannot be taken up is told of, and the descriptor stays as it was")
  func refused() throws {
    let scene = try scene()
    let made = try scene.ask("agent", "add", scene.folder("plain"))["agent"]?["descriptor"]
    let file = scene.daemon.home + "/agents/plain/agent.json"
    for (old, new, says) in [
      ("2000", "\"fast\"", ["sla_ms", "a number"]), ("\"fast\"", "2000}", ["line"]),
      ("2000}", "2000", []), ("\"**\"", "\"src/**\"", ["paths", "remove the agent"]),
    ] {
      try edit(file, old, new)
      let shown = try scene.ask("agent", "show", "plain")
      let warnings = shown["warnings"]?.text() ?? ""
      #expect(shown["descriptor"] == made)
      #expect(says.isEmpty == (warnings == "[]"), "\(warnings)")
      for word in says { #expect(warnings.contains(word) && warnings.contains(file)) }
    }
    // An agent.json of the folder's own goes before, once the agent is added anew.
    try scene.write(agent: "plain", #"{"id": "plain", "sla_ms": 77}"#)
    _ = try scene.ask("agent", "remove", "plain")
    let own = try scene.ask("agent", "add", scene.folder("plain"))
    #expect(own["agent"]?["descriptor"]?["sla_ms"] == 77 && own["descriptor_file"] == .null)
    #expect(try scene.ask("agent", "show", "plain")["descriptor"]?["sla_ms"] == 77)
    // Nor is the one in the home in force once the folder's is gone.
    #expect(!Files.exists(file) && Files.exists(file + ".old"))
    #expect(unlink(scene.folder("plain") + "/agent.json") == 0)
    #expect(try scene.ask("agent", "show", "plain")["descriptor"]?["sla_ms"] == 77)
  }
}

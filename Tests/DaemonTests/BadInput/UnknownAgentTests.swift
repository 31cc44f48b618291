import Model
import TestSupport
import Testing

@Suite("Naming what is not there") struct UnknownAgentTests {
  @Test("every command that takes an agent refuses one that nobody knows, and says how to find one")
  func unknownAgent() throws {
    let scene = try Scene()
    let commands = [
      ["agent", "show", "ghost"], ["agent", "remove", "ghost"], ["analyze", "ghost"],
      ["health", "ghost"], ["opportunities", "ghost"], ["summary", "ghost"], ["stats", "ghost"],
      ["optimize", "ghost"], ["optimize", "ghost", "--wait"], ["history", "ghost"],
      ["generations", "ghost"], ["diff", "ghost"], ["rollback", "ghost"], ["quality", "ghost"],
      ["approvals", "list", "--agent", "ghost"], ["events", "--agent", "ghost"],
    ]
    for words in commands {
      let finished = try scene.daemon.kaizen(words + ["--json"])
      #expect(finished.status == 1, "\(words): \(finished)")
      let error = try Scene.error(in: finished.stdout)
      #expect(error.code == "E_UNKNOWN_AGENT", "\(words): \(error)")
      #expect(error.says("\"ghost\"", "kaizen agent list"), "\(words): \(error)")
    }
    try scene.expectAlive()
  }

  @Test("an agent that is known from its feedback alone is refused by what needs files only")
  func observedAgent() throws {
    let scene = try Scene()
    #expect(try scene.daemon.kaizen("record", "seen", "success").status == 0)
    for words in [["health", "seen"], ["summary", "seen"], ["agent", "show", "seen"]] {
      #expect(try scene.daemon.kaizen(words).status == 0, "\(words)")
    }
    for word in ["optimize", "generations", "diff", "rollback", "quality"] {
      let error = try scene.refusal(word, "seen")
      #expect(error.code == "E_OBSERVED", "\(word): \(error)")
      #expect(error.says("seen", "kaizen agent add"), "\(word): \(error)")
    }
  }

  @Test("what cannot be an id is refused as such", arguments: ["../x", "/tmp", "a b", "", "-"])
  func badID(id: String) throws {
    let scene = try Scene()
    let error = try scene.refusal("agent", "show", id, status: 2)
    #expect(error.code == "E_USAGE", "\(error)")
    #expect(error.says("\"\(id)\"", "A-Z a-z 0-9"), "\(error)")
  }

  @Test("an approval, a component or a run that is not there is named, with where to look")
  func others() throws {
    let scene = try Scene()
    for verb in ["show", "approve", "reject"] {
      #expect(try scene.refusal("approvals", verb, "a-9").says("a-9", "kaizen approvals list"))
    }
    #expect(try scene.refusal("plugins", "show", "ghost").says("ghost", "kaizen plugins list"))
  }
}

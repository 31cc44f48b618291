import Model
import TestSupport
import Testing

@Suite("An applier that does what it may not") struct RefusedChangeTests {
  /// What an applier does, how the trial ends, and what the reason names.
  struct Deed: Sendable {
    var script: String
    var verdict: String
    var says: [String]
  }

  static let deeds = [
    Deed(
      script: "echo y = 2 >> keep.py", verdict: "refused", says: ["\"keep.py\" is protected"]),
    Deed(
      script: "echo y = 2 >> tests/t.py", verdict: "refused",
      says: ["\"tests/t.py\" is protected", "**/tests/**"]),
    Deed(
      script: "rm -r tests", verdict: "refused", says: ["\"tests/t.py\" is protected"]),
    Deed(
      script: "echo >> agent.json", verdict: "refused", says: ["\"agent.json\" is protected"]),
    Deed(
      script: "echo more >> notes.txt", verdict: "refused",
      says: ["\"notes.txt\" may not be changed", "only \"*.py\"", "needs.write"]),
    Deed(
      script: "echo new > new.txt; echo y = 2 >> agent.py", verdict: "refused",
      says: ["\"new.txt\" may not be added"]),
    Deed(script: "rm notes.txt", verdict: "refused", says: ["\"notes.txt\" may not be removed"]),
    Deed(
      script: "ln -s /etc/passwd out.py", verdict: "refused",
      says: ["\"out.py\" is a link out of the agent's folder"]),
    Deed(
      script: "ln -s ../../../../../etc/passwd out.py", verdict: "refused",
      says: ["\"out.py\" is a link out"]),
    Deed(script: "mkfifo pipe.py", verdict: "refused", says: ["\"pipe.py\" is a FIFO"]),
    Deed(
      script: "chmod 4755 agent.py", verdict: "failed",
      says: ["component \"act\"", "agent.py", "not permitted"]),
    Deed(
      script: "echo x > /etc/kaizen-was-here", verdict: "failed",
      says: ["/etc/kaizen-was-here", "Read-only"]),
    Deed(script: "exit 3", verdict: "failed", says: ["component \"act\"", "status 3"]),
    Deed(
      script: "kill -SEGV $$", verdict: "failed", says: ["component \"act\"", "SIGSEGV"]),
    Deed(script: "true", verdict: "nothing_to_do", says: ["changed nothing"]),
  ]

  @Test("is refused by name, and the agent's files stay byte for byte as they were")
  func deeds() throws {
    let scene = try Scene(Scene.smelling("true"))
    try scene.add(more: ["protected": ["keep.py"]])
    try scene.daemon.directory.write("fleet/a/keep.py", "k = 1\n")
    let before = try scene.files()
    for deed in Self.deeds {
      try scene.daemon.write("plugins/act/manifest.json", Scene.applier(deed.script))
      _ = try scene.ask("plugins", "reload")
      let run = try scene.optimize()
      #expect(run["verdict"]?.string == deed.verdict, "\(deed.script): \(run.text())")
      #expect(run["was_live"]?.bool == false, "\(deed.script)")
      let reason = run["reason"]?.string ?? ""
      for words in deed.says { #expect(reason.contains(words), "\(deed.script): \(reason)") }
      #expect(try scene.files() == before, "\(deed.script)")
    }
    try scene.expectAlive()
  }

  @Test("one that hangs is ended at its deadline")
  func hangs() throws {
    var files = Scene.smelling("true")
    files["plugins/act/manifest.json"] = Scene.applier("sleep 100", deadline: 300)
    let scene = try Scene(files)
    try scene.add()
    let run = try scene.optimize()
    #expect(run["verdict"]?.string == "failed", "\(run.text())")
    #expect(run["code"]?.string == "E_PLUGIN_DEADLINE")
    let reason = run["reason"]?.string ?? ""
    #expect(reason.contains("component \"act\"") && reason.contains("300 ms"), "\(reason)")
    #expect(reason.contains("deadline_ms"), "\(reason)")
  }

  @Test("more files than a trial may change are refused with the count and the limit")
  func tooMany() throws {
    var files = Scene.smelling("for i in 1 2 3 4; do echo x = $i > f$i.py; done")
    files["config.json"] = #"{"trial": {"files_max": 3}}"#
    let scene = try Scene(files)
    try scene.add()
    let run = try scene.optimize()
    #expect(run["verdict"]?.string == "refused", "\(run.text())")
    let reason = run["reason"]?.string ?? ""
    #expect(reason.contains("4 files") && reason.contains("at most 3"), "\(reason)")
  }
}

import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("Trying a plugin on a folder") struct TryPluginTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory("kaizen-try")
    try folder.write("agent/a.py", "def f():   \n    return 1\n")
    try folder.write("agent/b.md", "plain\n")
  }

  private func kaizen(_ words: String...) throws -> Kaizen.Result {
    try Kaizen.run(words, in: folder, workingDirectory: folder.path)
  }

  /// A new plugin, built.
  private func make(_ language: String, _ kind: String) throws {
    let made = try kaizen("plugins", "new", "probe", "--lang", language, "--kind", kind)
    #expect(made.status == .exited(0), "\(made.errors)")
    if language != "command" {
      try Compiler.run(["make", "-s", "-C", folder.path + "/probe"], in: folder)
    }
  }

  /// A command component whose program is the shell script `script`.
  private func command(_ script: String, kind: String = "analyzer") throws {
    let topics = kind == "applier" ? #""handles": ["code_smell"]"# : #""emits": ["code_smell"]"#
    try folder.write(
      "probe/manifest.json",
      #"{"manifest": 1, "components": [{"id": "probe", "kind": "\#(kind)", "deadline_ms": 2000, "#
        + #""entry": {"command": ["./run"]}, \#(topics)}]}"#)
    try folder.write("probe/run", "#!/bin/sh\n" + script, mode: 0o755)
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try Files.read("\(folder.path)/\(name)", limit: 1 << 16), as: UTF8.self)
  }

  @Test(
    "shows the change an applier made, and leaves the folder as it was",
    arguments: ["c", "command"])
  func applier(language: String) throws {
    try make(language, "applier")
    let before = try text("agent/a.py")
    let tried = try kaizen("plugins", "try", "probe", "--on", "agent")
    #expect(tried.status == .exited(0), "\(tried.errors)")
    #expect(tried.output.contains("applier probe: 1 file changed"))
    #expect(tried.output.contains("-def f():   \n+def f():\n"))
    #expect(tried.output.contains("note: "))
    #expect(try text("agent/a.py") == before)
    #expect(try Files.names(in: folder.path + "/agent").sorted() == ["a.py", "b.md"])
  }

  @Test("shows scores and findings")
  func scorer() throws {
    try make("c", "scorer")
    try folder.write("agent/long.py", String(repeating: "x", count: 120) + "\n")
    let tried = try kaizen("plugins", "try", "./probe", "--on", "./agent", "--json")
    let component = tried.json?["components"]?.array?.first
    #expect(component?["error"] == .null)
    #expect(component?["scores"]?.array?.first?["dimension"] == "maintainability")
    #expect(component?["findings"]?.array?.first?["file"] == "long.py")
    #expect(component?["findings"]?.array?.first?["line"] == 1)
  }

  @Test("gives an analyzer the feedback of a file, and none without one")
  func analyzer() throws {
    // Says how many records it was told of, as the title of what it found.
    try command(
      """
      count=$(sed -n 's/.*"records":\\([0-9]*\\).*/\\1/p' | head -n 1)
      [ "$count" -gt 0 ] || exit 0
      echo "{\\"opportunity\\": {\\"type\\": \\"code_smell\\", \\"title\\": \\"of $count records\\"}}"

      """)
    let records = (0..<100).map { index in
      #"{"agent_id": "demo", "operation_id": "o\#(index)", "type": "success"}"#
    }
    try folder.write("feedback.ndjson", records.joined(separator: "\n") + "\n")
    let none = try kaizen("plugins", "try", "probe", "--on", "agent")
    #expect(none.status == .exited(0), "\(none.output)\(none.errors)")
    #expect(none.output.contains("analyzer probe: 0 opportunities"))
    let tried = try kaizen(
      "plugins", "try", "probe", "--on", "agent", "--feedback", "feedback.ndjson")
    #expect(tried.output.contains("analyzer probe: 1 opportunity"), "\(tried.output)")
    #expect(tried.output.contains("MEDIUM code_smell"))
    #expect(tried.output.contains("of 100 records"))
  }

  @Test("counts feedback as the daemon does")
  func numbers() throws {
    try command("cat >&2; exit 3\n")
    try folder.write(
      "feedback.ndjson",
      """
      {"agent_id": "demo", "operation_id": "o1", "type": "success", "duration_ms": 100}
      {"agent_id": "other", "operation_id": "o9", "type": "success"}
      {"agent_id": "demo", "operation_id": "o1", "type": "failure", "error_type": "timeout"}
      {"agent_id": "demo", "operation_id": "o2", "type": "success", "duration_ms": 300}
      """)
    let tried = try kaizen(
      "plugins", "try", "probe", "--on", "agent", "--feedback", "feedback.ndjson", "--json")
    #expect(tried.status == .exited(1))
    #expect(tried.json?["agent"] == "demo")
    #expect(tried.errors.contains("1 records of agents other than demo left out"))
  }

  @Test("shows an error as it comes, and the daemon's hint")
  func failure() throws {
    try command("echo broken >&2; exit 7\n")
    let tried = try kaizen("plugins", "try", "probe", "--on", "agent")
    #expect(tried.status == .exited(1))
    #expect(tried.output.contains("analyzer probe: failed"))
    #expect(tried.output.contains("broken"))
  }

  @Test("refuses what it cannot try, and says what to do")
  func refusals() throws {
    try command("exit 0\n")
    try folder.write("bad.ndjson", #"{"agent_id": "demo", "type": "success"}"# + "\n")
    for (words, said) in [
      (["probe"], "--on DIR is missing"), (["agent", "--on", "agent"], "has no manifest.json"),
      (["probe", "--on", "nowhere"], "expected a folder to try it on"),
      (["probe", "--on", "bad.ndjson"], "found a file"),
      (["probe", "--on", "agent", "--feedback", "none"], "none cannot be read"),
      (["probe", "--on", "agent", "--feedback", "bad.ndjson"], "bad.ndjson:1: operation_id"),
      (["probe", "--on", "agent", "--evidence", "[]"], "--evidence: expected an object"),
    ] {
      let tried = try Kaizen.run(
        ["plugins", "try"] + words, in: folder, workingDirectory: folder.path)
      #expect(tried.status != .exited(0), "\(words)")
      #expect(tried.errors.contains(said), "\(words): \(tried.errors)")
    }
  }

  @Test("never follows a link that an applier left when it throws the copy away")
  func links() throws {
    try folder.write("precious/file", "kept")
    try command("ln -s \(folder.path)/precious leak\n", kind: "applier")
    let tried = try kaizen("plugins", "try", "probe", "--on", "agent")
    #expect(tried.output.contains("leak"), "\(tried.output)\(tried.errors)")
    #expect(try text("precious/file") == "kept")
  }
}

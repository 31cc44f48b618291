import Glibc
import Linux
import Model
import TestSupport
import Testing

@Suite("A plugin that is not right") struct BadPluginTests {
  /// A bundle with a compiled fixture in it.
  private func drop(
    _ scene: Scene, _ id: String, _ kind: String = "analyzer", fixture: String? = nil,
    _ more: [String: JSONValue] = ["emits": ["error_pattern"]]
  ) throws {
    let members: [String: JSONValue] = [
      "kind": .string(kind), "entry": ["library": .string("\(id).so")], "deadline_ms": 300,
    ]
    try scene.daemon.write(
      "plugins/\(id)/manifest.json", Scene.bundle(id, members.merging(more) { $1 }))
    guard let fixture else { return }
    let built = try Compiler.fixture(fixture, in: scene.daemon.directory)
    try Files.replace(
      scene.daemon.home + "/plugins/\(id)/\(id).so", with: try Files.read(built, limit: 1 << 24),
      mode: 0o755)
  }

  /// The problem of a component, as `kaizen plugins show` tells it.
  private func problem(_ scene: Scene, _ id: String) throws -> String {
    let shown = try scene.ask("plugins", "show", id)
    #expect(shown["state"]?.string == "disabled", "\(shown.text())")
    return (shown["problems"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
  }

  @Test("one that cannot be loaded is disabled with file, reason and fix; the others work on")
  func notLoadable() throws {
    let scene = try Scene(starts: false)
    try drop(scene, "missing")
    try drop(scene, "no-entry", fixture: "no_entry")
    try drop(scene, "null-entry", fixture: "null_entry")
    try drop(scene, "other-id", fixture: "other_id")
    try drop(scene, "newer", fixture: "newer_abi")
    try drop(scene, "text")
    try scene.daemon.write("plugins/text/text.so", "no library")
    try scene.daemon.write("plugins/broken/manifest.json", "{")
    try scene.daemon.write(
      "plugins/wrong/manifest.json",
      Scene.bundle("wrong", ["kind": "analyser", "entry": ["library": 5], "emits": ["smell"]]))
    try scene.daemon.write("plugins/empty/README", "")
    try scene.daemon.start()

    let plugins = scene.daemon.home + "/plugins"
    for (id, says) in [
      ("missing", ["\(plugins)/missing/manifest.json", "\"missing.so\"", "put it there"]),
      ("no-entry", ["\(plugins)/no-entry/no-entry.so", "does not export kz_plugin_entry_v1"]),
      ("null-entry", ["\(plugins)/null-entry/null-entry.so", "returned NULL for index 0"]),
      ("other-id", ["no component \"other-id\"", "it has: analyzer \"somebody-else\""]),
      ("newer", ["kz_plugin_entry_v2", "speaks kz_plugin_entry_v1"]),
      ("text", ["\(plugins)/text/text.so", "no ELF file", "-shared -fPIC"]),
      ("broken", ["\(plugins)/broken/manifest.json", "line 1, column 2", "correct the JSON"]),
      ("wrong", ["\(plugins)/wrong/manifest.json", "kind", "\"analyser\"", "\"analyzer\""]),
      ("empty", ["\(plugins)/empty/manifest.json", "no such file"]),
    ] {
      let problem = try problem(scene, id)
      for words in says { #expect(problem.contains(words), "\(id): \(problem)") }
    }
    let status = try scene.ask("status")
    #expect(status["disabled"]?.integer == 9)
    #expect((status["components"]?.integer ?? 0) >= 7, "the shipped ones: \(status.text())")
  }

  @Test("one that crashes, exits, hangs or lies costs its call only, and is named with the reason")
  func misbehaves() throws {
    let scene = try Scene(starts: false)
    try drop(scene, "segfault", fixture: "segfault")
    try drop(scene, "aborts", fixture: "aborts")
    try drop(scene, "exits", fixture: "exits")
    try drop(scene, "loop-deaf", fixture: "loop_deaf")
    try drop(scene, "bad-values", fixture: "bad_values")
    try drop(scene, "good", fixture: "good_analyzer")
    try drop(
      scene, "nan-score", "scorer", fixture: "nan_score", ["dimensions": ["maintainability"]])
    try scene.daemon.start()
    try scene.add("other-type")  // what bad_values goes by

    let notes = try scene.ask("analyze", "other-type")["notes"]?.text() ?? ""
    for words in [
      #"\"segfault\" crashed by SIGSEGV"#, #"\"aborts\" crashed by SIGABRT"#,
      #"\"exits\" ended its process with status 0"#,
      #"\"loop-deaf\" did not finish within its 300 ms"#,
      "bad-values", "code_smell",
    ] {
      #expect(notes.contains(words), "\(words) is not in: \(notes)")
    }
    let found = try scene.ask("opportunities", "other-type").text()
    #expect(found.contains("\"good\""), "\(found)")

    let quality = try scene.ask("quality", "other-type").text()
    #expect(quality.contains("nan-score") && quality.contains("expected a number in [0,1]"))
    for id in ["segfault", "loop-deaf", "nan-score", "bad-values"] {
      let shown = try scene.ask("plugins", "show", id)
      #expect(shown["failures"]?.integer ?? 0 > 0, "\(shown.text())")
      #expect(shown["last_error"]?.string?.contains(id) == true, "\(shown.text())")
    }
    try scene.expectAlive()
  }

  @Test("a key that nobody knows in a manifest is a warning that is told")
  func unknownKey() throws {
    let scene = try Scene(Scene.smelling("true"))
    try scene.daemon.write(
      "plugins/odd/manifest.json",
      Scene.bundle(
        "odd",
        [
          "kind": "analyzer", "emits": ["code_smell"], "entry": ["command": ["true"]],
          "colour": "red",
        ]))
    let told = try scene.ask("plugins", "reload").text()
    #expect(told.contains("odd/manifest.json") && told.contains("colour"), "\(told)")
    #expect(try scene.ask("plugins", "show", "odd")["state"]?.string == "ready")
    #expect(try scene.ask("status")["problems"]?.text().contains("colour") == true)
  }

  @Test("a reload takes up a bundle that was replaced, mended or removed, without a restart")
  func reload() throws {
    var files = Scene.smelling("echo y = 2 >> agent.py")
    files["plugins/act/manifest.json"] = "{"
    let scene = try Scene(files)
    try scene.add()
    var run = try scene.optimize()
    #expect(run["verdict"]?.string == "nothing_to_do", "\(run.text())")
    #expect(run["reason"]?.string?.contains("no applier handles code_smell") == true)

    try scene.daemon.write("plugins/act/manifest.json", Scene.applier("echo y = 2 >> agent.py"))
    // The event comes whoever was first: this reload, or the watch for what is dropped in.
    _ = try scene.ask("plugins", "reload")
    _ = try scene.event {
      $0["kind"] == "plugin.changed" && $0["details"]?["component"] == "act"
    }
    run = try scene.optimize()
    #expect(run["verdict"]?.string == "kept", "\(run.text())")

    try scene.daemon.directory.remove("home/plugins/smell/manifest.json")
    try scene.daemon.directory.remove("home/plugins/smell")
    _ = try scene.ask("plugins", "reload")
    _ = try scene.event {
      $0["kind"] == "plugin.removed" && $0["details"]?["component"] == "smell"
    }
    run = try scene.optimize()
    #expect(run["reason"]?.string == "the analysis found nothing to improve", "\(run.text())")
  }
}

extension TemporaryDirectory {
  /// Removes a file or an empty folder beneath it.
  fileprivate func remove(_ name: String) throws {
    let file = path + "/" + name
    if unlink(file) != 0, rmdir(file) != 0 { throw SystemError("unlink", file) }
  }
}

import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("A component that dies on one input, in a real daemon") struct GuiltyInputTests {
  /// Dies on agent "a", and answers for others.
  private static let fussy = Scene.bundle(
    "fussy",
    [
      "kind": "analyzer", "emits": ["code_smell"],
      "entry": [
        "command": [
          "sh", "-c", #"read line; case $line in *'"id":"a"'*) kill -SEGV $$;; esac"#,
        ]
      ],
    ])

  @Test("has just that skipped, says why and how to lift it, also after a restart")
  func life() throws {
    let scene = try Scene([
      "config.json": #"{"plugins": {"breaker_failures": 2, "breaker_open_s": 3600}}"#,
      "plugins/fussy/manifest.json": Self.fussy, "plugins/smell/manifest.json": Scene.smell,
    ])
    try scene.add("a")
    try scene.add("b")
    for agent in ["b", "a", "a"] { _ = try scene.ask("analyze", agent) }
    let event = try scene.event { $0["kind"] == "plugin.guilty" }
    #expect(event["details"]?["culprit"] == "input" && event["details"]?["component"] == "fussy")
    try expectSkipped(scene)
    let others = try scene.ask("analyze", "b")["notes"]?.text() ?? ""
    #expect(!others.contains("fussy"), "\(others)")
    #expect(try scene.ask("plugins", "show", "fussy")["state"] == "ready")
    let shown = try scene.daemon.kaizen("plugins", "show", "fussy").stdout
    for word in ["guilty", "of agent \"a\" is skipped", "SIGSEGV", "kaizen plugins enable fussy"] {
      #expect(shown.contains(word), "\(shown)")
    }
    #expect(try scene.ask("status")["problems"]?.text().contains("is skipped") == true)
    try scene.daemon.stop()
    try scene.daemon.start()
    try expectSkipped(scene)
    #expect(try scene.ask("plugins", "enable", "fussy")["guilty"] == [])
    #expect(try scene.ask("analyze", "a")["notes"]?.text().contains("E_PLUGIN_CRASHED") == true)
  }

  /// Analyses of agent "a" go on, and say what was left out.
  private func expectSkipped(_ scene: Scene) throws {
    let notes = try scene.ask("analyze", "a")["notes"]?.text() ?? ""
    #expect(notes.contains("E_PLUGIN_SKIPPED"), "\(notes)")
    #expect(try scene.ask("opportunities", "a")["count"] == 1)
    let guilty = try scene.ask("plugins", "show", "fussy")["guilty"]?.array
    #expect(guilty?.count == 1 && guilty?.first?["agent"] == "a")
    #expect(guilty?.first?["lifted_by"] == "kaizen plugins enable fussy")
  }

  @Test("a version that dies everywhere is left for the one before it")
  func fallBack() throws {
    let good = Scene.bundle(
      "note",
      [
        "kind": "analyzer", "emits": ["code_smell"],
        "entry": ["command": ["echo", #"{"note": "fine"}"#]],
      ])
    let bad = Scene.bundle(
      "note",
      [
        "kind": "analyzer", "emits": ["code_smell"], "version": "2.0.0",
        "entry": ["command": ["sh", "-c", "kill -SEGV $$"]],
      ])
    let scene = try Scene([
      "config.json": #"{"plugins": {"breaker_failures": 2}}"#, "plugins/note/manifest.json": good,
    ])
    try scene.add("a")
    try scene.add("b")
    _ = try scene.ask("analyze", "a")
    try scene.daemon.write("plugins/note/manifest.json", bad)
    #expect(try scene.ask("plugins", "reload", "note")["problems"] == [])
    for agent in ["a", "b"] { _ = try scene.ask("analyze", agent) }
    _ = try scene.event { $0["kind"] == "plugin.guilty" }
    let shown = try scene.ask("plugins", "show", "note")
    #expect(shown["version"] == "1.0.0" && shown["guilty"]?.array?.first?["instead"] == "1.0.0")
    let notes = try scene.ask("analyze", "b")["notes"]?.text() ?? ""
    #expect(notes.contains("running 1.0.0, fell back from 2.0.0") && notes.contains("fine"))
    let status = try scene.daemon.kaizen("status").stdout
    #expect(status.contains("running 1.0.0, fell back from 2.0.0"), "\(status)")
  }
}

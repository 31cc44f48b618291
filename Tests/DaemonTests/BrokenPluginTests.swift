import JSONStream
import Model
import TestSupport
import Testing

@Suite("A component that crashes over and over, in a real daemon") struct BrokenPluginTests {
  private static let crashing = Scene.bundle(
    "crash",
    [
      "kind": "analyzer", "emits": ["code_smell"],
      "entry": ["command": ["sh", "-c", "kill -SEGV $$"]],
    ])

  @Test("is left alone as long as the settings say, analyses go on, and enabling lifts it")
  func life() throws {
    let scene = try Scene([
      "config.json": #"{"plugins": {"breaker_failures": 2, "breaker_open_s": 3600}}"#,
      "plugins/crash/manifest.json": Self.crashing, "plugins/smell/manifest.json": Scene.smell,
    ])
    try scene.add()
    for _ in 0..<3 { _ = try scene.ask("analyze", "a") }
    let shown = try scene.ask("plugins", "show", "crash")
    #expect(shown["state"] == "broken", "\(shown.text())")
    #expect(shown["calls"] == 2)
    #expect(shown["problems"]?.text().contains("kaizen plugins enable crash") == true)
    #expect(try scene.ask("opportunities", "a")["count"] == 1)
    let event = try scene.event { $0["kind"] == "plugin.broken" }
    #expect(event["details"]?["component"] == "crash")
    #expect(try scene.ask("plugins", "enable", "crash")["state"] == "ready")
  }

  @Test("a setting out of its range is refused with the range")
  func range() throws {
    let scene = try Scene(
      ["config.json": #"{"plugins": {"breaker_failures": 0}}"#], starts: false)
    let done = try scene.daemon.kaizen("config", "check")
    #expect(done.status != 0)
    #expect("\(done)".contains("plugins.breaker_failures"), "\(done)")
  }
}

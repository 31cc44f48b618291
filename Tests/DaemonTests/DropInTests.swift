import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("Dropping bundles into a running daemon") struct LiveBundleTests {
  /// What is promised between the copy and the first use.
  private static let within: Duration = .seconds(1)

  @Test("analyses use a bundle within a second of its copy, and no more once it is removed")
  func life() throws {
    let scene = try Scene()
    try scene.add()
    try scene.daemon.directory.write("built/manifest.json", Scene.smell)
    let copied = Clock.monotonic()
    try scene.run("cp", "-r", "built", "home/plugins/smell")
    let event = try scene.event { $0["kind"] == "plugin.added" }
    let took = Clock.monotonic() - copied
    #expect(event["details"]?["component"] == "smell")
    // Twice the promise: other tests have the machine's two cores at the same time.
    #expect(took < Self.within * 2, "\(took)")
    _ = try scene.ask("analyze", "a")
    #expect(try scene.ask("opportunities", "a")["count"] == 1)
    try scene.run("rm", "-r", "home/plugins/smell")
    _ = try scene.event { $0["kind"] == "plugin.removed" }
    #expect(try scene.refusal("plugins", "show", "smell").code == "E_UNKNOWN_COMPONENT")
  }

  @Test("`plugins reload ID` reads one component anew, and refuses one that is not there")
  func one() throws {
    let scene = try Scene(["plugins/smell/manifest.json": Scene.smell])
    let reload = try scene.ask("plugins", "reload", "smell")
    #expect(reload["changed"] == [] && reload["problems"] == [], "\(reload.text())")
    #expect(try scene.refusal("plugins", "reload", "nobody").code == "E_UNKNOWN_COMPONENT")
    #expect(
      try scene.event { $0["kind"] == "plugins.reloaded" }["message"]?.string?
        .contains("smell") == true)
  }

  @Test("a half copy is not seen until it is whole")
  func half() throws {
    let scene = try Scene()
    let whole = Scene.smell
    try scene.daemon.write("plugins/smell/manifest.json", String(whole.prefix(whole.count / 2)))
    try scene.daemon.write("plugins/other/manifest.json", Scene.applier("true"))
    _ = try scene.event { $0["kind"] == "plugin.added" }
    #expect(try scene.refusal("plugins", "show", "smell").code == "E_UNKNOWN_COMPONENT")
    let problems = try scene.ask("status")["problems"]?.text() ?? ""
    #expect(problems.contains("smell/manifest.json is no whole manifest"), "\(problems)")
    _ = try scene.event { $0["kind"] == "plugin.waiting" }
    try scene.daemon.write("plugins/smell/manifest.json", whole)
    _ = try scene.event { $0["details"]?["component"] == "smell" }
    #expect(try scene.ask("plugins", "show", "smell")["state"] == "ready")
  }
}

extension Scene {
  /// Runs a program beside the home to its end.
  fileprivate func run(_ words: String...) throws {
    let program = try StartedProgram(
      ["/usr/bin/env"] + words, environment: ["PATH": "/usr/bin:/bin"],
      workingDirectory: daemon.directory.path, in: daemon.directory)
    let done = try #require(try program.finish(timeout: .seconds(20)))
    try #require(done.status == 0, "\(done)")
  }
}

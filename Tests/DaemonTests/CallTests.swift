import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("The flight recorder of a real daemon") struct CallTests {
  /// A daemon with the analyzer that does what `order.txt` of its agent says, and that agent.
  private func scene(_ order: String, config: String = "{}") throws -> Scene {
    let scene = try Scene(
      ["config.json": config, "plugins/smell/manifest.json": Scene.smell], starts: false)
    let daemon = scene.daemon
    let library = try Compiler.fixture("pure", in: daemon.directory)
    try daemon.write(
      "plugins/pure/manifest.json",
      Scene.bundle(
        "pure",
        [
          "kind": "analyzer", "emits": ["error_pattern"], "pure": true, "deadline_ms": 20_000,
          "entry": ["library": "pure.so"],
        ]))
    try Files.replace(
      daemon.home + "/plugins/pure/pure.so", with: try Files.read(library, limit: 1 << 24),
      mode: 0o644)
    try daemon.start()
    try self.order(order, scene)
    try scene.add()
    return scene
  }

  private func order(_ order: String, _ scene: Scene) throws {
    try scene.daemon.directory.write("fleet/a/order.txt", order)
  }

  private static let keepsAll = #"{"plugins": {"keep_inputs": "all"}}"#

  @Test("a crash is on record with its input, and comes again, also after the daemon was killed")
  func crash() throws {
    let scene = try scene("crash")
    _ = try scene.ask("analyze", "a")
    let failed = try scene.ask("plugins", "calls", "pure", "--failed")
    let call = try #require(failed["items"]?.array?.first, "\(failed.text())")
    #expect(call["end"] == "failed" && call["code"] == "E_PLUGIN_CRASHED")
    #expect(call["pure"] == true && call["agent"] == "a" && call["generation"] == 1)
    #expect(call["peak_bytes"]?.integer ?? 0 > 100_000, "\(call.text())")
    let folder = try #require(call["kept_in"]?.string)
    #expect(try Files.names(in: folder).contains("input.json"))
    let number = "\(try #require(call["call"]?.integer))"
    // Its owner mends the agent; the record does not change.
    try order("well", scene)
    for _ in 0..<2 {
      let replay = try scene.ask("plugins", "replay", number)
      #expect(replay["same"] == true && replay["code"] == "E_PLUGIN_CRASHED", "\(replay.text())")
      try scene.daemon.killHard()
      try scene.daemon.start()
      #expect(try scene.ask("plugins", "calls", "pure", "--failed") == failed)
    }
    // Its author verifies with what made it crash.
    let verified = try scene.daemon.kaizen(
      "plugins", "verify", scene.daemon.home + "/plugins/pure", "--calls", "8",
      "--inputs", Files.parent(of: folder))
    #expect(verified.status == 1, "\(verified)")
    #expect(verified.stdout.contains("call.crash"), "\(verified)")
    #expect(verified.stdout.contains("call \(number)"), "\(verified)")
    _ = try scene.ask("analyze", "a")
    let latest = try scene.ask("plugins", "calls", "pure", "--limit", "1")
    #expect(latest["items"]?.array?.first?["end"] == "good", "\(latest.text())")
    #expect(latest["count"] == 1 && latest["more"] == true)
  }

  @Test("a pure analyzer comes to the same answers; what is not, is refused with the reason")
  func answers() throws {
    let scene = try scene("well", config: Self.keepsAll)
    _ = try scene.ask("analyze", "a")
    let calls = try scene.ask("plugins", "calls")
    func number(_ id: String) throws -> String {
      let found = calls["items"]?.array?.first { $0["component"]?.string == id }
      return "\(try #require(found?["call"]?.integer, "\(calls.text())"))"
    }
    let replay = try scene.ask("plugins", "replay", try number("pure"))
    #expect(replay["same"] == true && replay["end"] == "good", "\(replay.text())")
    #expect(replay["answers"]?.text().contains("a sound title") == true)
    #expect(replay["logs"] == ["info: well"])
    #expect(try scene.refusal("plugins", "replay", try number("smell")).code == "E_CALL_IMPURE")
    #expect(try scene.refusal("plugins", "replay", "999999").code == "E_UNKNOWN_CALL")
    #expect(try scene.refusal("plugins", "replay", "last").code == "E_UNKNOWN_CALL")
    #expect(try scene.refusal("plugins", "calls", "nobody").code == "E_UNKNOWN_COMPONENT")
    let shown = try scene.daemon.kaizen("plugins", "calls")
    #expect(shown.stdout.contains("kept") && shown.stdout.contains("1 opportunity"), "\(shown)")
    let told = try scene.daemon.kaizen("plugins", "replay", try number("pure"))
    #expect(told.status == 0 && told.stdout.contains("came to the same"), "\(told)")

    // It says that it is pure, and looks at a clock of its own.
    try order("cheat", scene)
    _ = try scene.ask("analyze", "a")
    let latest = try scene.ask("plugins", "calls", "pure", "--limit", "1")
    let cheat = "\(try #require(latest["items"]?.array?.first?["call"]?.integer))"
    let differs = try scene.daemon.kaizen("plugins", "replay", cheat)
    #expect(differs.status == 1 && differs.stdout.contains("answers:"), "\(differs)")
  }

  @Test("a call that was under way when the daemon was killed is lost; torn records are named")
  func lost() throws {
    let scene = try scene("well")
    _ = try scene.ask("analyze", "a")
    try order("loop", scene)
    let asking = try scene.daemon.startKaizen(["analyze", "a"])
    var running: JSONValue?
    while running == nil {
      let calls = try scene.ask("plugins", "calls", "pure")
      running = calls["items"]?.array?.first { $0["end"] == "running" }
    }
    let number = try #require(running?["call"]?.integer)
    let early = try scene.refusal("plugins", "replay", "\(number)")
    #expect(early.code == "E_CALL_RUNNING")
    try scene.daemon.killHard()
    _ = try asking.finish(timeout: .seconds(20))
    // The first record, as a power cut might leave it.
    let ring = try FileDescriptor.open(scene.daemon.home + "/state/calls/ring", O_RDWR)
    #expect(pwrite(ring.raw, [UInt8](repeating: 7, count: 64), 64, 2048 * 2 + 40) == 64)
    try scene.daemon.start()
    let calls = try scene.ask("plugins", "calls", "--failed")
    #expect(calls["notes"]?.array?.count == 1, "\(calls.text())")
    #expect(calls["notes"]?.text().contains("cut short") == true)
    let lost = calls["items"]?.array?.first { $0["call"]?.integer == number }
    #expect(lost?["end"] == "lost", "\(calls.text())")
    #expect(scene.daemon.log.contains("cut short"))
  }
}

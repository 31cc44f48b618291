import Linux
import Model
import TestSupport
import Testing

@Suite("What a daemon says of its components' calls") struct ComponentUseTests {
  private static func failing(_ id: String) -> String {
    Scene.bundle(
      id,
      [
        "kind": "analyzer", "emits": ["code_smell"],
        "entry": ["command": ["sh", "-c", "echo 'no such ledger' >&2; exit 7"]],
      ])
  }

  /// What `status` says of one component.
  private func use(_ scene: Scene, _ id: String) throws -> JSONValue {
    let all = try scene.ask("status")["component_use"]?.array ?? []
    return try #require(all.first { $0["id"]?.string == id }, "\(all)")
  }

  @Test("are counted, timed, and told with version and last error")
  func counted() throws {
    let scene = try Scene([
      "plugins/smell/manifest.json": Scene.smell,
      "plugins/ledger/manifest.json": Self.failing("ledger"),
    ])
    try scene.add()
    let before = try use(scene, "smell")
    #expect(before["calls"] == 0 && before["mean_ms"] == .null && before["p95_ms"] == .null)
    _ = try scene.ask("analyze", "a")
    _ = try scene.ask("analyze", "a")
    let smell = try use(scene, "smell")
    #expect(smell["calls"] == 2 && smell["failures"] == 0 && smell["last_error"] == .null)
    #expect(smell["version"] == "1.0.0" && smell["state"] == "ready")
    let (mean, p95) = (smell["mean_ms"]?.number ?? 0, smell["p95_ms"]?.number ?? 0)
    #expect(mean > 0 && p95 >= mean, "of two calls the p95 is the longer one: \(smell.text())")
    let ledger = try use(scene, "ledger")
    #expect(ledger["calls"] == 2 && ledger["failures"] == 2)
    #expect(ledger["last_error"]?.string?.contains("no such ledger") == true, "\(ledger.text())")
    let table = try scene.daemon.kaizen("status").stdout
    let line = table.split(separator: "\n").first { $0.hasPrefix("ledger ") }
    #expect(line?.contains("1.0.0") == true && line?.contains("no such ledger") == true, "\(table)")
  }

  @Test("one that a person disabled is shown so, and is no problem; a broken one is")
  func disabled() throws {
    let scene = try Scene(["plugins/smell/manifest.json": Scene.smell])
    let shipped = try scene.ask("status")["disabled"]?.integer ?? -1
    _ = try scene.ask("plugins", "disable", "smell")
    for _ in 1...2 {
      let status = try scene.ask("status")
      #expect(status["disabled"]?.integer == shipped + 1)
      #expect(status["problems"]?.text().contains("smell") == false, "\(status.text())")
      #expect(try use(scene, "smell")["state"] == "disabled")
      let doctor = try scene.daemon.kaizen("doctor", "--json")
      #expect(!doctor.stdout.contains("smell"), "\(doctor)")
      #expect(
        try scene.ask("plugins", "show", "smell")["problems"]?.text().contains("enable smell")
          == true)
      // After a restart it is no problem either, and no warning.
      try #require(try scene.daemon.stop() == .exited(0))
      try scene.daemon.start()
    }
    #expect(!scene.daemon.log.contains("a component is disabled"), "\(scene.daemon.log)")
    try scene.daemon.write("plugins/broken/manifest.json", "{")
    _ = try scene.ask("plugins", "reload")
    #expect(try scene.ask("status")["problems"]?.text().contains("broken") == true)
  }
}

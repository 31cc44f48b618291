import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("An analyzer in the daemon") struct InProcessTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  private func register(
    _ name: String, id: String, version: String = "1.0.0", topics: String = #""error_pattern""#,
    _ more: String = ""
  ) throws {
    try rig.fixture(name, in: "bin")
    try rig.folder.write(
      "bin/manifest.json",
      manifestText(
        #""id": "\#(id)", "kind": "analyzer", "version": "\#(version)", "#
          + #""entry": {"library": "\#(name).so"}, "placement": "in-process", "#
          + #""emits": [\#(topics)]\#(more)"#))
  }

  @Test("answers as it would elsewhere, and sees no files")
  func analyze() throws {
    try register("good_analyzer", id: "good")
    let host = try rig.host()
    for _ in 0..<3 {
      let output = try host.analyze(try id("good"), try rig.analysis(hasFiles: true))
      #expect(output.opportunities.first?.evidence["files"] == 0)
      #expect(output.opportunities.first?.evidence["agent"] == "probe")
      #expect(output.remarks.logs == [ComponentLog(level: .info, message: "looking")])
    }
    #expect(rig.calls.all.map(\.placement) == [.inProcess, .inProcess, .inProcess])
  }

  @Test("is opened from its copy, never from where it was built")
  func copy() throws {
    try register("good_analyzer", id: "good")
    let host = try rig.host()
    _ = try host.analyze(try id("good"), try rig.analysis())
    let maps = String(decoding: try Files.read("/proc/self/maps", limit: 64 << 20), as: UTF8.self)
    let bundle = try #require(host.components().first?.bundle)
    #expect(maps.contains("\(rig.folder.path)/home/state/bundles/\(bundle.hex)/good_analyzer.so"))
    #expect(!maps.contains("\(rig.folder.path)/bin/"))
  }

  @Test("is asked to stop at its deadline")
  func deadline() throws {
    try register("loop_polite", id: "loop-polite", #", "deadline_ms": 30"#)
    let host = try rig.host()
    for _ in 0..<2 {
      let error = #expect(throws: KaizenError.self) {
        try host.analyze(try id("loop-polite"), try rig.analysis())
      }
      #expect(error?.code == "E_PLUGIN_DEADLINE")
      #expect(error?.message.hasSuffix("within its 30 ms and ended when asked") == true)
    }
  }

  @Test("that lies fails as it would elsewhere", arguments: ["other-type", "flood", "long-title"])
  func lie(how: String) throws {
    try register("bad_values", id: "bad-values")
    let host = try rig.host()
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id("bad-values"), try rig.analysis(agent: how))
    }
    #expect(error?.code == (how == "flood" ? "E_LIMIT" : "E_PLUGIN_VALUE"))
    #expect(try host.analyze(try id("bad-values"), try rig.analysis()).opportunities.count == 1)
  }

  @Test("that differs from its manifest is disabled with every difference")
  func mismatch() throws {
    try register("life_cycle", id: "life-cycle")
    let reason = try #require(try rig.host().reason("life-cycle"))
    #expect(reason.hasPrefix("E_PLUGIN_MISMATCH: "))
    #expect(reason.contains("version") && reason.contains("pure") && reason.contains("emits"))
  }

  @Test(
    "that cannot be loaded is disabled", arguments: ["no_entry", "null_entry", "small_descriptor"])
  func broken(name: String) throws {
    try register(name, id: "x")
    #expect(try rig.host().reason("x")?.hasPrefix("E_PLUGIN_") == true)
  }

  @Test("has its life cycle, ended with its host")
  func lifeCycle() throws {
    try register(
      "life_cycle", id: "life-cycle", version: "2.1.0",
      topics: #""error_pattern", "tool_upgrade""#, #", "pure": true"#)
    let host = try rig.host()
    let output = try host.analyze(try id("life-cycle"), try rig.analysis())
    #expect(output.remarks.logs.map(\.message) == ["create", "activate", "analyze"])
  }
}

import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

/// One way to hurt, and the errors that tell of it.
struct Harm: Sendable, CustomTestStringConvertible {
  var name: String
  var codes: Set<String>
  var testDescription: String { name }

  init(_ name: String, _ codes: String...) {
    self.name = name
    self.codes = Set(codes)
  }

  /// What the library fixture does in a call, by the agent's id.
  static let inCalls = [
    Harm("segfault", "E_PLUGIN_CRASHED"), Harm("abort", "E_PLUGIN_CRASHED"),
    Harm("stack", "E_PLUGIN_CRASHED"), Harm("jumps", "E_PLUGIN_CRASHED"),
    Harm("exit", "E_PLUGIN_EXITED"), Harm("exit-3", "E_PLUGIN_EXITED"),
    Harm("loop", "E_PLUGIN_DEADLINE"),
    Harm("sleep", "E_PLUGIN_DEADLINE"), Harm("stops", "E_PLUGIN_DEADLINE"),
    Harm("allocate", "E_PLUGIN_MEMORY", "E_PLUGIN_CRASHED", "E_PLUGIN_DEADLINE"),
    Harm("forks", "E_PLUGIN_DEADLINE", "E_PLUGIN_CRASHED", "E_PLUGIN_MEMORY"),
    Harm("closes", "E_PLUGIN_CLOSED", "E_PLUGIN_EXITED"),
    Harm("output", "E_PLUGIN_CRASHED"),
    Harm("null", "E_PLUGIN_VALUE"), Harm("utf8", "E_PLUGIN_VALUE"),
    Harm("null-title", "E_PLUGIN_VALUE"), Harm("lie", "E_PLUGIN_VALUE"),
    Harm("huge", "E_PLUGIN_VALUE"),
  ]
}

/// `make torture` hurts a hundred times in each way, `make test` a few times.
@Suite("A plugin that hurts") struct ContainmentTests {
  private static let deadlineMilliseconds = 150
  private static let graceMilliseconds = 50
  /// Above deadline and grace; what an answer may take at most.
  private static let answerMax: Duration = .seconds(2)
  private static let repeats = getenv("KAIZEN_HARMS").flatMap { Int(String(cString: $0)) } ?? 2

  private let rig: HostRig

  init() throws {
    rig = try HostRig()
    try rig.libraryBundle("good_analyzer", id: "good")
  }

  private func expectHarmless(
    _ host: ComponentHost, _ component: String, _ harm: Harm
  ) throws {
    let start = Clock.monotonic()
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id(component), try rig.analysis(agent: harm.name))
    }
    let took = Clock.monotonic() - start
    let code = error?.code.rawValue ?? "none"
    #expect(harm.codes.contains(code), "\(error?.description ?? "no error")")
    #expect(error?.message.contains(component) == true)
    #expect(took < .milliseconds(Self.deadlineMilliseconds) + Self.answerMax)
    let sound = try host.analyze(try id("good"), try rig.analysis())
    #expect(sound.opportunities.count == 1)
  }

  @Test("in a call costs that call, within its deadline and 2 s", arguments: Harm.inCalls)
  func calls(harm: Harm) throws {
    try rig.libraryBundle(
      "harm",
      #", "deadline_ms": \#(Self.deadlineMilliseconds), "needs": {"memory_mb": 64, "processes": 16}"#
    )
    let host = try rig.host(grace: .milliseconds(Self.graceMilliseconds))
    for _ in 0..<Self.repeats { try expectHarmless(host, "harm", harm) }
  }

  @Test(
    "says where it was, as far as that has a name",
    arguments: [("loop", "in harm_turns_for_ever+0x"), ("segfault", "in harm.so+0x")])
  func place(how: String, words: String) throws {
    try rig.libraryBundle("harm", #", "deadline_ms": 50"#)
    let host = try rig.host(grace: .milliseconds(50))
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id("harm"), try rig.analysis(agent: how))
    }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("kaizen-worker") == false)
  }

  @Test("by an exception that leaves C++ costs that call")
  func exception() throws {
    let folder = try TemporaryDirectory("kaizen-throws")
    try Files.makeDirectories(rig.folder.path + "/home/plugins/throws", mode: 0o755)
    try Compiler.run(
      ["c++", "-std=c++17"] + Compiler.sharedLibrary
        + ["-o", rig.folder.path + "/home/plugins/throws/throws.so"]
        + ["\(Compiler.packageRoot)/Tests/Fixtures/throws.cpp"], in: folder)
    try rig.folder.write(
      "home/plugins/throws/manifest.json",
      manifestText(
        #""id": "throws", "kind": "analyzer", "version": "1.0.0", "emits": ["error_pattern"], "#
          + #""entry": {"library": "throws.so"}"#))
    let host = try rig.host()
    for _ in 0..<Self.repeats {
      try expectHarmless(host, "throws", Harm("probe", "E_PLUGIN_CRASHED"))
    }
  }

  @Test(
    "before it can be called is disabled with the reason",
    arguments: [
      ("missing_symbol", "nobody_has_this_function"), ("newer_abi", "kz_plugin_entry_v1"),
    ])
  func loading(name: String, word: String) throws {
    try rig.libraryBundle(name, id: name == "missing_symbol" ? "missing-symbol" : name)
    for _ in 0..<Self.repeats {
      let host = try rig.host()
      let status = try #require(host.components().first { $0.name != "good" })
      guard case .disabled(let reason) = status.state else {
        Issue.record("\(name) is ready")
        return
      }
      #expect(reason.contains(word), "\(reason)")
      #expect(try host.analyze(try id("good"), try rig.analysis()).opportunities.count == 1)
    }
  }
}

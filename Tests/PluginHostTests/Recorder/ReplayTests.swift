import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("Running a recorded call again") struct ReplayTests {
  private func refusal(
    _ recorded: RecorderRig, _ number: UInt64, current: Bool = false
  ) -> KaizenError? {
    #expect(throws: KaizenError.self) {
      try recorded.host.replay(number, withCurrent: current)
    }
  }

  @Test("comes to the same answers, with the clock, the random numbers and the reads it had")
  func same() throws {
    let recorded = try RecorderRig(keeping: .all)
    let first = try recorded.analyze("well", window: try RecorderRig.window())
    // The agent goes on.
    try recorded.rig.folder.write("agent/order.txt", "something else")
    let outcome = try recorded.host.replay(1, withCurrent: false)
    #expect(outcome.isSame && outcome.failure == nil, "\(outcome.differences)")
    #expect(outcome.answers == outcome.call.answers && outcome.notes.isEmpty)
    #expect(outcome.lines == ["high error_pattern: a sound title"])
    #expect(outcome.remarks.logs == first.remarks.logs)
    // Nothing is left of it, and it is no call.
    #expect(try Files.names(in: recorded.recorder.folder) == ["inputs", "ring"])
    #expect(try recorded.latest().number == 1)
  }

  @Test(
    "comes to the same crash, missed deadline or failure", arguments: ["crash", "loop", "fail"])
  func sameFailure(order: String) throws {
    let recorded = try RecorderRig()
    let failure = #expect(throws: KaizenError.self) { try recorded.analyze(order) }
    let outcome = try recorded.host.replay(1, withCurrent: false)
    #expect(outcome.isSame, "\(outcome.differences)")
    #expect(outcome.failure?.code == failure?.code)
  }

  @Test("says what differs of a component that is not as pure as it says")
  func cheat() throws {
    let recorded = try RecorderRig(keeping: .all)
    try recorded.analyze("cheat")
    let outcome = try recorded.host.replay(1, withCurrent: false)
    #expect(outcome.differences.map(\.what) == ["answers"])
  }

  @Test("with the version there is now shows whether it is mended")
  func current() throws {
    let recorded = try RecorderRig()
    try recorded.fail("crash")
    // The new version has no such fault: it is given another library by the same name.
    try recorded.rig.fixture("good_analyzer", in: "home/plugins/pure")
    let manifest = manifestText(
      #""id": "good", "kind": "analyzer", "version": "1.0.0", "entry": "#
        + #"{"library": "good_analyzer.so"}, "emits": ["error_pattern"]"#)
    try recorded.rig.folder.write("home/plugins/pure/manifest.json", manifest)
    recorded.host.reload()
    // The old copy is still there, and so it runs.
    #expect(try recorded.host.replay(1, withCurrent: false).isSame)
    #expect(refusal(recorded, 1, current: true)?.code == "E_CALL_VERSION")
    _ = recorded.host.sweep()
    let gone = refusal(recorded, 1)
    #expect(gone?.code == "E_CALL_VERSION" && gone?.hint?.contains("--current") == true)
  }

  @Test("with another config is another version; --current says what came of it")
  func config() throws {
    let recorded = try RecorderRig()
    try recorded.fail("loop")
    try RecorderRig.pureBundle(recorded.rig, #", "deadline_ms": 300, "config": {"a": 1}"#)
    recorded.host.reload()
    let outcome = try recorded.host.replay(1, withCurrent: true)
    #expect(outcome.isSame && outcome.digest != outcome.call.digest)
  }

  @Test("is refused where it cannot mean anything, with the reason and what to do")
  func refused() throws {
    let recorded = try RecorderRig()
    try recorded.rig.libraryBundle("segfault")
    recorded.host.reload()
    #expect(refusal(recorded, 1)?.code == "E_UNKNOWN_CALL")
    try recorded.analyze("well")
    let notKept = refusal(recorded, 1)
    #expect(notKept?.code == "E_CALL_INPUT" && notKept?.hint?.contains("keep_inputs") == true)
    try recorded.fail(try id("segfault"), try recorded.rig.analysis())
    let impure = refusal(recorded, 2)
    #expect(impure?.code == "E_CALL_IMPURE" && impure?.message.contains("segfault 1.0.0") == true)
    try recorded.fail("fail")
    let folder = try #require(recorded.recorder.inputFolder(of: try recorded.latest()))
    FileTree.remove(folder)
    #expect(refusal(recorded, 3)?.code == "E_CALL_INPUT")
  }

  @Test("of a command gives it the same request and files again")
  func command() throws {
    let recorded = try RecorderRig(pure: false)
    try recorded.rig.commandBundle(
      "teller", script: #"read line; echo "$line" >&2; cat a.py >&2; exit 3"#, #", "pure": true"#)
    recorded.host.reload()
    try recorded.fail(try id("teller"), try recorded.rig.analysis(hasFiles: true))
    try recorded.rig.folder.write("agent/a.py", "print('other')\n")
    let outcome = try recorded.host.replay(1, withCurrent: false)
    #expect(outcome.isSame && outcome.failure?.message.contains("print('a')") == true)
  }

  @Test("leaves the component's breaker, its worker and its statistics alone")
  func apart() throws {
    let recorded = try RecorderRig()
    try recorded.fail("crash")
    let before = recorded.host.components().first?.statistics
    for _ in 0..<5 { _ = try recorded.host.replay(1, withCurrent: false) }
    #expect(recorded.host.components().first?.statistics == before)
    #expect(recorded.host.components().first?.state == .ready)
    try recorded.analyze("well")
  }
}

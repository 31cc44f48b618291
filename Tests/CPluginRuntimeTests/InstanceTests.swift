import CKaizenPlugin
import CPluginRuntime
import Glibc
import Linux
import Synchronization
import TestSupport
import Testing

@Suite("A component in process") struct InstanceTests {
  @Test("goes through its life in the contract's order, and through no other")
  func lifeCycle() throws {
    let component = try LoadedComponent(
      "life_cycle", id: "life-cycle", kind: KZ_KIND_ANALYZER, activate: false)
    let early = #expect(throws: Refusal.self) { try component.analyze() }
    #expect(early?.code == KZR_STATE)
    #expect(
      early?.description
        == "component \"life-cycle\": cannot call it while it is created, only while active")
    try component.activate()
    #expect(throws: Refusal.self) { try component.activate() }
    try component.analyze()
    try component.deactivate()
    #expect(throws: Refusal.self) { try component.analyze() }
    try component.activate()
    try component.destroy()
    #expect(
      component.collector.lines.map { $0.dropFirst(6) } == [
        "create", "activate", "analyze", "deactivate", "activate", "deactivate", "destroy",
      ])
  }

  @Test("gives its own reason where create or activate fails")
  func failingCreate() throws {
    let create = #expect(throws: Refusal.self) {
      try LoadedComponent(
        "life_cycle", id: "life-cycle", kind: KZ_KIND_ANALYZER, config: "{\"fail\":\"create\"}")
    }
    #expect(create?.code == KZR_CREATE)
    #expect(
      create?.description == "component \"life-cycle\": create returned NULL: told to")
    let activate = #expect(throws: Refusal.self) {
      try LoadedComponent(
        "life_cycle", id: "life-cycle", kind: KZ_KIND_ANALYZER, config: "{\"fail\":\"activate\"}")
    }
    #expect(activate?.description.hasSuffix("activate failed: no wish to") == true)
  }

  @Test("sees the whole view, and gives the same for the same call")
  func analyzes() throws {
    let component = try LoadedComponent("good_analyzer", id: "good", kind: KZ_KIND_ANALYZER)
    try component.analyze()
    try component.analyze()
    let lines = component.collector.lines
    #expect(lines.count == 6)
    #expect(lines[0] == "log 2 looking" && lines[1] == "progress 0.5")
    #expect(
      lines[2].hasPrefix(
        "error_pattern a sound title 0.5 {\"agent\":\"demo\",\"operations\":40,\"before\":30,"
          + "\"days\":7,\"errors\":1,\"files\":2,\"rows\":3,\"total_ms\":40.0,\"nulls\":1,"
          + "\"now\":1234,\"random\":"))
    #expect(lines[2] == lines[5])
  }

  @Test("scores, and notes what it changed")
  func scoresAndApplies() throws {
    let scorer = try LoadedComponent("good_scorer", id: "good-scorer", kind: KZ_KIND_SCORER)
    try Sample.withTree(files: [lasting("a.py"), lasting("b/c.py")]) { tree in
      try scorer.call { kzr_score($0, tree, $1, $2) }
    }
    #expect(
      scorer.collector.lines
        == ["finding exists a.py:1", "finding exists b/c.py:2", "score maintainability 0.75"])
    let directory = try TemporaryDirectory()
    try directory.write("a.py", "pass\n")
    let applier = try LoadedComponent("good_applier", id: "good-applier", kind: KZ_KIND_APPLIER)
    try Sample.withItem(root: directory.path, files: [lasting("a.py")]) { item in
      try applier.call { kzr_apply($0, item, $1, $2) }
    }
    #expect(applier.collector.lines == ["note changed 1 files for code_smell after []"])
    #expect(try Files.read(directory.path + "/a.py", limit: 99) == Array("pass\n# improved\n".utf8))
  }

  @Test("is not called as another kind than it is")
  func wrongCall() throws {
    let scorer = try LoadedComponent("good_scorer", id: "good-scorer", kind: KZ_KIND_SCORER)
    let refused = #expect(throws: Refusal.self) { try scorer.analyze() }
    #expect(refused?.code == KZR_KIND)
  }

  @Test("is not called twice at once, nor destroyed in a call; stops when asked to")
  func oneCallAtOnce() throws {
    let component = try LoadedComponent(
      "loop_polite", id: "loop-polite", kind: KZ_KIND_ANALYZER)
    var error = kzr_error()
    let control = try #require(kzr_control_create(nil, &error))
    defer { kzr_control_free(control) }
    let gate = Handover(instance: component.instance, control: control)
    let done = Condition(false)
    let collector = component.collector
    let thread = try BlockingThread(name: "second-caller") {
      while !collector.lines.contains("progress 0.0") { sched_yield() }
      gate.tryToIntrude()
      kzr_control_cancel(gate.control, 1)
      done.update { $0 = true }
    }
    let stopped = #expect(throws: Refusal.self) { try component.analyze(control: control) }
    thread.join()
    #expect(stopped?.code == KZR_STOPPED)
    #expect(done.wait(timeout: .zero) { $0 ? true : nil } == true)
    #expect(gate.codes == [KZR_STATE, KZR_STATE])
  }

  @Test("a cancelled call does not stop the next one")
  func cancelIsPast() throws {
    var error = kzr_error()
    let control = try #require(kzr_control_create(nil, &error))
    defer { kzr_control_free(control) }
    kzr_control_cancel(control, 3)
    kzr_control_cancel(control, 2)
    #expect(kzr_control_cancelled(control, 3) && !kzr_control_cancelled(control, 4))
    #expect(!kzr_control_cancelled(nil, 1))
  }
}

/// What a second thread needs of a busy instance.
private final class Handover: @unchecked Sendable {
  // Unchecked: both pointers are to things made for use from several threads, and `results` is
  // read after the thread was joined.
  let instance: OpaquePointer
  let control: OpaquePointer
  private let results = Mutex<[Int]>([])

  init(instance: OpaquePointer, control: OpaquePointer) {
    self.instance = instance
    self.control = control
  }

  var codes: [Int] { results.withLock { $0 } }

  func tryToIntrude() {
    var error = kzr_error()
    var call = kzr_call()
    Sample.withView { _ = kzr_analyze(instance, $0, &call, &error) }
    results.withLock { $0.append(Int(error.code)) }
    _ = kzr_destroy(instance, &error)
    results.withLock { $0.append(Int(error.code)) }
  }
}

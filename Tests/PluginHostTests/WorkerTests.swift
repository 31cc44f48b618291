import JSONStream
import Linux
import Model
import Sandbox
import TestSupport
import Testing

@testable import PluginHost

@Suite("A library in a worker") struct WorkerTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  private func window() throws -> SharedWindow {
    var window = FeedbackWindow()
    window.times = [1, 2]
    window.types = [0, 1]
    window.sources = [0, 0]
    window.scores = [1, 0]
    window.durations = [10, .nan]
    window.memory = [1, 1]
    window.cpu = [1, 1]
    window.errors = [-1, 0]
    window.operations = [1, 2]
    window.generations = [1, 1]
    window.errorTypes = ["timeout"]
    return try SharedWindow(window)
  }

  @Test("analyzes the window and the files it is shown", arguments: [true, false])
  func analyze(hasFiles: Bool) throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    let host = try rig.host()
    let output = try host.analyze(
      try id("good"), try rig.analysis(window: try window(), hasFiles: hasFiles))
    let evidence = try #require(output.opportunities.first?.evidence)
    #expect(output.opportunities.count == 1)
    #expect(evidence["agent"] == "probe")
    #expect(evidence["rows"] == 2)
    #expect(evidence["nulls"] == 1)
    #expect(evidence["total_ms"]?.number == 10)
    #expect(evidence["files"]?.integer == (hasFiles ? 2 : 0))
    #expect(output.remarks.logs == [ComponentLog(level: .info, message: "looking")])
  }

  @Test("changes the clone it is given, and says what it did")
  func apply() throws {
    try rig.libraryBundle("good_applier", id: "good-applier", kind: "applier")
    let host = try rig.host()
    let output = try host.apply(try id("good-applier"), try rig.application(try id("finder")))
    #expect(
      output.remarks.notes == [
        #"changed 2 files for code_smell after [{"note":"before","verdict":"rolled_back"}]"#
      ])
    #expect(try rig.text("a.py") == "print('a')\n# improved\n")
    #expect(try rig.text("lib/b.py") == "b = 1\n# improved\n")
  }

  @Test("scores the files it is shown")
  func score() throws {
    try rig.libraryBundle("good_scorer", id: "good-scorer", kind: "scorer")
    let output = try rig.host().score(try id("good-scorer"), try rig.scoring())
    #expect(output.dimensions == [DimensionScore(dimension: "maintainability", value: 0.75)])
    #expect(output.findings.map(\.file) == ["a.py", "lib/b.py"])
    #expect(output.findings.map(\.line) == [1, 2])
  }

  @Test("is kept for calls without files, and replaced where it has left", arguments: [30_000, 1])
  func kept(idleMilliseconds: Int) throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    let host = try rig.host(idle: .milliseconds(idleMilliseconds))
    for _ in 0..<5 {
      let output = try host.analyze(try id("good"), try rig.analysis())
      #expect(output.opportunities.count == 1)
    }
    #expect(host.components().first?.statistics.callCount == 5)
    #expect(host.components().first?.statistics.failureCount == 0)
  }

  @Test("calls from many threads take turns")
  func threads() throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    let (host, rig, good) = (try rig.host(), rig, try id("good"))
    let found = SharedList<Int>()
    let threads = try (0..<6).map { _ in
      try BlockingThread(name: "caller") {
        // A call that fails shows in the count.
        if let input = try? rig.analysis(),
          let output = try? host.analyze(good, input)
        {
          found.append(output.opportunities.count)
        }
      }
    }
    threads.forEach { $0.join() }
    #expect(found.all == [1, 1, 1, 1, 1, 1])
    #expect(rig.calls.all.count == 6)
    #expect(rig.calls.all.allSatisfy { $0.failure == nil && $0.placement == .worker })
  }

  @Test("that gives its own reason fails with it")
  func reason() throws {
    try rig.libraryBundle("bad_values", id: "bad-values")
    let host = try rig.host()
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id("bad-values"), try rig.analysis(agent: "reason"))
    }
    #expect(error?.code == "E_PLUGIN_FAILED")
    #expect(error?.message.contains("the moon is in the wrong phase") == true)
  }

  @Test(
    "that lies fails, naming the value, and is called again",
    arguments: [
      "null-title", "empty-title", "long-title", "other-type", "infinite-strength",
      "negative-strength", "severity", "null-evidence", "small-size", "flood",
    ])
  func lie(how: String) throws {
    try rig.libraryBundle("bad_values", id: "bad-values")
    let host = try rig.host()
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id("bad-values"), try rig.analysis(agent: how))
    }
    #expect(error?.code == (how == "flood" ? "E_LIMIT" : "E_PLUGIN_VALUE"))
    #expect(error?.message.contains("bad-values") == true)
    let sound = try host.analyze(try id("bad-values"), try rig.analysis(agent: "sound"))
    #expect(sound.opportunities.count == 1)
  }

  @Test("that scores NaN fails")
  func notANumber() throws {
    try rig.libraryBundle("nan_score", id: "nan-score", kind: "scorer")
    let error = #expect(throws: KaizenError.self) {
      try rig.host().score(try id("nan-score"), try rig.scoring())
    }
    #expect(error?.code == "E_PLUGIN_VALUE")
    #expect(error?.message.contains("nan") == true)
  }
}

@Suite("A library that hurts its worker") struct WorkerHarmTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  @Test(
    "costs one call, with an error that says how, and the next has a new worker",
    arguments: [
      ("segfault", "segfault", "E_PLUGIN_CRASHED", "SIGSEGV"),
      ("aborts", "aborts", "E_PLUGIN_CRASHED", "SIGABRT"),
      ("exits", "exits", "E_PLUGIN_EXITED", "status 0"),
      ("garbage", "garbage", "E_PLUGIN_PROTOCOL", "garbage"),
      ("hangs_up", "hangs-up", "E_PLUGIN_EXITED", "during a call"),
    ])
  func harm(name: String, component: String, code: String, how: String) throws {
    try rig.libraryBundle(name, id: component)
    let host = try rig.host()
    #expect(host.reason(component) == nil)
    for _ in 0..<2 {
      let error = #expect(throws: KaizenError.self) {
        try host.analyze(try id(component), try rig.analysis())
      }
      #expect(error?.code.rawValue == code)
      #expect(error?.message.contains("\"\(component)\"") == true)
      #expect(error?.message.contains(how) == true, "\(error?.message ?? "")")
    }
    let status = try #require(host.components().first)
    #expect(status.statistics.callCount == 2)
    #expect(status.statistics.failureCount == 2)
    #expect(status.statistics.lastFailure?.code.rawValue == code)
    #expect(rig.calls.all.map(\.failure?.rawValue) == [code, code])
  }

  @Test("is killed after deadline and grace, and the next call begins at once")
  func deaf() throws {
    try rig.libraryBundle("loop_deaf", id: "loop-deaf", #", "deadline_ms": 50"#)
    let host = try rig.host(grace: .milliseconds(50))
    for _ in 0..<2 {
      let start = Clock.monotonic()
      let error = #expect(throws: KaizenError.self) {
        try host.analyze(try id("loop-deaf"), try rig.analysis())
      }
      #expect(error?.code == "E_PLUGIN_DEADLINE")
      #expect(error?.message.contains("within its 50 ms and ended by SIGKILL, 50 ms") == true)
      #expect(Clock.monotonic() - start < .seconds(5))
    }
  }

  @Test("that listens ends at its deadline and keeps its worker")
  func polite() throws {
    try rig.libraryBundle("loop_polite", id: "loop-polite", #", "deadline_ms": 50"#)
    let host = try rig.host(grace: .seconds(5))
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id("loop-polite"), try rig.analysis())
    }
    #expect(error?.code == "E_PLUGIN_DEADLINE")
    #expect(error?.message.hasSuffix("ended when asked") == true)
  }

  @Test(
    "is ended long before its deadline where its caller wants it no more, and is not blamed",
    arguments: [("loop_deaf", "loop-deaf"), ("loop_polite", "loop-polite")])
  func cancelled(name: String, component: String) throws {
    try rig.libraryBundle(name, id: component, #", "deadline_ms": 60000"#)
    let host = try rig.host(grace: .milliseconds(50))
    let stop = StopToken()
    let thread = try BlockingThread(name: "cancel") {
      let nothing: Void? = Condition(false).wait(timeout: .milliseconds(100)) { $0 ? () : nil }
      _ = nothing
      stop.stop(KaizenError("E_CANCELLED", "enough"))
    }
    let start = Clock.monotonic()
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id(component), try rig.analysis(), stop: stop)
    }
    thread.join()
    #expect(error?.code == "E_CANCELLED")
    #expect(Clock.monotonic() - start < .seconds(5))
    let status = try #require(host.components().first)
    #expect(status.statistics.failureCount == 0)
    #expect(throws: KaizenError.self) {
      try host.analyze(try id(component), try rig.analysis(), stop: stop)
    }
  }

  @Test("that is late but done within the grace has its answer taken")
  func late() throws {
    try rig.libraryBundle("slow", #", "deadline_ms": 20"#)
    let host = try rig.host(grace: .seconds(5))
    let output = try host.analyze(try id("slow"), try rig.analysis())
    #expect(output.opportunities.count == 1)
  }
}

@Suite("A library that does not fit its manifest") struct WorkerLoadTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  private func expectDisabled(
    _ component: String, _ code: String, _ words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let host = try rig.host()
    let reason = host.reason(component) ?? "ready"
    #expect(reason.hasPrefix(code + ": "), "\(reason)", sourceLocation: sourceLocation)
    #expect(!reason.contains("\n"), sourceLocation: sourceLocation)
    for word in words {
      #expect(reason.contains(word), "\(reason)", sourceLocation: sourceLocation)
    }
    let error = #expect(throws: KaizenError.self) {
      try host.analyze(try id(component), try rig.analysis())
    }
    #expect(error?.code == "E_PLUGIN_DISABLED")
    #expect(error?.message.contains(reason) == true)
  }

  @Test("is disabled where there is no such file")
  func missing() throws {
    try rig.folder.write(
      "home/plugins/x/manifest.json",
      manifestText(
        #""id": "x", "kind": "analyzer", "entry": {"library": "gone.so"}, "emits": ["code_smell"]"#
      ))
    try expectDisabled("x", "E_PLUGIN_MISSING", ["gone.so", "\(rig.folder.path)/home/plugins/x"])
  }

  @Test("is disabled where the file is no library")
  func noLibrary() throws {
    try rig.libraryBundle("good_analyzer", id: "good")
    try rig.folder.write("home/plugins/good_analyzer/good_analyzer.so", "text")
    try expectDisabled("good", "E_PLUGIN_NOT_A_LIBRARY", ["good_analyzer.so"])
  }

  @Test("is disabled without the entry symbol")
  func noEntry() throws {
    try rig.libraryBundle("no_entry")
    try expectDisabled("no_entry", "E_PLUGIN_ENTRY", ["kz_plugin_entry_v1"])
  }

  @Test("is disabled where the entry gives NULL")
  func null() throws {
    try rig.libraryBundle("null_entry")
    try expectDisabled("null_entry", "E_PLUGIN_EMPTY", ["null_entry.so"])
  }

  @Test("is disabled where it calls itself otherwise")
  func otherID() throws {
    try rig.libraryBundle("other_id")
    try expectDisabled("other_id", "E_PLUGIN_COMPONENT", ["other_id", "somebody-else"])
  }

  @Test("is disabled where it is of another kind")
  func kind() throws {
    try rig.libraryBundle("good_applier", id: "good-applier")
    try expectDisabled("good-applier", "E_PLUGIN_KIND", ["applier", "analyzer"])
  }

  @Test("is disabled with every difference named")
  func differences() throws {
    try rig.libraryBundle("life_cycle", id: "life-cycle")
    try expectDisabled(
      "life-cycle", "E_PLUGIN_MISMATCH",
      [
        #"version: "1.0.0" in the manifest, "2.1.0" in the library"#,
        "pure: false in the manifest, true in the library",
        "emits: error_pattern in the manifest, error_pattern, tool_upgrade in the library",
      ])
  }

  @Test("is disabled where it cannot be made", arguments: ["create", "activate"])
  func fails(step: String) throws {
    try rig.libraryBundle(
      "life_cycle", id: "life-cycle", version: "2.1.0",
      topics: #""tool_upgrade", "error_pattern""#,
      #", "pure": true, "config": {"fail": "\#(step)"}"#)
    try expectDisabled(
      "life-cycle", "E_PLUGIN_CREATE", [step == "create" ? "told to" : "no wish to"])
  }

  @Test("is disabled where a pin does not hold")
  func pin() throws {
    let digest = String(repeating: "0", count: 64)
    try rig.libraryBundle(
      "good_analyzer", id: "good", #", "sha256": {"good_analyzer.so": "\#(digest)"}"#)
    try expectDisabled("good", "E_PLUGIN_PIN", ["good_analyzer.so: expected SHA-256 000000000000…"])
  }
}

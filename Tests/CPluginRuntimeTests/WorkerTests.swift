import CKaizenPlugin
import CPluginRuntime
import Glibc
import Linux
import TestSupport
import Testing

@Suite("A component in its worker") struct WorkerTests {
  @Test("analyzes with a window, as it does in process")
  func analyzes() throws {
    let worker = try Worker()
    #expect(try worker.load("good_analyzer", id: "good") == "ready good 1.0.0 1 0 error_pattern")
    let window = try Sample.withColumns { columns in
      var error = kzr_error()
      let raw = kzw_window_create(columns.baseAddress, UInt32(columns.count), &error)
      if raw < 0 { throw Refusal(error) }
      return Held(raw)
    }
    try worker.analyze(1, window: window.raw)
    let events = try worker.channel.events()
    #expect(events.count == 4)
    #expect(events[0] == "1 log 2 looking" && events[1] == "1 progress 0.5")
    #expect(events[2].contains("\"rows\":3,\"total_ms\":40.0,\"nulls\":1,\"now\":17000000000000"))
    #expect(events[3] == "1 done 0 ")
    try worker.channel.send { kzw_send_quit($0, $1) }
    #expect(try worker.end() == .exited(0))
  }

  @Test("scores and applies")
  func scoresAndApplies() throws {
    let scorer = try Worker()
    #expect(
      try scorer.load("good_scorer", id: "good-scorer", kind: KZ_KIND_SCORER)?.hasPrefix("ready")
        == true)
    try Sample.withTree(files: [lasting("a.py")]) { tree in
      try scorer.channel.send { kzw_send_score($0, 5, 0, tree, $1) }
    }
    #expect(
      try scorer.channel.events()
        == ["5 finding a.py", "5 score maintainability 0.75", "5 done 0 "])
    let applier = try Worker()
    try applier.directory.write("a.py", "pass\n")
    _ = try applier.load("good_applier", id: "good-applier", kind: KZ_KIND_APPLIER)
    try Sample.withItem(
      root: applier.directory.path, files: [lasting("a.py")]
    ) { item in
      try applier.channel.send { kzw_send_apply($0, 1, 0, item, $1) }
    }
    #expect(
      try applier.channel.events()
        == ["1 note changed 1 files for code_smell after []", "1 done 0 "])
  }

  @Test("answers calls that wait in the socket, in order")
  func pipelined() throws {
    let worker = try Worker()
    _ = try worker.load("bad_values", id: "bad-values")
    for call in 1...20 { try worker.analyze(UInt64(call), agent: "sound") }
    for call in 1...20 {
      #expect(try worker.channel.events().last == "\(call) done 0 ")
    }
  }

  @Test("goes on after a call that failed by its value or its word")
  func failedCall() throws {
    let worker = try Worker()
    _ = try worker.load("bad_values", id: "bad-values")
    try worker.analyze(1, agent: "infinite-strength")
    #expect(
      try worker.channel.events() == [
        "1 done \(KZR_VALUE) component \"bad-values\": an opportunity's strength is inf, "
          + "expected a number in [0,1]"
      ])
    try worker.analyze(2, agent: "reason")
    #expect(try worker.channel.event()?.hasPrefix("2 done \(KZR_FAILED) ") == true)
    try worker.analyze(3, agent: "sound")
    #expect(try worker.channel.events().last == "3 done 0 ")
  }

  @Test("is stopped by the control page, and takes the next call")
  func cancelled() throws {
    let worker = try Worker()
    _ = try worker.load("loop_polite", id: "loop-polite")
    try worker.analyze(1)
    #expect(try worker.channel.event() == "1 progress 0.0")
    kzr_control_cancel(worker.control, 1)
    #expect(try worker.channel.event()?.hasPrefix("1 done \(KZR_STOPPED) ") == true)
    try worker.analyze(2)
    #expect(try worker.channel.event() == "2 progress 0.0")
    kzr_control_cancel(worker.control, 2)
    #expect(try worker.channel.event()?.hasPrefix("2 done \(KZR_STOPPED) ") == true)
  }

  @Test(
    "that ends the process is the end of the socket, with the cause in the wait status",
    arguments: [
      ("segfault", "segfault", ChildExit.Status.signaled(SIGSEGV)),
      ("aborts", "aborts", .signaled(SIGABRT)), ("exits", "exits", .exited(0)),
    ])
  func crashes(fixture: String, id: String, status: ChildExit.Status) throws {
    let worker = try Worker()
    _ = try worker.load(fixture, id: id)
    try worker.analyze(1)
    #expect(try worker.channel.event() == nil)
    #expect(try worker.end() == status)
  }

  @Test("a slow one answers late, but answers")
  func slow() throws {
    let worker = try Worker()
    _ = try worker.load("slow", id: "slow")
    try worker.analyze(1)
    #expect(try worker.channel.event() == "1 progress 0.0")
    kzr_control_cancel(worker.control, 1)
    #expect(try worker.channel.events().last == "1 done 0 ")
  }

  @Test("in an endless loop does not outlive the daemon's end of the socket")
  func endless() throws {
    let worker = try Worker()
    _ = try worker.load("loop_deaf", id: "loop-deaf")
    try worker.analyze(1)
    #expect(try worker.channel.event() == "1 progress 0.0")
    #expect(shutdown(worker.channel.socket.raw, Int32(SHUT_RDWR)) == 0)
    #expect(try worker.end() == .exited(0))
  }

  @Test("leaves after its idle time, saying so")
  func idle() throws {
    let worker = try Worker(idleMilliseconds: 20)
    let answer = try worker.load("life_cycle", id: "life-cycle")
    #expect(answer == "ready life-cycle 2.1.0 1 1 error_pattern,tool_upgrade")
    #expect(try worker.channel.event() == "quit")
    #expect(try worker.channel.event() == "0 log 1 deactivate")
    #expect(try worker.channel.event() == "0 log 1 destroy")
    #expect(try worker.channel.event() == nil)
    #expect(try worker.end() == .exited(0))
  }

  @Test("leaves when nobody speaks any more")
  func end() throws {
    let worker = try Worker()
    _ = try worker.load("good_analyzer", id: "good")
    #expect(shutdown(worker.channel.socket.raw, Int32(SHUT_WR)) == 0)
    #expect(try worker.end() == .exited(0))
  }

  @Test(
    "that cannot be loaded says why",
    arguments: [
      ("no_entry", "x", KZR_ENTRY), ("null_entry", "x", KZR_EMPTY), ("newer_abi", "x", KZR_ENTRY),
      ("other_id", "good", KZR_COMPONENT), ("good_scorer", "good-scorer", KZR_KIND),
      ("no_interface", "no-interface", KZR_INTERFACE),
      ("small_descriptor", "x", KZR_DESCRIPTOR),
    ])
  func notLoaded(fixture: String, id: String, code: Int) throws {
    let worker = try Worker()
    #expect(try worker.load(fixture, id: id)?.hasPrefix("0 done \(code) ") == true)
    #expect(try worker.end() == .exited(1))
  }

  @Test("a missing library and a failing create are told apart")
  func missing() throws {
    let worker = try Worker()
    let answer = try worker.load(path: "/nowhere/x.so", id: "x", kind: 1, config: "{}")
    #expect(answer == "0 done \(KZR_FILE) /nowhere/x.so: No such file or directory")
    let failing = try Worker()
    let reason = try failing.load(
      "life_cycle", id: "life-cycle", config: "{\"fail\":\"create\"}")
    #expect(
      reason
        == "0 done \(KZR_CREATE) component \"life-cycle\": create returned NULL: told to")
  }

  @Test("a malformed message is answered by why, and ends it")
  func malformed() throws {
    let early = try Worker()
    try early.analyze(1)
    #expect(try early.channel.event()?.hasPrefix("0 done \(KZR_PROTOCOL) ") == true)
    #expect(try early.end() == .exited(2))
    let short = try Worker()
    _ = try short.load("good_analyzer", id: "good")
    #expect(send(short.channel.socket.raw, "abc", 3, 0) == 3)
    #expect(try short.channel.event()?.hasPrefix("0 done \(KZR_PROTOCOL) ") == true)
    #expect(try short.end() == .exited(2))
  }

  @Test("the program without its descriptors says who starts it")
  func byHand() throws {
    let child = try ChildProcess(
      ChildCommand(words: [try BuildProducts.path("kaizen-worker")], descriptors: [:]))
    #expect(try child.wait(timeout: .seconds(10))?.status == .exited(2))
  }

  @Test("stays small: beside the libraries it shares, what plugin and messages need")
  func memory() throws {
    let worker = try Worker()
    _ = try worker.load("good_analyzer", id: "good")
    try worker.analyze(1)
    _ = try worker.channel.events()
    // Not ru_maxrss: that of a child begins with its parent's, getrusage(2) says nothing of it.
    let status = try Files.read("/proc/\(worker.process.pid)/status", limit: 1 << 16)
    let peak = String(decoding: status, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix("VmHWM:") }
    let kibibytes = peak?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    #expect(try #require(kibibytes.flatMap { Int($0) }) < 4096)
  }
}

import Glibc
import JSONStream
import Linux
import Model
import TestSupport
import Testing

@Suite("Verifying a plugin") struct VerifyPluginTests {
  private let folder: TemporaryDirectory
  init() throws { folder = try TemporaryDirectory("kaizen-verify") }

  private func verify(_ words: String...) throws -> Kaizen.Result {
    try Kaizen.run(
      ["plugins", "verify", "probe", "--calls", "400"] + words, in: folder,
      workingDirectory: folder.path)
  }

  /// The rules of all findings of an answer.
  private func rules(_ result: Kaizen.Result) -> [String] {
    result.json?["findings"]?.array?.compactMap { $0["rule"]?.string } ?? []
  }

  /// Every finding says how much it matters, what it is and what to change.
  private func expectWhole(_ result: Kaizen.Result) {
    for finding in result.json?["findings"]?.array ?? [] {
      #expect(["error", "warning"].contains(finding["severity"]?.string))
      #expect(finding["found"]?.string?.isEmpty == false)
      #expect(finding["fix"]?.string?.isEmpty == false)
    }
  }

  private func manifest(_ members: String) throws {
    try folder.write(
      "probe/manifest.json",
      #"{"manifest": 1, "name": "probe", "version": "1.0.0", "components": [{\#(members)}]}"#)
  }

  /// A bundle of the fixture `name`, its library compiled with `flags`.
  private func fixture(
    _ name: String, id: String, kind: String = "analyzer", topic: String = "error_pattern",
    more: String = "", flags: [String] = []
  ) throws {
    let key = ["analyzer": "emits", "applier": "handles", "scorer": "dimensions"][kind] ?? ""
    try manifest(
      #""id": "\#(id)", "kind": "\#(kind)", "entry": {"library": "lib.so"}, "#
        + #""deadline_ms": 1000, "\#(key)": ["\#(topic)"]\#(more)"#)
    try Compiler.run(
      ["cc", "-std=gnu17"] + Compiler.sharedLibrary
        + ["-o", folder.path + "/probe/lib.so"]
        + ["\(Compiler.packageRoot)/Tests/Fixtures/\(name).c"] + flags, in: folder)
  }

  // MARK: - What runs

  @Test(
    "finds out each rule that a library breaks while it runs",
    arguments: [
      ("LEAKS", ["leak.memory"]), ("LEAKS_INSTANCES", ["leak.instance"]),
      ("LEAKS_DESCRIPTORS", ["leak.descriptors"]), ("LEAKS_THREADS", ["leak.threads"]),
      ("IGNORES_SIZE", ["host.older"]), ("READS_TO_NUL", ["host.older"]),
      ("WANTS_OWN_SIZE", ["host.newer"]), ("COUNTS_COLUMNS", ["host.newer"]),
      ("FALLS_OVER_STOP", ["cancel.crash"]), ("NEVER_STOPS", ["cancel.ignored"]),
      ("FAILS_ON_STOP", ["cancel.status"]), ("TIRED_BY_STOP", ["cancel.after"]),
      ("FALLS_OVER_NO", ["refusal.crash"]), ("KNOWS_ALL", ["interface.unknown"]),
      ("LIES_ABOUT_PURE", ["pure.differs"]), ("LIVES_ONCE", ["lifecycle.order"]),
      ("NEEDS_EXTENSION", ["call.crash"]), ("TIRES", ["calls.differ"]),
      ("NEW_DESCRIPTORS", ["lifecycle.entry"]), ("BAD_STATUS", ["call.failed"]),
      ("LEAVES", ["lifecycle.order"]),
      (
        "FLOODS",
        [
          "lifecycle.order", "host.older", "host.newer", "cancel.crash", "refusal.crash",
          "calls.crash",
        ]
      ),
    ])
  func unruly(fault: String, expected: [String]) throws {
    try fixture("unruly", id: "unruly", more: #", "pure": true"#, flags: ["-DFAULT=\(fault)"])
    let result = try verify("--json", "--seed", "11")
    #expect(result.status == .exited(1), "\(result.output)\(result.errors)")
    #expect(rules(result) == expected, "\(result.output)")
    expectWhole(result)
  }

  @Test("has nothing to say against one that keeps all rules")
  func sound() throws {
    try fixture("unruly", id: "unruly", more: #", "pure": true"#)
    let result = try verify("--seed", "11")
    #expect(result.status == .exited(0), "\(result.output)\(result.errors)")
    #expect(result.output.hasSuffix("probe passes\n"))
    #expect(result.output.contains("ok       unruly: asked to stop at each of "))
    #expect(result.output.contains("ok       unruly: 400 calls: "))
    #expect(result.errors == "", "what takes less than a second says nothing of its progress")
  }

  @Test(
    "finds out what harms a process",
    arguments: [
      ("segfault", "segfault", "call.crash"), ("exits", "exits", "call.process"),
      ("loop-deaf", "loop_deaf", "call.deadline"),
      ("hangs-up", "hangs_up", "call.process"), ("garbage", "garbage", "call.protocol"),
      ("aborts", "aborts", "call.crash"),
    ])
  func harm(id: String, file: String, rule: String) throws {
    try fixture(file, id: id)
    let result = try verify("--json")
    #expect(result.status == .exited(1), "\(result.output)\(result.errors)")
    #expect(rules(result) == [rule], "\(result.output)")
    expectWhole(result)
  }

  @Test("names a value that is none")
  func value() throws {
    try fixture("nan_score", id: "nan-score", kind: "scorer", topic: "maintainability")
    let result = try verify("--json")
    #expect(rules(result) == ["call.value"], "\(result.output)")
    #expect(result.output.contains("the score of \\\"maintainability\\\" is nan"))
  }

  // MARK: - What is said

  @Test("names each difference between library and manifest at once")
  func agreement() throws {
    try fixture("unruly", id: "unruly", topic: "code_smell")
    let result = try verify("--json")
    #expect(rules(result) == ["manifest.agreement"], "\(result.output)")
    #expect(result.output.contains("emits: code_smell in the manifest, error_pattern in the lib"))
    #expect(result.output.contains("pure: false in the manifest, true in the library"))
  }

  @Test(
    "names what is wrong with descriptors and interfaces",
    arguments: [
      ("other_id", "descriptor"), ("null_entry", "descriptor"),
      ("small_descriptor", "descriptor"), ("no_interface", "interface"),
    ])
  func descriptors(name: String, rule: String) throws {
    try fixture(name, id: name == "no_interface" ? "no-interface" : "probe")
    let result = try verify("--json")
    #expect(rules(result) == [rule], "\(result.output)")
    expectWhole(result)
  }

  @Test("names what is wrong with the manifest itself")
  func unreadable() throws {
    try folder.write("probe/manifest.json", #"{"manifest": 1, "components": [{"id": "probe"}]}"#)
    let result = try verify()
    #expect(result.status == .exited(1))
    #expect(result.output.contains("error    manifest"))
    #expect(result.output.hasSuffix("probe fails: 1 error\n"))
  }

  // MARK: - Before anything runs

  @Test(
    "names a library's fault before any of it runs",
    arguments: [
      ("newer_abi", "library.entry"), ("no_entry", "library.entry"),
      ("missing_symbol", "library.symbols"),
    ])
  func library(name: String, rule: String) throws {
    try fixture(name, id: name)
    let result = try verify("--json")
    #expect(result.status == .exited(1))
    #expect(rules(result) == [rule], "\(result.output)")
    #expect(result.json?["passed"] == [])
    expectWhole(result)
  }

  @Test("shows on stderr what it is at where it takes longer than a second")
  func progress() throws {
    try command("sleep 0.4\n", kind: "scorer", #""dimensions": ["security"]"#)
    let result = try verify("--json")
    #expect(result.status == .exited(0), "\(result.output)")
    #expect(result.errors.contains("probe: random input "))
  }

  @Test("names folders that others do not have")
  func runPath() throws {
    try fixture(
      "unruly", id: "unruly", more: #", "pure": true"#, flags: ["-Wl,-rpath,/srv/lib"])
    let result = try verify()
    #expect(result.status == .exited(1), "\(result.output)")
    #expect(result.output.contains("warning  library.rpath"))
    #expect(result.output.contains("/srv/lib"))
    #expect(result.output.hasSuffix("probe fails: 1 warning\n"))
  }

  // MARK: - Commands, functions and appliers

  /// A command whose program is the shell script `script`.
  private func command(_ script: String, kind: String, _ members: String) throws {
    try manifest(
      #""id": "probe", "kind": "\#(kind)", "deadline_ms": 1000, "#
        + #""entry": {"command": ["./run"]}, \#(members)"#)
    try folder.write("probe/run", "#!/bin/sh\n" + script, mode: 0o755)
  }

  @Test(
    "calls commands as libraries",
    arguments: [
      ("exit 3\n", "call.failed"), ("echo not JSON\n", "call.protocol"),
      ("sleep 9\n", "call.deadline"),
      ("kill -SEGV $$\n", "call.crash"),
      (#"echo '{"score":{"dimension":"security","value":7}}'"# + "\n", "call.value"),
    ])
  func commands(script: String, rule: String) throws {
    try command(script, kind: "scorer", #""dimensions": ["security"]"#)
    let result = try verify("--json")
    #expect(result.status == .exited(1))
    #expect(rules(result) == [rule], "\(result.output)")
    expectWhole(result)
  }

  @Test("finds out an applier that writes what it may not")
  func writes() throws {
    try command(
      "touch stray.txt\n", kind: "applier",
      #""handles": ["code_smell"], "needs": {"write": ["**/*.py"]}"#)
    let result = try verify("--json")
    #expect(rules(result) == ["applier.writes"], "\(result.output)")
    #expect(result.output.contains("changed stray.txt"))
    expectWhole(result)
  }

  @Test("takes an applier's no for an answer, unless it was given what it wants")
  func evidence() throws {
    try command(
      "grep -q '\"rule\":\"tabs\"' || { echo no rule >&2; exit 1; }\n", kind: "applier",
      #""handles": ["code_smell"], "needs": {"write": ["**"]}"#)
    let refused = try verify("--json")
    #expect(refused.status == .exited(0), "\(refused.output)")
    #expect(rules(refused) == ["applier.evidence"], "\(refused.output)")
    let given = try verify("--json", "--evidence", #"{"rule": "tabs"}"#)
    #expect(rules(given) == [], "\(given.output)")
    let wrong = try verify("--json", "--evidence", #"{"rule": "blanks"}"#)
    #expect(wrong.status == .exited(1))
    #expect(rules(wrong) == ["call.failed"], "\(wrong.output)")
  }

  @Test("a program that is not here could not be called")
  func program() throws {
    try manifest(
      #""id": "probe", "kind": "scorer", "entry": {"command": ["no-such-linter"]}, "#
        + #""dimensions": ["security"]"#)
    let result = try verify("--json")
    #expect(result.status == .exited(1))
    #expect(rules(result) == ["program"], "\(result.output)")
    expectWhole(result)
  }

  @Test("calls a function on what it takes, and finds out a wrong signature")
  func function() throws {
    func function(_ symbol: String, _ signature: String) throws {
      try manifest(
        #""id": "probe", "kind": "scorer", "entry": {"function": {"library": "libz.so.1", "#
          + #""symbol": "\#(symbol)", "signature": "\#(signature)"}}, "input": "files", "#
          + #""output": {"dimension": "documentation"}"#)
    }
    try function("crc32", "u64(u64=0, bytes:u32)")
    #expect(try verify().status == .exited(0))
    try function("crc33", "u64(u64=0, bytes:u32)")
    #expect(rules(try verify("--json")) == ["function"])
    try function("crc32", "u64(bytes:u32, u64=1)")
    let result = try verify("--json")
    #expect(rules(result) == ["call.crash"], "\(result.output)")
  }
}

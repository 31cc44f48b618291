import Glibc
import Linux
import Model
import Testing

@testable import Workspace

@Suite("Differences in lines") struct LineDiffTests {
  /// Lists of lines from a small alphabet, the same for every run.
  private func lists(seed: UInt64) -> (old: [ArraySlice<UInt8>], new: [ArraySlice<UInt8>]) {
    var state = seed
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    func line() -> ArraySlice<UInt8> { [UInt8(97 + next(4)), 10] }
    let old = (0..<next(40)).map { _ in line() }
    var new = old
    for _ in 0..<next(8) {
      if new.isEmpty || next(2) == 0 {
        new.insert(line(), at: next(new.count + 1))
      } else {
        new.remove(at: next(new.count))
      }
    }
    return (old, new)
  }

  @Test("lead from the old text to the new, and are never more than needed", arguments: 0..<300)
  func applies(seed: Int) {
    let (old, new) = lists(seed: UInt64(seed))
    let hunks = LineDiff(old, new).hunks
    var made: [ArraySlice<UInt8>] = []
    var position = 0
    for hunk in hunks {
      made += old[position..<hunk.old.lowerBound]
      #expect(made.count == hunk.new.lowerBound)
      made += new[hunk.new]
      position = hunk.old.upperBound
    }
    made += old[position...]
    #expect(made == new)
    let edits = hunks.reduce(0) { $0 + $1.old.count + $1.new.count }
    #expect(edits == old.count + new.count - 2 * longestCommon(old, new))
  }

  /// The length of the longest common subsequence, the slow and certain way.
  private func longestCommon(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> Int {
    var row = [Int](repeating: 0, count: new.count + 1)
    for left in old {
      var before = 0
      for (index, right) in new.enumerated() {
        let above = row[index + 1]
        row[index + 1] = left == right ? before + 1 : max(above, row[index])
        before = above
      }
    }
    return row[new.count]
  }

  @Test("beyond the limit of edits count as one, and still lead to the new text")
  func limit() {
    let old = (0..<3000).map { Array("old \($0)\n".utf8)[...] }
    let new = (0..<3000).map { Array("new \($0)\n".utf8)[...] }
    #expect(LineDiff(old, new).hunks == [LineDiff.Hunk(old: 0..<3000, new: 0..<3000)])
  }

  @Test("are written as patch reads them")
  func unified() {
    let old = UnifiedText.lines(Array("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n".utf8))
    let new = UnifiedText.lines(Array("a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl".utf8))
    var text = UnifiedText(byteCountMax: 10_000)
    text.add(LineDiff(old, new).hunks, old: old, new: new)
    #expect(
      String(decoding: text.bytes, as: UTF8.self) == """
        @@ -1,5 +1,5 @@
         a
        -b
        +B
         c
         d
         e
        @@ -9,3 +9,4 @@
         i
         j
         k
        +l
        \\ No newline at end of file

        """)
  }
}

@Suite("What a change did") struct TreeDiffTests {
  @Test("is computed from the files: added, removed, changed, and other permissions")
  func kinds() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let stage = try agent.store.clone(try agent.store.base())
    try agent.write("agent.py", "import config\nprint('two')\nprint('three')\n", in: stage.path)
    try agent.write("lib/new.py", "x = 1\n", in: stage.path)
    #expect(unlink(stage.path + "/tools/search.py") == 0)
    #expect(chmod(stage.path + "/config.json", 0o600) == 0)
    let diff = try agent.store.diff(stage, try agent.store.seal(stage))
    #expect(
      diff.changes.map { "\($0.kind.rawValue) \($0.path)" } == [
        "changed agent.py", "mode_changed config.json", "added lib", "added lib/new.py",
        "removed tools/search.py",
      ])
    let changed = try #require(diff.changes.first)
    #expect(changed.addedLineCount == 2 && changed.removedLineCount == 1)
    #expect(changed.touchedLines == [2...3])
    #expect(diff.lineCount == 3 + 1 + 2)
    #expect(diff.text.contains("--- a/agent.py\n+++ b/agent.py\n@@ -1,2 +1,3 @@"))
    #expect(diff.text.contains("--- /dev/null\n+++ b/lib/new.py\n@@ -0,0 +1 @@\n+x = 1"))
    #expect(diff.text.contains("mode of config.json from 644 to 600"))
    #expect(diff.hazards == [])
    #expect(diff.json["changes"]?.array?.count == 5)
  }

  @Test("names binary files without showing them, and ends where its limit is")
  func limits() throws {
    let agent = try AgentFixture()
    try agent.attach()
    let stage = try agent.store.clone(try agent.store.base())
    try agent.write("data.bin", "a\0b", in: stage.path)
    let long = (0..<40_000).map { "line \($0)\n" }.joined()
    try agent.write("long.txt", long, in: stage.path)
    let diff = try agent.store.diff(stage, try agent.store.seal(stage))
    #expect(diff.changes.map(\.isBinary) == [true, false])
    #expect(diff.text.contains("Binary file data.bin differs"))
    #expect(diff.isTruncated)
    #expect(diff.text.utf8.count <= TreeDiff.textByteCountMax)
    #expect(diff.changes.last?.addedLineCount == 40_000)
  }

  @Test(
    "a link out of the folder is seen, however it is dressed",
    arguments: [
      "/etc/passwd", "../outside", "tools/../../x", "here/..", "..", "tools/../..", "sub/../x",
    ])
  func escapes(target: String) throws {
    let agent = try AgentFixture()
    try agent.attach()
    let stage = try agent.store.clone(try agent.store.base())
    #expect(symlink(".", stage.path + "/here") == 0)
    #expect(symlink(target, stage.path + "/link") == 0)
    let diff = try agent.store.diff(stage, try agent.store.seal(stage))
    #expect(diff.hazards.map(\.path.text) == ["link"])
  }

  @Test("a link within the folder is not", arguments: ["agent.py", "../agent.py", "none", "."])
  func stays(target: String) throws {
    let agent = try AgentFixture()
    try agent.attach()
    let stage = try agent.store.clone(try agent.store.base())
    #expect(symlink(target, stage.path + "/tools/link") == 0)
    #expect(try agent.store.diff(stage, try agent.store.seal(stage)).hazards == [])
  }

  @Test("between two generations is there as long as their files are")
  func generations() throws {
    let agent = try AgentFixture()
    try agent.attach()
    try agent.keep(retries: 2)
    let (one, two) = (GenerationNumber(1), GenerationNumber(2))
    #expect(try agent.store.diff(from: one, to: two).changes.map(\.path.text) == ["config.json"])
    let three = try agent.keep(retries: 3)
    _ = try agent.store.collect(RetentionPolicy(treeCountMax: 1))
    #expect(try agent.store.diff(from: two, to: three).lineCount == 2)
    #expect(
      code { _ = try agent.store.diff(from: one, to: two) } == "E_GENERATION_UNKNOWN")
  }
}

@Suite("Rules for changes") struct ChangeRulesTests {
  private func refused(
    allowed: [String] = ["**/*.py", "config.json"], lines: Int = 100, protected: [String] = [],
    test: [String] = [], command: String = "test",
    _ change: (AgentFixture, String) throws -> Void
  ) throws -> String? {
    let agent = try AgentFixture()
    try agent.attach()
    let stage = try agent.store.clone(try agent.store.base())
    try change(agent, stage.path)
    let diff = try agent.store.diff(stage, try agent.store.seal(stage))
    var members: [String: JSONValue] = [
      "id": "unit", "protected": .array(protected.map { .string($0) }),
    ]
    if !test.isEmpty {
      members[command] = .object(["command": .array(test.map { .string($0) })])
    }
    let read = AgentDescriptor.read(.object(members), file: "agent.json")
    let descriptor = try #require(read.descriptor)
    do throws(KaizenError) {
      try ChangeRules(
        descriptor: descriptor, allowed: allowed, lineCountMax: lines, fileCountMax: 3,
        byteCountMax: 1000
      ).check(diff)
      return nil
    } catch { return "\(error.code.rawValue) \(error.message)" }
  }

  @Test("what is allowed passes")
  func allowed() throws {
    #expect(try refused { try $0.write("lib/a.py", "x", in: $1) } == nil)
    #expect(try refused { try $0.write("config.json", "{}", in: $1) } == nil)
  }

  @Test("nothing changed is no change, even where every file was written again")
  func nothing() throws {
    let message = try refused { agent, stage in
      for (name, text) in AgentFixture.files { try agent.write(name, text, in: stage) }
    }
    #expect(message?.hasPrefix("E_NO_CHANGE") == true)
  }

  @Test("each refusal names the file and the rule")
  func refusals() throws {
    let other = try refused { try $0.write("data.txt", "x", in: $1) }
    #expect(other?.contains("\"data.txt\" may not be added: only \"**/*.py\"") == true)
    let control = try refused(allowed: ["**"]) { try $0.write("a\u{1B}[2K.py", "x", in: $1) }
    #expect(control?.contains("has a control character in its name") == true)
    let tests = try refused { try $0.write("tests/test_agent.py", "pass", in: $1) }
    #expect(tests?.contains("\"tests/test_agent.py\" is protected (\"**/tests/**\")") == true)
    let descriptor = try refused(allowed: ["**"]) { try $0.write("agent.json", "{}", in: $1) }
    #expect(descriptor?.contains("\"agent.json\" is protected") == true)
    let own = try refused(protected: ["tools"]) { try $0.write("tools/search.py", "", in: $1) }
    #expect(own?.contains("\"tools/search.py\" is protected (\"tools\")") == true)
    let judge = try refused(test: ["python3", "agent.py"]) { try $0.write("agent.py", "", in: $1) }
    #expect(judge?.contains("\"agent.py\" is protected") == true)
    for command in ["health", "reload"] {
      let own = try refused(test: ["sh", "./agent.py"], command: command) {
        try $0.write("agent.py", "", in: $1)
      }
      #expect(own?.contains("\"agent.py\" is protected") == true, "\(command)")
    }
    let gone = try refused { _, stage in #expect(unlink(stage + "/tests/test_agent.py") == 0) }
    #expect(gone?.contains("\"tests/test_agent.py\" is protected") == true)
    let mode = try refused(allowed: []) { _, stage in
      #expect(chmod(stage + "/agent.py", 0o777) == 0)
    }
    #expect(mode?.contains("may not be given other permissions: only nothing may") == true)
  }

  @Test("more files, bytes or lines than the limits is refused, and says how many")
  func limits() throws {
    let files = try refused { agent, stage in
      for index in 0..<4 { try agent.write("f\(index).py", "x", in: stage) }
    }
    #expect(files?.contains("change 4 files, at most 3 may") == true)
    let bytes = try refused {
      try $0.write("a.py", String(repeating: "x", count: 1001), in: $1)
    }
    #expect(bytes?.contains("1001 bytes, at most 1000 may") == true)
    let lines = try refused(lines: 2) { try $0.write("a.py", "1\n2\n3\n", in: $1) }
    #expect(lines?.contains("3 lines, at most 2 may") == true)
  }
}

import Glibc
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("The inputs of failed calls") struct KeptInputTests {
  private func inputs(_ recorded: RecorderRig) throws -> [String] {
    try Files.names(in: recorded.recorder.folder + "/inputs")
  }

  @Test("are as many as may be, the oldest going first")
  func bounded() throws {
    let recorded = try RecorderRig(bounds: .init(count: 2, totalBytes: 1 << 20))
    for number in 1...4 { try recorded.fail("fail \(number)") }
    let folder = recorded.recorder.folder + "/inputs"
    #expect(try KeptInput.all(in: folder).map(\.number) == [3, 4])
    let first = try #require(recorded.recorder.record(1))
    #expect(first.kept == .under(1) && recorded.recorder.inputFolder(of: first) == nil)
  }

  @Test("take as many bytes as may be, all together and each")
  func bytes() throws {
    let recorded = try RecorderRig(
      bounds: .init(count: 9, totalBytes: 100_000, inputBytes: 60_000))
    for number in 1...3 {
      try recorded.fail("fail \(number) " + String(repeating: "x", count: 40_000))
    }
    #expect(try inputs(recorded).count == 2)
    try recorded.fail("fail " + String(repeating: "x", count: 70_000))
    guard case .failed(let reason) = try recorded.latest().kept else {
      Issue.record("kept")
      return
    }
    #expect(reason.contains("more than"), "\(reason)")
    #expect(try inputs(recorded).count == 2)
  }

  @Test("are kept once for calls that are alike")
  func once() throws {
    let recorded = try RecorderRig()
    try recorded.fail("fail")
    // The order is written anew each time: the same bytes at the same time are the same file.
    var times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    times[1] = times[0]
    let path = recorded.rig.folder.path + "/agent/order.txt"
    var input = try recorded.rig.analysis(hasFiles: true)
    input.files?.names.append("order.txt")
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    for _ in 0..<3 { try recorded.fail(try id("pure"), input) }
    #expect(try recorded.latest().kept == .under(2))
    #expect(try inputs(recorded).count == 2)
  }

  @Test("hold no file through a link, nor one that leads out")
  func links() throws {
    let recorded = try RecorderRig()
    let secret = try recorded.rig.folder.write("secret/passwd", "secret")
    let agent = recorded.rig.folder.path + "/agent"
    #expect(symlink(secret, agent + "/link") == 0)
    #expect(symlink(Files.parent(of: secret), agent + "/folder") == 0)
    #expect(mkfifo(agent + "/fifo", 0o600) == 0)
    var files = recorded.rig.files
    files.names += ["link", "folder/passwd", "fifo", "gone", "../secret/passwd"]
    let kept = try KeptFiles(reading: files, limit: 1 << 20, countMax: 99)
    #expect(kept.files.map(\.path) == ["a.py", "lib/b.py", "link"])
    #expect(kept.files.last?.content == .link(secret))
    #expect(kept.unreadable.keys.sorted() == ["../secret/passwd", "fifo", "folder/passwd", "gone"])
    #expect(throws: KeptFiles.Refusal.self) {
      try KeptFiles(reading: files, limit: 1 << 20, countMax: 3)
    }
    #expect(throws: KeptFiles.Refusal.self) {
      try KeptFiles(reading: files, limit: 10, countMax: 99)
    }
  }

  @Test("are restored with bytes, permissions, times and links, or not at all")
  func restored() throws {
    let recorded = try RecorderRig()
    let agent = recorded.rig.folder.path + "/agent"
    #expect(chmod(agent + "/a.py", 0o755) == 0)
    #expect(symlink("a.py", agent + "/link") == 0)
    var input = try recorded.rig.analysis(window: try RecorderRig.window(), hasFiles: true)
    input.files?.names += ["order.txt", "link"]
    input.trend = Trend(slopePerDay: 0.1, pValue: 1e-300, dayCount: 6)
    input.facts = ["tools": [["name": "rg", "n": 1.5]]]
    input.context.metrics.meanMilliseconds = 0.1 + 0.2
    input.context.metrics.errors = [.init(type: "x\u{0}\"y", count: 3)]
    input.context.previous = AgentMetrics()
    input.context.serviceLevel = .milliseconds(1500)
    try recorded.rig.folder.write("agent/order.txt", "fail")
    try recorded.fail(try id("pure"), input)
    let record = try recorded.latest()
    let folder = try #require(recorded.recorder.inputFolder(of: record))
    let place = recorded.rig.folder.path + "/restored"
    guard case .analysis(let again) = try KeptInput(folder: folder).restored(to: place) else {
      Issue.record("no analyzer's input")
      return
    }
    #expect(again.context == input.context && again.facts == input.facts)
    #expect(again.trend == input.trend && again.window?.digest == input.window?.digest)
    #expect(CallRequest(work: .analyze(again)).fingerprint == record.input.hex)
    var status = stat()
    #expect(lstat(place + "/a.py", &status) == 0 && status.st_mode & 0o777 == 0o755)
    #expect(lstat(place + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)

    try Files.replace(folder + "/files/order.txt", with: "good".utf8)
    let input2 = try KeptInput(folder: folder)
    let error = #expect(throws: KaizenError.self) { try input2.restored(to: place + "2") }
    #expect(error?.code == "E_CALL_INPUT" && error?.message.contains("order.txt") == true)
  }

  @Test("nothing is made where an entry lies beneath one that is a link")
  func beneathLink() throws {
    let recorded = try RecorderRig()
    let outside = recorded.rig.folder.path + "/outside"
    try Files.makeDirectories(outside)
    try recorded.fail("fail")
    let folder = try #require(recorded.recorder.inputFolder(of: try recorded.latest()))
    let path = folder + "/input.json"
    var text = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
    let start = try #require(text.firstRange(of: "\"entries\":"))
    let open = try #require(text[start.upperBound...].firstIndex(of: "["))
    let hostile = """
      {"path": "a", "mode": 511, "mtime_ns": 1, "link": "\(outside)"},
      {"path": "a/x", "mode": 511, "mtime_ns": 1, "link": "target"},
      """
    text.insert(contentsOf: hostile, at: text.index(after: open))
    try Files.replace(path, with: text.utf8)
    let place = recorded.rig.folder.path + "/out"
    let error = #expect(throws: KaizenError.self) {
      try KeptInput(folder: folder).restored(to: place)
    }
    #expect(error?.code == "E_CALL_INPUT" && error?.message.contains("beneath a link") == true)
    #expect(!Files.exists(place) && !Files.exists(outside + "/x"))
  }

  @Test(
    "whatever somebody writes into one is refused by name",
    arguments: [
      #"{"kaizen_input": 2}"#, "{", "[]", #"{"kaizen_input": 1, "call": -1}"#,
      #""path": "../../escape""#, #""path": "/etc/passwd""#, #""mode": 99999"#,
      #""rows": -1"#, #""seed": "-1""#, #""kind": "applier""#,
    ])
  func hostile(change: String) throws {
    let recorded = try RecorderRig()
    try recorded.fail("fail", window: try RecorderRig.window())
    let folder = try #require(recorded.recorder.inputFolder(of: try recorded.latest()))
    let path = folder + "/input.json"
    var text = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
    if change.hasPrefix("\"") {
      // One member a line: the first of that name becomes the change.
      var lines = text.split(separator: "\n").map(String.init)
      let key = String(change.split(separator: ":")[0]) + ":"
      let line = try #require(lines.firstIndex { $0.contains(key) })
      lines[line] = change + (lines[line].hasSuffix(",") ? "," : "")
      text = lines.joined(separator: "\n")
    } else {
      text = change
    }
    try Files.replace(path, with: text.utf8)
    let error = #expect(throws: KaizenError.self) {
      try KeptInput(folder: folder).restored(to: recorded.rig.folder.path + "/out")
    }
    #expect(error?.code == "E_CALL_INPUT", "\(error as Any)")
    #expect(!Files.exists(recorded.rig.folder.path + "/escape"))
  }
}

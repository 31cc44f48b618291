import CKaizenPlugin
import Glibc
import KaizenPluginSDK
import Linux
import Synchronization
import TestSupport
import Testing

private let plugin = Plugin(
  .analyzer(SampleAnalyzer.self), .applier(SampleApplier.self), .scorer(SampleScorer.self))

/// One instance, driven as a host drives it: through C only.
private final class Driven {
  let recorder = RecordingHost()
  let descriptor: UnsafePointer<kz_descriptor>
  let instance: UnsafeMutableRawPointer?

  init(_ index: UInt32, config: StaticString = "{}") throws {
    descriptor = try #require(plugin.descriptor(index))
    instance = descriptor.pointee.create(descriptor, recorder.host, lasting(config))
  }

  deinit { if let instance { descriptor.pointee.destroy(instance) } }

  func table<T>(_ id: StaticString, as type: T.Type) throws -> T {
    let raw = descriptor.pointee.interface(descriptor, lasting(id))
    return try #require(raw).assumingMemoryBound(to: T.self).pointee
  }

  func analyze(agent: StaticString = "demo", _ change: (inout kz_agent_view) -> Void = { _ in })
    throws -> kz_status
  {
    let table = try table("kz.analyzer/1", as: kz_analyzer.self)
    var numbers = kz_numbers()
    numbers.successes = 3
    numbers.failures = 1
    numbers.quality = .nan
    var before = kz_numbers()
    before.operations = 9
    var trend = kz_trend(size: size(of: kz_trend.self), days: 2, slope_per_day: .nan, p_value: .nan)
    return withUnsafePointer(to: &numbers) { numbers in
      withUnsafePointer(to: &before) { before in
        withUnsafePointer(to: &trend) { trend in
          var view = kz_agent_view()
          view.size = size(of: kz_agent_view.self)
          view.agent = lasting(agent)
          (view.now, view.before, view.trend) = (numbers, before, trend)
          view.agent_json = lasting("{\"id\":\"demo\"}")
          change(&view)
          return table.analyze(instance, &view, recorder.analyzerSink)
        }
      }
    }
  }
}

// Serialized: one test counts the instances that live.
@Suite("A Swift component", .serialized) struct ComponentTests {
  @Test("describes itself to C as its type does")
  func describes() throws {
    let analyzer = try #require(plugin.descriptor(0)).pointee
    #expect(analyzer.size == size(of: kz_descriptor.self))
    #expect(analyzer.kind == KZ_KIND_ANALYZER && analyzer.flags == KZ_FLAG_PURE)
    #expect(text(analyzer.id) == "sample" && text(analyzer.version) == "1.2.3")
    let topics = UnsafeBufferPointer(start: analyzer.topics, count: Int(analyzer.topic_count))
    #expect(topics.map(text) == ["error_pattern", "code_smell"])
    #expect(try #require(plugin.descriptor(1)).pointee.kind == KZ_KIND_APPLIER)
    #expect(try #require(plugin.descriptor(2)).pointee.flags == 0)
    #expect(plugin.descriptor(3) == nil)
  }

  @Test("answers only for the interface of its kind")
  func interfaces() throws {
    let descriptor = try #require(plugin.descriptor(2))
    #expect(descriptor.pointee.interface(descriptor, lasting("kz.scorer/1")) != nil)
    #expect(descriptor.pointee.interface(descriptor, lasting("kz.analyzer/1")) == nil)
    #expect(descriptor.pointee.interface(descriptor, lasting("kz.scorer/2")) == nil)
  }

  @Test("sees an agent without data as nil, and JSON is written exactly")
  func bareAgent() throws {
    let driven = try Driven(0)
    #expect(try driven.analyze() == KZ_OK)
    #expect(driven.recorder.lines.first == "progress 0.25")
    #expect(
      driven.recorder.lines.last
        == "error_pattern 3 call 1 of demo 0.5 {\"sla_ms\":null,\"rate\":0.75,\"quality\":null,"
        + "\"before\":9,\"days\":null,\"durations\":[],\"types\":[],\"scores\":0,\"errors\":[],"
        + "\"files\":[],\"json\":\"{\\\"id\\\":\\\"demo\\\"}\",\"now\":99,\"random\":7,\"ok\":true}"
    )
  }

  @Test("reads columns where the host keeps them, absent rows as nil")
  func columns() throws {
    let driven = try Driven(0)
    let durations: [Double] = [1.5, .nan, 2]
    let bytes = Array("ab€".utf8)
    let offsets: [Int32] = [0, 2, 2, 5]
    let validity: [UInt8] = [0b101]
    let status = try durations.withUnsafeBytes { durations in
      try bytes.withUnsafeBytes { bytes in
        try offsets.withUnsafeBufferPointer { offsets in
          try validity.withUnsafeBufferPointer { validity in
            let columns = [
              kz_column(
                name: lasting("duration_ms"), format: lasting("g"), length: 3, null_count: 1,
                validity: validity.baseAddress, values: durations.baseAddress, offsets: nil),
              kz_column(
                name: lasting("error_type"), format: lasting("u"), length: 3, null_count: 1,
                validity: validity.baseAddress, values: bytes.baseAddress,
                offsets: offsets.baseAddress),
              kz_column(  // of another format than "g": not taken for a column of doubles
                name: lasting("score"), format: lasting("C"), length: 3, null_count: 0,
                validity: nil, values: bytes.baseAddress, offsets: nil),
            ]
            return try columns.withUnsafeBufferPointer { columns in
              try driven.analyze {
                $0.columns = columns.baseAddress
                $0.column_count = 3
              }
            }
          }
        }
      }
    }
    #expect(status == KZ_OK)
    let line = try #require(driven.recorder.lines.last)
    #expect(line.contains("\"durations\":[1.5,2.0],\"types\":[\"ab\",null,\"€\"],\"scores\":0"))
  }

  @Test("keeps its state from call to call, and gives it back when destroyed")
  func lifetime() throws {
    do {
      let driven = try Driven(0)
      let descriptor = driven.descriptor.pointee
      #expect(SampleAnalyzer.living.withLock { $0 } == 1)
      #expect(descriptor.activate(driven.instance) == KZ_OK)
      #expect(try driven.analyze() == KZ_OK)
      #expect(try driven.analyze() == KZ_OK)
      descriptor.deactivate(driven.instance)
      let lines = driven.recorder.lines
      #expect(lines.first == "log 1 activated" && lines.last == "log 3 deactivated")
      #expect(lines.contains { $0.contains("call 2 of demo") })
    }
    #expect(SampleAnalyzer.living.withLock { $0 } == 0)
  }

  @Test("turns what it throws into a status and a message")
  func failures() throws {
    let driven = try Driven(0)
    #expect(try driven.analyze(agent: "broken") == KZ_FAILED)
    #expect(driven.recorder.lines == ["fail a failure of its own"])
    driven.recorder.shouldStop = true
    #expect(try driven.analyze() == KZ_STOPPED)
    let bad = try Driven(0, config: "bad")
    #expect(bad.instance == nil)
    #expect(bad.recorder.lines == ["fail config is \"bad\", expected an object"])
  }

  @Test("an applier changes files in place and notes it")
  func applies() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a.txt", "a bad day", mode: 0o644)
    let driven = try Driven(1)
    let status = try apply(driven, root: directory.path, file: "a.txt")
    #expect(status == KZ_OK)
    #expect(driven.recorder.lines == ["note code_smell high a.txt [1]"])
    #expect(try Files.read(directory.path + "/a.txt", limit: 99) == Array("a good day".utf8))
  }

  @Test("an applier follows no link and reads nothing over its limit")
  func refusesLinks() throws {
    let directory = try TemporaryDirectory()
    try directory.write("big.txt", String(repeating: "x", count: 101))
    #expect(symlink("/etc/passwd", directory.path + "/link") == 0)
    #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
    let driven = try Driven(1)
    for (file, words) in [
      ("link", "fail open link: Too many levels of symbolic links"),
      ("pipe", "fail pipe is not a regular file"),
      ("big.txt", "fail big.txt has 101 bytes, expected at most 100"),
      ("gone", "fail open gone: No such file or directory"),
    ] as [(StaticString, String)] {
      #expect(try apply(driven, root: directory.path, file: file) == KZ_FAILED)
      #expect(driven.recorder.lines.last == words)
    }
  }

  private func apply(_ driven: Driven, root: String, file: StaticString) throws -> kz_status {
    let table = try driven.table("kz.applier/1", as: kz_applier.self)
    let path = Array(root.utf8CString)
    var name = lasting(file)
    return path.withUnsafeBufferPointer { path in
      withUnsafePointer(to: &name) { name in
        var item = kz_plan_item()
        item.size = size(of: kz_plan_item.self)
        item.severity = UInt32(KZ_SEVERITY_HIGH)
        item.type = lasting("code_smell")
        item.history_json = lasting("[1]")
        item.root = kz_text(data: path.baseAddress, length: UInt64(path.count - 1))
        item.files = name
        item.file_count = 1
        return table.apply(driven.instance, &item, driven.recorder.applierSink)
      }
    }
  }

  @Test("a scorer emits findings and learns what is refused")
  func scores() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a.txt", "x", mode: 0o640)
    let driven = try Driven(2)
    let table = try driven.table("kz.scorer/1", as: kz_scorer.self)
    let path = Array(directory.path.utf8CString)
    var name = lasting("a.txt")
    let status = path.withUnsafeBufferPointer { path in
      withUnsafePointer(to: &name) { name in
        var tree = kz_tree_view()
        tree.size = size(of: kz_tree_view.self)
        tree.root = kz_text(data: path.baseAddress, length: UInt64(path.count - 1))
        tree.files = name
        tree.file_count = 1
        return table.score(driven.instance, &tree, driven.recorder.scorerSink)
      }
    }
    #expect(status == KZ_OK)
    #expect(
      driven.recorder.lines
        == ["finding mode 3 a.txt:2 640", "score security 0.5", "score refuse me 0.0"])
  }

  @Test(
    "evidence is valid JSON whatever is in it",
    arguments: [
      ("a\"b\\c", "\"a\\\"b\\\\c\""), ("\u{1}\n\t\r", "\"\\u0001\\n\\t\\r\""), ("é🌱", "\"é🌱\""),
      ("\r\n", "\"\\r\\n\""),
    ])
  func quoting(string: String, json: String) {
    #expect(Evidence.quoted(string) == json)
    #expect(Evidence.string(string).text == json)
  }

  @Test("numbers that JSON does not have become null")
  func numbers() {
    let evidence: Evidence = [.number(.nan), .number(.infinity), 1.5, -3, false, ["a": []]]
    #expect(evidence.text == "[null,null,1.5,-3,false,{\"a\":[]}]")
  }
}

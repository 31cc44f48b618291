import CPluginRuntime
import Linux
import Model
import TestSupport
import Testing

@testable import PluginHost

/// Members of a manifest for a scorer that is a function.
private func members(
  _ id: String, _ library: String, _ symbol: String, _ signature: String,
  input: String = "files", output: String = "", _ more: String = ""
) -> String {
  #""id": "\#(id)", "kind": "scorer", "entry": {"function": {"library": "\#(library)", "#
    + #""symbol": "\#(symbol)", "signature": "\#(signature)"}}, "input": "\#(input)", "#
    + #""output": {"dimension": "documentation"\#(output)}\#(more)"#
}

/// The problems of a manifest with these members, as one text.
private func complaints(_ members: String) throws -> String {
  try registrations(manifestText(members), source: .bundle).problems
    .map { "\($0.key): \($0.expected); found \($0.found)" }.joined(separator: "\n")
}

@Suite("A function in the manifest") struct FunctionManifestTests {
  @Test("has its library, signature, input and output read")
  func whole() throws {
    let text = members(
      "size", "libz.so.1", "compress2", "i32(out[input+64]:&u64, bytes, i32=9)",
      input: "files:**/*.py",
      output: #", "value": "length", "per": "byte", "worst": 0.5, "best": 0.1, "ok_results": [0]"#)
    let (found, problems) = try registrations(manifestText(text))
    let manifest = try #require(found.first?.manifest)
    let function = try #require(manifest.function)
    #expect(problems.isEmpty)
    #expect(manifest.dimensions == ["documentation"] && manifest.placement == .worker)
    #expect(manifest.entryFiles == [])
    #expect(function.library == "libz.so.1" && function.symbol == "compress2")
    #expect(function.input == .files(pattern: "**/*.py"))
    #expect(function.output.value == .length && function.output.measure == .byte)
    #expect(function.output.worst == 0.5 && function.output.best == 0.1)
    #expect(function.output.okResults == [0])
  }

  @Test("has defaults")
  func defaults() throws {
    let text = members("t", "libm.so.6", "tanh", "f64(f64)", input: "metric:success_rate")
    let function = try registrations(manifestText(text)).found.first?.manifest?.function
    #expect(function?.input == .metrics([.successRate]))
    #expect(function?.output.worst == 0 && function?.output.best == 1)
    #expect(function?.output.okResults == nil)
  }

  @Test(
    "a library with a slash comes with the bundle, however it is written",
    arguments: ["./f.so", "lib/../f.so", "lib/f.so"])
  func bundled(path: String) throws {
    let (found, problems) = try registrations(
      manifestText(members("f", path, "f", "f64(bytes)")), source: .bundle)
    if path.contains("..") {
      #expect(problems.first?.key == "components[0].entry.function.library")
    } else {
      #expect(found.first?.manifest?.entryFiles == [path.replacing("./", with: "")])
    }
  }

  @Test(
    "that cannot be is refused, with what was expected and found",
    arguments: [
      (members("f", "l.so", "f", "f64(double)"), "entry.function.signature", "byte 5"),
      (members("f", "l.so", "f", "f64(f64)"), "input", "takes no bytes"),
      (members("f", "l.so", "f", "f64(bytes)", input: "metric:quality"), "input", "takes bytes"),
      (
        members("f", "l.so", "f", "f64(f64)", input: "metrics:quality,records"), "input",
        "1 metrics"
      ),
      (members("f", "l.so", "f", "f64(f64)", input: "metric:beauty"), "input", "success_rate"),
      (members("f", "l.so", "f", "f64(bytes)", input: "file:../x"), "input", "without"),
      (members("f", "l.so", "f", "f64(bytes)", input: "stdin"), "input", "metric:NAME"),
      (
        members("f", "l.so", "f", "f64(bytes)", output: #", "value": "length""#), "output.value",
        "result"
      ),
      (
        members("f", "l.so", "f", "f64(bytes)", output: #", "worst": 1"#), "output.best",
        "another number"
      ),
      (members("f", "l.so", "", "f64(bytes)"), "entry.function.symbol", "a name of 1"),
      (members("f", "", "f", "f64(bytes)"), "entry.function.library", "a name or path"),
      (
        members("f", "l.so", "f", "f64(bytes)").replacing("scorer", with: "analyzer"),
        "entry.function", "scorer"
      ),
    ])
  func refused(text: String, key: String, part: String) throws {
    let said = try complaints(text)
    #expect(said.contains("\(key): ") && said.contains(part), "\(said)")
    #expect(try registrations(manifestText(text), source: .bundle).found.first?.manifest == nil)
  }
}

@Suite("The score of a function's calls") struct FunctionScoreTests {
  private func score(
    _ values: [(value: Double, bytes: UInt64)], _ change: (inout ComponentManifest.Function) -> Void
  ) -> Double? {
    var function = ComponentManifest.Function(library: "l", symbol: "f", signature: "f64(bytes)")
    change(&function)
    var score = FunctionScore(function)
    for each in values {
      var returned = kzr_returned()
      returned.value = each.value
      returned.length = UInt64(max(0, each.value))
      returned.bits = UInt64(bitPattern: Int64(each.value))
      returned.input_bytes = each.bytes
      if score.add(returned) != nil { return -1 }
    }
    return score.value
  }

  @Test("is the mean of the calls, or of the bytes, between worst and best")
  func measures() {
    #expect(score([(0.25, 1), (0.75, 9)]) { _ in } == 0.5)
    #expect(score([(5, 10), (15, 30)]) { $0.output.measure = .byte } == 0.5)
    #expect(score([(30, 1)]) { ($0.output.worst, $0.output.best) = (40, 20) } == 0.5)
    #expect(score([(-3, 1), (7, 1)]) { _ in } == 0.5)
    #expect(score([(8, 16)]) { ($0.output.value, $0.output.measure) = (.length, .byte) } == 0.5)
  }

  @Test("is none without calls or bytes, and NaN stays NaN for the collector to refuse")
  func none() {
    #expect(score([]) { _ in } == nil)
    #expect(score([(0, 0)]) { $0.output.measure = .byte } == nil)

  }

  @Test("a result that is no success is named")
  func results() {
    #expect(score([(0, 1)]) { $0.output.okResults = [0] } == 0)
    #expect(score([(3, 1)]) { $0.output.okResults = [0] } == -1)
  }
}

@Suite("A function as a scorer") struct FunctionScorerTests {
  private let rig: HostRig
  init() throws { rig = try HostRig() }

  private func host(_ members: String) throws -> ComponentHost {
    try rig.folder.write("home/plugins/f/manifest.json", manifestText(members))
    return try rig.host()
  }

  @Test("of libm maps a number of the agent")
  func libm() throws {
    let host = try host(
      members("f", "libm.so.6", "tanh", "f64(f64)", input: "metric:success_rate"))
    var input = try rig.scoring()
    #expect(try host.score(try id("f"), input).dimensions == [])  // no data, no score
    input.context.metrics.successCount = 1
    input.context.metrics.failureCount = 1
    for _ in 0..<3 {
      let value = try host.score(try id("f"), input).dimensions.first?.value ?? 0
      #expect(abs(value - 0.46211715726) < 1e-9)
    }
  }

  @Test(
    "of zlib scores files by how they compress",
    .enabled(if: Files.exists("/lib/x86_64-linux-gnu/libz.so.1"), "no zlib here"))
  func zlib() throws {
    let host = try host(
      members(
        "f", "libz.so.1", "compress2", "i32(out[input+64]:&u64, bytes, i32=9)",
        output: #", "value": "length", "per": "byte", "worst": 0, "best": 1, "ok_results": [0]"#))
    try rig.folder.write("agent/a.py", String(repeating: "again\n", count: 5000))
    let output = try host.score(try id("f"), try rig.scoring())
    #expect(output.dimensions.first.map { $0.value > 0.001 && $0.value < 0.05 } == true)
  }

  @Test(
    "of xxHash is called with the bytes of one file",
    .enabled(if: Files.exists("/lib/x86_64-linux-gnu/libxxhash.so.0"), "no xxHash here"))
  func xxhash() throws {
    let host = try host(
      members(
        "f", "libxxhash.so.0", "XXH3_64bits", "u64(bytes)", input: "file:a.py",
        output: #", "best": 18446744073709551615"#))
    let first = try host.score(try id("f"), try rig.scoring()).dimensions
    #expect(first.count == 1)
    #expect(try host.score(try id("f"), try rig.scoring()).dimensions == first)
    try rig.folder.write("agent/a.py", "other\n")
    #expect(try host.score(try id("f"), try rig.scoring()).dimensions != first)
  }

  @Test("of a bundle's own library is called for each of many files")
  func bundled() throws {
    try rig.fixture("functions", in: "home/plugins/f")
    let host = try host(members("f", "./functions.so", "filled", "f64(bytes)"))
    var input = try rig.scoring()
    try rig.folder.write("agent/half.txt", "x\n\n")
    let names = try (0..<3000).map { number in
      let name = "many/\(number).txt"
      try rig.folder.write("agent/\(name)", number % 2 == 0 ? "x\ny\n" : "x\n\n")
      return name
    }
    input.files.names = names
    #expect(try host.score(try id("f"), input).dimensions.map(\.value) == [0.75])
    input.files.names = ["half.txt", "gone.txt"]
    let output = try host.score(try id("f"), input)
    #expect(output.dimensions.map(\.value) == [0.5])
    #expect(output.remarks.notes.count == 1)
    #expect(output.remarks.notes.first?.contains("gone.txt\" was left out: open: No such") == true)
    input.files.names = []
    #expect(
      try host.score(try id("f"), input).remarks.notes == ["no score: there is nothing to score"])
  }

  @Test(
    "that cannot be loaded is disabled with the reason",
    arguments: [
      ("libnowhere.so.9", "f", "libnowhere.so.9"), ("libm.so.6", "no_such", "has no symbol"),
      ("./gone.so", "f", "gone.so"),
    ])
  func missing(library: String, symbol: String, part: String) throws {
    let host = try host(members("f", library, symbol, "f64(bytes)"))
    #expect(host.reason("f")?.contains(part) == true, "\(host.reason("f") ?? "")")
  }

  @Test(
    "with a wrong signature, or that harms its worker, costs one call with a typed error",
    arguments: [
      ("dereferences", "u64(bytes:u64, u64=7)", "E_PLUGIN_VALUE"),
      ("aborts", "f64(bytes)", "E_PLUGIN_CRASHED"),
      ("not_a_number", "f64(bytes)", "E_PLUGIN_VALUE"),
      ("boasts", "i32(out[8]:&u64, bytes)", "E_PLUGIN_VALUE"),
      ("never_returns", "f64(bytes)", "E_PLUGIN_DEADLINE"),
    ])
  func harm(symbol: String, signature: String, code: String) throws {
    try rig.fixture("functions", in: "home/plugins/f")
    // Read as a pointer, the bytes' own address is fine to read; the number below is not.
    let isWrong = symbol == "dereferences"
    let host = try host(
      members(
        "f", "./functions.so", symbol, isWrong ? "u64(u64)" : signature,
        input: isWrong ? "metric:records" : "files", #", "deadline_ms": 100"#))
    for _ in 0..<2 {
      let error = #expect(throws: KaizenError.self) {
        try host.score(try id("f"), try rig.scoring())
      }
      #expect(error?.code.rawValue == (isWrong ? "E_PLUGIN_CRASHED" : code))
    }
    #expect(host.components().first?.statistics.failureCount == 2)
  }

  @Test("whose result is no success fails with it")
  func result() throws {
    let host = try host(
      members(
        "f", "libz.so.1", "compress2", "i32(out[1]:&u64, bytes, i32=9)",
        output: #", "value": "length", "ok_results": [0]"#))
    let error = #expect(throws: KaizenError.self) { try host.score(try id("f"), try rig.scoring()) }
    #expect(error?.code == "E_PLUGIN_FAILED")
    #expect(error?.message.contains("compress2 returned -5 for") == true)
  }
}

@Suite("A function's worker that says what none would") struct HostileFunctionTests {
  private func score(_ script: @escaping @Sendable (FakeWorker.End) -> Void) throws -> [Answer] {
    var manifest = try component(.scorer, dimensions: ["documentation"])
    var function = ComponentManifest.Function(
      library: "libm.so.6", symbol: "tanh", signature: "f64(f64)")
    function.input = .metrics([.records])
    function.output.dimension = "documentation"
    manifest.entry = .function(function)
    let worker = FakeWorker { end in
      _ = end.receive()
      end.done(0)
      script(end)
    }
    let runner = WorkerRunner(
      manifest, library: "libm.so.6", bundle: nil, words: ["worker"], grace: .milliseconds(50),
      starter: worker)
    let context = CallContext(agent: try #require(AgentID("a")))
    let request = CallRequest(
      work: .score(ScoreInput(context: context, files: AgentFiles(root: "/x", names: []))))
    var answers: [Answer] = []
    try runner.run(request) { (answer) throws(KaizenError) in answers.append(answer) }
    return answers
  }

  @Test("is held to the call's number and to answers of a function", arguments: 0..<5)
  func hostile(which: Int) throws {
    let error = #expect(throws: KaizenError.self) {
      try score { end in
        let (_, call) = end.receive()
        var returned = kzr_returned()
        switch which {
        case 0: kzw_send_returned(end.channel, call + 1, &returned, nil)
        case 1: kzw_send_returned(end.channel, 0, &returned, nil)
        case 2: end.done(call)
        case 3: end.opportunity(call)
        default: kzw_send_ready(end.channel, lateDescription(end), nil)
        }
        _ = end.receive()
      }
    }
    #expect(error?.code == "E_PLUGIN_PROTOCOL")
  }

  @Test("one that behaves is heard, for comparison")
  func sound() throws {
    let answers = try score { end in
      let (_, call) = end.receive()
      var returned = kzr_returned()
      returned.value = 0.5
      kzw_send_returned(end.channel, call, &returned, nil)
      _ = end.receive()
    }
    #expect(answers == [.score(dimension: "documentation", value: 0.5)])
  }
}

/// A description that is fine, but comes out of turn; it lives in the arena.
private func lateDescription(_ end: FakeWorker.End) -> UnsafePointer<kzr_description> {
  var description = kzr_description()
  description.id = end.arena.text("probe")
  description.kind = UInt32(KZ_KIND_SCORER)
  description.version = end.arena.text("1.0")
  description.topics = end.arena.texts(["documentation"])
  description.topic_count = 1
  return end.arena.value(description)
}

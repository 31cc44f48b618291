import CKaizenPlugin
import JSONStream
import Linux
import Model
import TestSupport
import Testing

/// The example agent and the shipped components together.
///
/// What each does to a copy of its files, and what its own tests say of that: nothing here decides
/// an outcome.
@Suite("The unit-converter agent, improved") struct ExampleAgentTests {
  private static let source = sources + "/Examples/agents/unit-converter"
  private let directory: TemporaryDirectory
  private let files: [String]
  private let descriptor: String

  init() throws {
    directory = try TemporaryDirectory()
    files = try Self.copy(Self.source, to: directory)
    let bytes = try Files.read(Self.source + "/agent.json", limit: 1 << 16)
    descriptor = String(decoding: bytes, as: UTF8.self)
  }

  private static func copy(_ folder: String, to copy: TemporaryDirectory) throws -> [String] {
    var files: [String] = []
    for name in try Files.names(in: folder) where name != "__pycache__" && name != "tests" {
      files.append(name)
    }
    files += try Files.names(in: folder + "/tests").filter { $0.hasSuffix(".py") }
      .map { "tests/" + $0 }
    for file in files {
      let bytes = try Files.read(folder + "/" + file, limit: 1 << 20)
      try copy.write(file, String(decoding: bytes, as: UTF8.self))
    }
    return files.sorted()
  }

  /// Runs Python in the copy; whether it ended with that status.
  private func python(_ words: String..., status: Int32 = 0) throws -> Bool {
    let sink = try FileDescriptor.open("/dev/null", 2)
    let child = try ChildProcess(
      ChildCommand(
        words: ["python3", "-B"] + words, descriptors: [0: sink.raw, 1: sink.raw, 2: sink.raw],
        workingDirectory: directory.path))
    return try child.wait(timeout: .seconds(60))?.status == .exited(status)
  }

  private var changeable: [String] {
    files.filter { !$0.hasPrefix("tests/") && $0 != "agent.json" }
  }

  private func tune(_ history: String) throws -> String? {
    let arena = Arena()
    let item = Item(
      type: "performance_degradation", root: directory.path, files: changeable, agent: descriptor,
      history: history)
    return try Component("TunerApplier", "tuner", kind: KZ_KIND_APPLIER)
      .apply(item.item(arena)).notes.first
  }

  @Test("its descriptor is sound, its tests and its health check pass")
  func sound() throws {
    let document = try JSONDocument.parse(Array(descriptor.utf8))
    let (agent, problems) = AgentDescriptor.read(document, file: "agent.json")
    #expect(problems.isEmpty)
    #expect(agent?.id.text == "unit-converter")
    #expect(try python("-m", "unittest", "-v"))
    #expect(try python("agent.py", "--self-check"))
  }

  @Test("its operations are thirty, of which four cannot be answered")
  func operations() throws {
    let bytes = try Files.read(Self.source + "/operations.txt", limit: 1 << 16)
    try directory.write("operations.txt", String(decoding: bytes, as: UTF8.self))
    // In one process and without the waits, which are for live use.
    let program = """
      import agent, config, sys
      converter = agent.Agent(config.load(), sleep=lambda seconds: None)
      failed = 0
      lines = open("operations.txt").read().splitlines()
      for line in lines:
          try:
              converter.answer(line)
          except agent.ERRORS:
              failed += 1
      sys.exit(failed if len(lines) == 30 else 100)
      """
    #expect(try python("-c", program, status: 4))
  }

  @Test("the tuner's first value fails the agent's tests, its second one passes")
  func tuning() throws {
    let first = try #require(try tune("[]"))
    #expect(first == "config.json#/precision: 3 -> 2")
    #expect(try !python("-m", "unittest"))
    _ = try Self.copy(Self.source, to: directory)
    let second = try tune("[{\"note\":\"\(first)\",\"verdict\":\"rolled_back\"}]")
    #expect(second == "config.json#/rate_wait_ms: 300 -> 50")
    #expect(try python("-m", "unittest"))
  }

  @Test("its one security finding is repaired, and its tests still pass")
  func hardening() throws {
    let arena = Arena()
    let analyzer = try Component("SecurityAnalyzer", "security", kind: KZ_KIND_ANALYZER)
    let view = Window().view(arena, root: directory.path, files: files)
    let found = try analyzer.analyze(view).opportunities
    #expect(found.map(\.title) == ["rates.py assigns a literal secret to RATES_TOKEN"])
    let item = Item(
      type: "security_vulnerability", evidence: found.first?.evidenceText ?? "",
      root: directory.path, files: changeable, agent: descriptor)
    let hardener = try Component("HardenerApplier", "hardener", kind: KZ_KIND_APPLIER)
    let notes = try hardener.apply(item.item(arena)).notes
    #expect(notes == ["rates.py:9: literal secret -> environment variable RATES_TOKEN"])
    #expect(try analyzer.analyze(view).opportunities.isEmpty)
    #expect(try python("-m", "unittest"))
    #expect(try python("agent.py", "--self-check"))
  }

  @Test("is clean Python before and after: no finding, no lower score")
  func clean() throws {
    let arena = Arena()
    let found = try Component("MaintainabilityScorer", "maintainability", kind: KZ_KIND_SCORER)
      .score(tree(arena, root: directory.path, files: files))
    #expect(found.findings.isEmpty)
    #expect(found.scores == ["maintainability": 1])
    try hardening()
    let after = try Component("MaintainabilityScorer", "maintainability", kind: KZ_KIND_SCORER)
      .score(tree(arena, root: directory.path, files: files))
    #expect(after.scores == ["maintainability": 1])
  }
}

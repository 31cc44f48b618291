import CKaizenPlugin
import CPluginRuntime
import Model
import TestSupport
import Testing

/// What the contract asks of every component, asked of the shipped ones.
@Suite("The shipped components keep the contract") struct ContractTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("a.py", "import re\ntoken = \"\(madeUpSecret)\"\n")
    try directory.write("c.json", "{\"n\": 5}")
  }

  private static let tunable =
    "{\"tunables\":[{\"file\":\"c.json\",\"pointer\":\"/n\",\"min\":0,\"max\":9,\"step\":1}]}"

  /// One call of each component that has something to say, as text.
  private func outcome(_ id: String, isCancelled: Bool = false) throws -> [String] {
    let arena = Arena()
    let window = Window(
      slaMilliseconds: 100, now: (5, 15), before: (19, 1),
      durations: Array(repeating: 150, count: 19) + [160],
      errorTypes: Array(repeating: "Timeout", count: 20))
    let files = ["a.py", "c.json"]
    let view = window.view(arena, root: directory.path, files: files)
    let libraries = [
      "success-rate": "SuccessRateAnalyzer", "response-time": "ResponseTimeAnalyzer",
      "error-patterns": "ErrorPatternsAnalyzer", "security": "SecurityAnalyzer",
      "maintainability": "MaintainabilityScorer", "tuner": "TunerApplier",
    ]
    let library = try #require(libraries[id])
    let kind =
      switch id {
      case "maintainability": KZ_KIND_SCORER
      case "tuner": KZ_KIND_APPLIER
      default: KZ_KIND_ANALYZER
      }
    let component = try Component(library, id, kind: kind)
    component.isCancelled = isCancelled
    let item = Item(
      type: "performance_degradation", root: directory.path, files: files, agent: Self.tunable)
    let emitted =
      switch kind {
      case KZ_KIND_SCORER:
        try component.score(tree(arena, root: directory.path, files: files))
      case KZ_KIND_APPLIER: try component.apply(item.item(arena))
      default: try component.analyze(view)
      }
    return emitted.opportunities.map { "\($0.title) \($0.strength) \($0.evidenceText)" }
      + emitted.findings.map { "\($0)" } + emitted.scores.map { "\($0)" } + emitted.notes
  }

  @Test(
    "pure: the same call gives the same answer",
    arguments: ["success-rate", "response-time", "error-patterns", "security", "maintainability"])
  func pure(id: String) throws {
    let first = try outcome(id)
    #expect(!first.isEmpty)
    #expect(try outcome(id) == first)
  }

  @Test("evidence is an object, strength is in [0, 1], titles hold no changing number")
  func values() throws {
    let arena = Arena()
    for (library, id) in [
      ("SuccessRateAnalyzer", "success-rate"), ("ResponseTimeAnalyzer", "response-time"),
      ("ErrorPatternsAnalyzer", "error-patterns"),
    ] {
      let component = try Component(library, id, kind: KZ_KIND_ANALYZER)
      var titles: Set<String> = []
      for failures in [UInt64(10), 13, 17] {
        let count = Int(failures)
        let window = Window(
          slaMilliseconds: 100, now: (20 - failures, failures), before: (19, 1),
          durations: (0..<count).map { 150 + Double($0) },
          errorTypes: Array(repeating: "Timeout", count: count))
        for found in try component.analyze(window.view(arena)).opportunities {
          #expect(found.evidence.object != nil)
          #expect((0...1).contains(found.strength))
          titles.insert(found.title)
        }
      }
      #expect(titles.count == 1, "\(id)")
    }
  }

  @Test("a call that is to stop stops", arguments: ["security", "maintainability"])
  func stops(id: String) throws {
    let failure = #expect(throws: CallFailure.self) { try outcome(id, isCancelled: true) }
    #expect(failure?.code == UInt32(KZR_STOPPED))
  }

  @Test("an empty window, without columns and numbers, is no error")
  func empty() throws {
    let arena = Arena()
    var view = Window(slaMilliseconds: 10).view(arena)
    view.column_count = 0
    view.columns = nil
    for (library, id) in [
      ("SuccessRateAnalyzer", "success-rate"), ("ResponseTimeAnalyzer", "response-time"),
      ("ErrorPatternsAnalyzer", "error-patterns"), ("SecurityAnalyzer", "security"),
    ] {
      let component = try Component(library, id, kind: KZ_KIND_ANALYZER)
      #expect(try component.analyze(view).opportunities.isEmpty, "\(id)")
    }
  }

  @Test("columns of another format are passed over, not misread")
  func foreignColumns() throws {
    let arena = Arena()
    var window = Window(slaMilliseconds: 100, durations: [500, 600, 700])
    window.errorTypes = ["x", "x", "x"]
    var view = window.view(arena)
    var columns = (0..<Int(view.column_count)).map { view.columns[$0] }
    for index in columns.indices { columns[index].format = arena.text("?") }
    view.columns = arena.array(columns)
    let times = try Component("ResponseTimeAnalyzer", "response-time", kind: KZ_KIND_ANALYZER)
      .analyze(view).opportunities
    #expect(times.first?.evidence["samples"]?.integer == 0)
    let errors = try Component("ErrorPatternsAnalyzer", "error-patterns", kind: KZ_KIND_ANALYZER)
    #expect(try errors.analyze(view).opportunities.isEmpty)
  }
}

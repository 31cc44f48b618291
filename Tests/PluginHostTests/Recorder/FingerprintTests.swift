import Glibc
import Model
import TestSupport
import Testing

@testable import PluginHost

@Suite("The fingerprint of a call") struct FingerprintTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory("kaizen-fingerprint")
    try folder.write("a/x.py", "x = 1\n")
    try folder.write("a/lib/y.py", "y = 2\n")
  }

  private func context() throws -> CallContext {
    var metrics = AgentMetrics()
    metrics.recordCount = 7
    metrics.meanMilliseconds = 12.5
    metrics.errors = [.init(type: "timeout", count: 2)]
    return CallContext(
      agent: try #require(AgentID("probe")), descriptor: ["id": "probe", "tools": ["a", "b"]],
      serviceLevel: .seconds(2), generation: GenerationNumber(3), metrics: metrics)
  }

  private func files(_ root: String = "a") -> AgentFiles {
    AgentFiles(
      root: "\(folder.path)/\(root)", pathInside: "/srv/probe", names: ["x.py", "lib/y.py"])
  }

  private func window(_ score: Double = 1) throws -> SharedWindow {
    var window = FeedbackWindow()
    window.times = [1]
    window.types = [0]
    window.sources = [0]
    window.scores = [score]
    window.durations = [10]
    window.memory = [.nan]
    window.cpu = [1]
    window.errors = [-1]
    window.operations = [7]
    window.generations = [0]
    return try SharedWindow(window)
  }

  private func analysis() throws -> AnalysisInput {
    AnalysisInput(
      context: try context(), trend: Trend(slopePerDay: 0.5, pValue: 0.1, dayCount: 6),
      window: try window(), files: files(), facts: ["tools": [["name": "rg"]]])
  }

  private func print(_ change: (inout AnalysisInput) throws -> Void) throws -> String {
    var input = try analysis()
    try change(&input)
    return CallRequest(work: .analyze(input)).fingerprint
  }

  @Test("is the same for the same input, made anew")
  func same() throws {
    let first = try print { _ in }
    #expect(first == (try print { _ in }))
    #expect(first.utf8.count == 64)
    // The order of names is the host's.
    #expect(first == (try print { $0.files?.names.reverse() }))
  }

  @Test("tells apart whatever a component could see")
  func differs() throws {
    let prints = [
      try print { _ in },
      try print { $0.context.agent = try #require(AgentID("other")) },
      try print { $0.context.descriptor = ["id": "probe", "tools": ["ab"]] },
      try print { $0.context.serviceLevel = nil },
      try print { $0.context.generation = nil },
      try print { $0.context.metrics.successCount += 1 },
      try print { $0.context.metrics.meanMilliseconds = nil },
      try print { $0.context.metrics.errors[0].count += 1 },
      try print { $0.context.previous = AgentMetrics() },
      try print { $0.trend = nil },
      try print { $0.trend?.dayCount += 1 },
      try print { $0.window = nil },
      try print { $0.window = try window(0) },
      try print { $0.files = nil },
      try print { $0.files?.pathInside = "/srv/other" },
      try print { $0.files?.names.removeLast() },
      try print { $0.facts = [:] },
    ]
    #expect(Set(prints).count == prints.count)
  }

  @Test("tells kinds and plan items apart")
  func kinds() throws {
    let context = try context()
    let opportunity = Opportunity(
      type: .codeSmell, severity: .high, agent: context.agent,
      component: try #require(ComponentID("finder")), title: "t", strength: 0.5,
      evidence: ["n": 1])
    let applier = try #require(ComponentID("fixer"))
    func apply(_ change: (inout ApplyInput) -> Void) -> String {
      var input = ApplyInput(
        context: context,
        item: Plan.Item(opportunity: opportunity, opportunityID: "o", applier: applier),
        clone: files())
      change(&input)
      return CallRequest(work: .apply(input)).fingerprint
    }
    let prints = [
      CallRequest(work: .score(ScoreInput(context: context, files: files()))).fingerprint,
      CallRequest(work: .score(ScoreInput(context: context, files: files(), changed: ["x.py"])))
        .fingerprint,
      CallRequest(work: .analyze(AnalysisInput(context: context, files: files()))).fingerprint,
      apply { _ in }, apply { $0.item.opportunityID = "p" }, apply { $0.history = [1] },
      apply { $0.item.opportunity.evidence = ["n": 1.0] },
      apply { $0.item.opportunity.evidence = ["n": "1"] },
    ]
    #expect(Set(prints).count == prints.count)
  }

  @Test("sees a file's change, and not where a clone lies")
  func fileChange() throws {
    let before = try print { _ in }
    // A clone keeps size, mode and time of change: cp -a does, too.
    try folder.write("b/x.py", "x = 1\n")
    try folder.write("b/lib/y.py", "y = 2\n")
    for name in ["x.py", "lib/y.py"] {
      var status = stat()
      #expect(stat("\(folder.path)/a/\(name)", &status) == 0)
      var times = [status.st_atim, status.st_mtim]
      #expect(utimensat(AT_FDCWD, "\(folder.path)/b/\(name)", &times, 0) == 0)
    }
    #expect(before == (try print { $0.files = files("b") }))
    try folder.write("a/x.py", "x = 10\n")
    #expect(before != (try print { _ in }))
    unlink("\(folder.path)/a/x.py")
    #expect(before != (try print { _ in }))
  }
}

import CPluginRuntime
import Model
import Testing

@testable import PluginHost

@Suite("What a library is called with") struct CallViewsTests {
  private let agent: AgentID
  init() throws { agent = try #require(AgentID("a")) }

  @Test("an analyzer sees the agent, its numbers and its files in order")
  func analyze() throws {
    var metrics = AgentMetrics()
    metrics.recordCount = 5
    metrics.meanMilliseconds = 1.5
    metrics.errors = [.init(type: "boom", count: 2)]
    let context = CallContext(
      agent: agent, descriptor: ["id": "a"], serviceLevel: .milliseconds(250),
      generation: GenerationNumber(9), metrics: metrics)
    let input = AnalysisInput(
      context: context, trend: Trend(slopePerDay: -0.5, pValue: 0.01, dayCount: 6),
      window: try SharedWindow(FeedbackWindow()),
      files: AgentFiles(root: "/store/9", pathInside: "/srv/a", names: ["b", "a"]),
      facts: ["tools": []])
    CallViews(context, nowNanoseconds: 42).analyze(input) { view in
      let view = view.pointee
      #expect(view.size == UInt32(MemoryLayout<kz_agent_view>.size))
      #expect(view.agent.string == "a")
      #expect(view.sla_ns == 250_000_000)
      #expect(view.generation == 9)
      #expect(view.now_ns == 42)
      #expect(view.now.pointee.records == 5)
      #expect(view.now.pointee.mean_ms == 1.5)
      #expect(view.now.pointee.quality.isNaN)
      #expect(view.before.pointee.mean_ms.isNaN)
      #expect(view.trend.pointee.days == 6)
      #expect(view.errors[0].type.string == "boom" && view.errors[0].count == 2)
      #expect(view.column_count == 10)
      #expect(view.root.string == "/srv/a")
      #expect((0..<Int(view.file_count)).map { view.files[$0].string } == ["a", "b"])
      #expect(view.agent_json.string == #"{"id":"a"}"#)
      #expect(view.facts_json.string == #"{"tools":[]}"#)
    }
  }

  @Test("an analyzer of an observed agent sees no files")
  func observed() {
    let context = CallContext(agent: agent)
    CallViews(context, nowNanoseconds: 0).analyze(AnalysisInput(context: context)) { view in
      #expect(view.pointee.root.length == 0)
      #expect(view.pointee.file_count == 0)
      #expect(view.pointee.trend.pointee.p_value.isNaN)
      #expect(view.pointee.column_count == 0)
    }
  }

  @Test("an applier sees its opportunity, the clone and its history")
  func apply() throws {
    let context = CallContext(agent: agent, generation: GenerationNumber(1))
    let opportunity = Opportunity(
      type: .codeSmell, severity: .critical, agent: agent,
      component: try #require(ComponentID("f")),
      title: "t", strength: 0.25, evidence: ["k": 1])
    let input = ApplyInput(
      context: context,
      item: Plan.Item(
        opportunity: opportunity, opportunityID: "o-7", applier: try #require(ComponentID("p"))),
      clone: AgentFiles(root: "/stage/1", pathInside: "/srv/a", names: []),
      history: [["note": "n", "verdict": "kept"]])
    CallViews(context, nowNanoseconds: 1).apply(input) { item in
      let item = item.pointee
      #expect(item.severity == UInt32(KZ_SEVERITY_CRITICAL))
      #expect(item.opportunity.string == "o-7")
      #expect(item.type.string == "code_smell")
      #expect(item.component.string == "f")
      #expect(item.evidence_json.string == #"{"k":1}"#)
      #expect(item.strength == 0.25)
      #expect(item.root.string == "/srv/a")
      #expect(item.file_count == 0)
      #expect(item.history_json.string == #"[{"note":"n","verdict":"kept"}]"#)
    }
  }

  @Test("texts and arrays of every size stay where they are")
  func arena() {
    let arena = CallArena()
    let strings = (0..<3000).map { String(repeating: "x", count: $0 % 700) + "\($0)" }
    let long = arena.text(String(repeating: "y", count: 300_000))
    let lent = arena.texts(strings)
    let numbers = arena.array((0..<20_000).map { Double($0) })
    #expect((0..<3000).allSatisfy { lent?[$0].string == strings[$0] })
    #expect(long.string.utf8.count == 300_000)
    #expect(numbers?[19_999] == 19_999)
    #expect(Int(bitPattern: numbers) % MemoryLayout<Double>.alignment == 0)
    #expect(arena.text("").length == 0)
  }
}

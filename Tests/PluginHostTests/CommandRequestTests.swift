import JSONStream
import Model
import Testing

@testable import PluginHost

@Suite("What a command gets on its standard input") struct CommandRequestTests {
  private let context: CallContext
  private let opportunity: Opportunity

  init() throws {
    var metrics = AgentMetrics()
    metrics.recordCount = 12
    metrics.operationCount = 10
    metrics.successCount = 9
    metrics.failureCount = 1
    metrics.errorCount = 1
    metrics.meanMilliseconds = 20.5
    metrics.errors = [.init(type: "timeout", count: 1)]
    let agent = try #require(AgentID("unit-converter"))
    context = CallContext(
      agent: agent, serviceLevel: .seconds(2), generation: GenerationNumber(3), metrics: metrics,
      previous: AgentMetrics())
    opportunity = Opportunity(
      type: .codeSmell, severity: .high, agent: agent, component: try #require(ComponentID("c")),
      title: "t", strength: 1, evidence: ["lines": [1, 2]])
  }

  private func object(_ kind: ComponentKind, _ call: CommandRequest.Call) throws -> JSONValue {
    var manifest = try component(kind)
    manifest.config = ["depth": 2]
    let text = try CommandRequest(manifest: manifest, context: context, call: call).text()
    #expect(text.hasSuffix("}\n"))
    #expect(text.utf8.count <= CommandRequest.bytesMax)
    return try JSONDocument.parse(Array(text.utf8))
  }

  @Test("names component, agent, both windows and the deadline")
  func analyze() throws {
    let object = try object(.analyzer, .analyze)
    #expect(object["kaizen"] == 1)
    #expect(object["call"] == "analyze")
    #expect(object["component"] == ["id": "probe", "config": ["depth": 2]])
    #expect(object["agent"]?["id"] == "unit-converter")
    #expect(object["agent"]?["sla_ms"]?.number == 2000)
    #expect(object["agent"]?["generation"] == 3)
    #expect(object["window"]?["records"] == 12)
    #expect(object["window"]?["success_rate"]?.number == 0.9)
    #expect(object["window"]?["error_rate"]?.number == 0.1)
    #expect(object["window"]?["duration_ms"] == ["mean": 20.5])
    #expect(object["window"]?["errors"] == [["type": "timeout", "count": 1]])
    #expect(object["previous"]?["records"] == 0)
    #expect(object["previous"]?["success_rate"] == nil)
    #expect(object["deadline_ms"] == 1000)
  }

  @Test("tells an analyzer the facts, and where they are too many the beginning of each list")
  func facts() throws {
    var request = CommandRequest(
      manifest: try component(.analyzer), context: context, call: .analyze,
      facts: ["tools": [["name": "rg"]], "learnings": []])
    let object = try JSONDocument.parse(Array(try request.text().utf8))
    #expect(object["facts"] == ["tools": [["name": "rg"]], "learnings": []])
    let long = String(repeating: "x", count: 300)
    request.facts = [
      "tools": [["name": "rg"]],
      "findings": .array((0..<400).map { ["rule": .string("\($0)"), "message": .string(long)] }),
    ]
    let text = try request.text()
    #expect(text.utf8.count <= CommandRequest.bytesMax)
    let cut = try JSONDocument.parse(Array(text.utf8))["facts"]
    #expect(cut?["tools"] == [["name": "rg"]])
    #expect(cut?["findings"]?.array?.count == 100)
    #expect(cut?["findings"]?.array?.first?["rule"] == "0")
  }

  @Test("names the opportunity to act on")
  func apply() throws {
    let id = try #require(ComponentID("probe"))
    let item = Plan.Item(opportunity: opportunity, opportunityID: "o-1", applier: id)
    let object = try object(.applier, .apply(item))
    #expect(object["call"] == "apply")
    #expect(
      object["opportunities"] == [
        [
          "id": "o-1", "type": "code_smell", "severity": "high", "title": "t",
          "evidence": ["lines": [1, 2]],
        ]
      ])
  }

  @Test("stays within 64 KiB by naming fewer changed files, and says so")
  func shortened() throws {
    let changed = (0..<10_000).map { "folder/of/some/length/file-\($0).py" }
    let object = try object(.scorer, .score(changed: changed))
    let kept = object["changed"]?.array?.count ?? 0
    #expect(kept > 500)
    #expect(object["changed_omitted"]?.integer == Int64(10_000 - kept))
    #expect(try self.object(.scorer, .score(changed: ["a"]))["changed_omitted"] == nil)
  }

  @Test("leaves out evidence that is too long")
  func evidence() throws {
    var long = opportunity
    long.evidence = ["text": .string(String(repeating: "x", count: 70_000))]
    let id = try #require(ComponentID("probe"))
    let item = Plan.Item(opportunity: long, opportunityID: "o", applier: id)
    let object = try object(.applier, .apply(item))
    #expect(object["opportunities"]?.array?.first?["evidence"] == [:])
  }

  @Test("that cannot be made short enough is an error")
  func tooLong() throws {
    var manifest = try component(.analyzer)
    manifest.config = ["x": .string(String(repeating: "x", count: 70_000))]
    let request = CommandRequest(manifest: manifest, context: context, call: .analyze)
    let error = #expect(throws: KaizenError.self) { try request.text() }
    #expect(error?.code == "E_PLUGIN_INPUT")
  }
}

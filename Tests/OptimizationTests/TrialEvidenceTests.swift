import Model
import Testing

@testable import Optimization

@Suite("What is stored of a trial") struct TrialEvidenceTests {
  @Test("is read as it was written")
  func roundTrip() throws {
    var evidence = TrialEvidence()
    evidence.notes = [["component": "tuner", "note": "retries 3"]]
    evidence.leftOut = [LeftOutItem(index: 1, code: "E_PLUGIN_FAILED", reason: "exit 3")]
    evidence.findings = [
      Finding(rule: "bare-except", level: .warning, file: "a.py", line: 3, message: "catches all"),
      Finding(rule: "no-doc", level: .note, file: "b.py", line: nil, message: "no docstring"),
    ]
    evidence.digest = "ff"
    #expect(TrialEvidence(json: evidence.json) == evidence)
    #expect(TrialEvidence(json: [:]) == TrialEvidence())
  }

  @Test("items that were left out are not among those acted on, and are told of with their titles")
  func leftOut() throws {
    let agent = try #require(AgentID("a"))
    let finder = try #require(ComponentID("finder"))
    let items = try ["one", "two"].map { title in
      Plan.Item(
        opportunity: Opportunity(
          type: .codeSmell, severity: nil, agent: agent, component: finder, title: title,
          strength: 1, evidence: [:]), opportunityID: title,
        applier: try #require(ComponentID("fix-" + title)))
    }
    var trial = TrialRecord(
      id: 7,
      plan: Plan(
        id: "p-1", agent: agent, strategy: Strategy.resolve(.conservative, health: nil),
        items: items, needsApproval: false), state: .applying, base: GenerationNumber(1),
      generation: nil, intent: nil, approval: nil, evidence: TrialEvidence(), requestedBy: 0,
      startedAt: Instant(seconds: 0), endedAt: nil)
    #expect(trial.items.count == 2 && trial.leftOutLines.isEmpty)
    trial.evidence.leftOut = [LeftOutItem(index: 0, code: "E_PLUGIN_CRASHED", reason: "SIGSEGV")]
    #expect(trial.items.map(\.applier.text) == ["fix-two"])
    #expect(trial.actingPlan.items == trial.items && trial.plan.items.count == 2)
    #expect(trial.leftOutLines == ["left out: one (fix-one): SIGSEGV"])
    // What a database of another version may hold.
    trial.evidence.leftOut = [LeftOutItem(index: 9, code: "x", reason: "y")]
    #expect(trial.items.count == 2 && trial.leftOutLines.isEmpty)
  }
}

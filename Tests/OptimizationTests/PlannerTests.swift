import Model
import Optimization
import Testing

@Suite("Planning under a strategy") struct PlannerTests {
  private func known(
    _ id: Int, _ type: OpportunityType, strength: Double = 0.5, severity: Severity? = nil
  ) throws -> KnownOpportunity {
    KnownOpportunity(
      id: "o-\(id)",
      opportunity: Opportunity(
        type: type, severity: severity, agent: try #require(AgentID("a")),
        component: try #require(ComponentID("finder")), title: "title \(id)", strength: strength,
        evidence: [:]))
  }

  private func offer(
    _ name: String, _ types: Set<OpportunityType>, risk: Risk = .low
  ) throws -> ApplierOffer {
    ApplierOffer(component: try #require(ComponentID(name)), handles: types, risk: risk)
  }

  private func plan(
    _ opportunities: [KnownOpportunity], _ name: Strategy.Name, _ offers: [ApplierOffer]
  ) -> Planning {
    Planner.plan(
      opportunities, strategy: Strategy.resolve(name, health: nil), offers: offers,
      needsApproval: { opportunity, _ in opportunity.severity >= .high })
  }

  @Test("what needs approval stands apart and comes second")
  func splits() throws {
    let planning = plan(
      [try known(1, .securityVulnerability), try known(2, .performanceDegradation)],
      .comprehensive,
      [
        try offer("hardener", [.securityVulnerability]),
        try offer("tuner", [.performanceDegradation]),
      ])
    #expect(planning.drafts.map(\.needsApproval) == [false, true])
    #expect(planning.drafts.map { $0.items.map(\.opportunityID) } == [["o-2"], ["o-1"]])
    #expect(planning.leftOut.isEmpty)
  }

  @Test("each opportunity left out says why")
  func reasons() throws {
    let planning = plan(
      [
        try known(1, .toolUpgrade), try known(2, .errorPattern), try known(3, .qualityIssues),
      ],
      .conservative, [try offer("rewriter", [.qualityIssues], risk: .high)])
    #expect(planning.drafts.isEmpty)
    let reasons = Dictionary(
      uniqueKeysWithValues: planning.leftOut.map { ($0.id, $0.reason) })
    #expect(reasons["o-1"]?.contains("severity low") == true)
    #expect(reasons["o-2"] == "no applier handles error_pattern")
    #expect(reasons["o-3"]?.contains("risk high") == true)
  }

  @Test("a plan takes as many as its strategy allows, the strongest first")
  func limits() throws {
    let planning = plan(
      [
        try known(1, .errorPattern, strength: 0.1), try known(2, .errorPattern, strength: 0.9),
        try known(10, .errorPattern, strength: 0.5), try known(9, .errorPattern, strength: 0.5),
      ],
      .conservative, [try offer("fixer", [.errorPattern])])
    #expect(planning.drafts.first?.items.map(\.opportunityID) == ["o-2", "o-9"])
    #expect(planning.leftOut.map(\.id) == ["o-10", "o-1"])
  }

  @Test("of two appliers the less risky is taken")
  func preference() throws {
    let planning = plan(
      [try known(1, .codeSmell)], .aggressive,
      [try offer("a", [.codeSmell], risk: .high), try offer("b", [.codeSmell], risk: .medium)])
    #expect(planning.drafts.first?.items.first?.applier.text == "b")
  }

  @Test(
    "auto follows health",
    arguments: [
      (80.0, Strategy.Name.conservative), (79.9, .comprehensive), (50, .comprehensive),
      (49.9, .aggressive), (0, .aggressive),
    ])
  func automatic(health: Double, expected: Strategy.Name) {
    #expect(Strategy.resolve(.auto, health: health).name == expected)
  }
}

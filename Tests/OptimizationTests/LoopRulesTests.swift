import Model
import Statistics
import Testing

@testable import Optimization

@Suite("What the loop does alone") struct LoopRulesTests {
  private static let time = Instant(seconds: 1_795_000_000)

  private func opportunity(
    _ type: OpportunityType, _ strength: Double, title: String = "t"
  ) throws -> Opportunity {
    Opportunity(
      type: type, severity: nil, agent: try #require(AgentID("a")),
      component: try #require(ComponentID("finder")), title: title, strength: strength,
      evidence: [:])
  }

  /// An analysis of an agent whose operations succeed at that rate.
  private func analysis(
    successRate: Double, operations: Int = 100, _ opportunities: [Opportunity]
  ) throws -> Analysis {
    let good = Int(successRate * Double(operations))
    var metrics = AgentMetrics()
    metrics.recordCount = operations
    metrics.operationCount = operations
    metrics.successCount = good
    metrics.failureCount = operations - good
    metrics.errorCount = operations - good
    return Analysis(
      agent: try #require(AgentID("a")), days: 7, time: Self.time, now: metrics, before: metrics,
      trend: nil, health: Health(metrics, serviceLevel: nil, codeQuality: nil), generations: [],
      opportunities: opportunities.enumerated().map { index, opportunity in
        KnownOpportunity(id: "o-\(index + 1)", opportunity: opportunity)
      }, notes: [])
  }

  private func decide(_ analysis: Analysis) -> LoopDecision {
    LoopRules.decide(analysis) { _ in nil }
  }

  @Test("a claim about rates moves it at p ≤ 0.01 only, or p ≤ 0.05 where the agent is unwell")
  func claims() throws {
    let sure = try opportunity(.successRateDecline, 0.99)
    let likely = try opportunity(.successRateDecline, 0.96)
    let weak = try opportunity(.successRateDecline, 0.9)
    #expect(decide(try analysis(successRate: 0.95, [sure])) == .act(["o-1"]))
    #expect(decide(try analysis(successRate: 0.95, [likely, sure])) == .act(["o-2"]))
    #expect(decide(try analysis(successRate: 0.5, [likely, weak])) == .act(["o-1"]))
    guard case .wait(let reason) = decide(try analysis(successRate: 0.95, [likely])) else {
      Issue.record("it acted on a likely claim alone")
      return
    }
    #expect(reason.contains("none of 1"))
  }

  @Test("a health of few operations does not make an agent unwell")
  func provisional() throws {
    let likely = try opportunity(.performanceDegradation, 0.96)
    let few = try analysis(successRate: 0.5, operations: 6, [likely])
    #expect(few.health.isProvisional)
    guard case .wait = decide(few) else {
      Issue.record("it acted on a provisional health")
      return
    }
  }

  @Test(
    "what recurs is strong by the lower bound of its share of operations",
    arguments: [OpportunityType.errorPattern, .capabilityGap],
    [
      (2, 50, false, false), (2, 20, false, true), (3, 20, true, true), (3, 50, false, true),
      (12, 130, true, true),
    ])
  func recurring(type: OpportunityType, _ counts: (Int, Int, isStrong: Bool, isUnwell: Bool)) throws
  {
    let bound = try #require(WilsonInterval(successes: counts.0, trials: counts.1)).lower
    let found = try opportunity(type, bound)
    let well = decide(try analysis(successRate: 0.95, operations: counts.1, [found]))
    #expect((well == .act(["o-1"])) == counts.isStrong, "\(bound)")
    let unwell = decide(try analysis(successRate: 0.3, operations: counts.1, [found]))
    #expect((unwell == .act(["o-1"])) == counts.isUnwell, "\(bound)")
  }

  @Test(
    "a lesson is strong by its impact: how much it touches, and how sure it is",
    arguments: [(3, 40, false, false), (5, 40, false, true), (10, 40, true, true)])
  func lessons(failed: Int, of operations: Int, isStrong: Bool, isUnwell: Bool) throws {
    // All failures end alike: the bound is that of `failed` of `failed`.
    let bound = try #require(WilsonInterval(successes: failed, trials: failed)).lower
    let impact = (Double(failed) / Double(operations) * bound).squareRoot()
    let found = try opportunity(.trainingNeeded, impact)
    let well = decide(try analysis(successRate: 0.95, operations: operations, [found]))
    #expect((well == .act(["o-1"])) == isStrong, "\(impact)")
    let unwell = decide(try analysis(successRate: 0.3, operations: operations, [found]))
    #expect((unwell == .act(["o-1"])) == isUnwell, "\(impact)")
  }

  @Test(
    "a finding and a version are strong by the chance that they are right",
    arguments: [
      (OpportunityType.codeSmell, 0.6, false), (.codeSmell, 1 - 0.4 * 0.4, true),
      (.codeSmell, 0.9, true), (.securityVulnerability, 0.6, false),
      (.securityVulnerability, 0.9, true), (.toolUpgrade, 0.95, true), (.toolUpgrade, 0.6, false),
    ])
  func findings(type: OpportunityType, strength: Double, isStrong: Bool) throws {
    for rate in [0.95, 0.3] {
      let decision = decide(try analysis(successRate: rate, [try opportunity(type, strength)]))
      #expect((decision == .act(["o-1"])) == isStrong)
    }
  }

  @Test("what was seen and not inferred needs no test", arguments: OpportunityType.allCases)
  func facts(type: OpportunityType) throws {
    let decision = decide(try analysis(successRate: 1, [try opportunity(type, 1)]))
    #expect(decision == .act(["o-1"]))
  }

  @Test("what cools down is left alone, and the rest is not held up by it")
  func coolsDown() throws {
    let hot = try opportunity(.codeSmell, 1, title: "tried")
    let fresh = try opportunity(.codeSmell, 1, title: "fresh")
    let later = Self.time + .seconds(60)
    let both = LoopRules.decide(try analysis(successRate: 1, [hot, fresh])) {
      $0.title == "tried" ? later : nil
    }
    #expect(both == .act(["o-2"]))
    let one = LoopRules.decide(try analysis(successRate: 1, [hot])) { _ in later }
    #expect(
      one == .wait("1 strong opportunities were tried lately: the next again from \(later) on"))
    let over = LoopRules.decide(try analysis(successRate: 1, [hot])) { _ in Self.time }
    #expect(over == .act(["o-1"]))
  }
}

@Suite("How long the loop leaves alone what it tried") struct CoolDownTests {
  private static let day = Duration.seconds(86_400)
  private static let start = Instant(seconds: 1_795_000_000)
  private let coolDown = CoolDown(first: CoolDownTests.day)

  private func opportunity(_ title: String = "t") throws -> Opportunity {
    Opportunity(
      type: .codeSmell, severity: nil, agent: try #require(AgentID("a")),
      component: try #require(ComponentID("finder")), title: title, strength: 1, evidence: [:])
  }

  /// A trial of one opportunity that ended `days` after the start.
  private func trial(
    _ verdict: Verdict, code: String = "x", days: Int, title: String = "t"
  ) throws -> TrialRecord {
    let item = Plan.Item(
      opportunity: try opportunity(title), opportunityID: "o-1",
      applier: try #require(ComponentID("fixer")))
    let plan = Plan(
      id: "p-\(days)", agent: try #require(AgentID("a")),
      strategy: Strategy.resolve(.conservative, health: nil), items: [item],
      needsApproval: false)
    let ended = Self.start + .seconds(days * 86_400)
    return TrialRecord(
      id: Int64(days), plan: plan,
      state: .finished(TrialEnding(verdict, code: code, reason: "r")),
      base: GenerationNumber(1), generation: nil, intent: nil, approval: nil,
      evidence: TrialEvidence(), requestedBy: 0, startedAt: ended, endedAt: ended)
  }

  private func days(_ history: [TrialRecord]) throws -> Int? {
    let tried = try opportunity()
    return coolDown.until(tried, history: history).map { until in
      Int(((until - Self.start).milliseconds / 86_400_000).rounded())
    }
  }

  @Test("what was never tried is free, and so is another opportunity")
  func free() throws {
    #expect(try days([]) == nil)
    #expect(try days([try trial(.rolledBack, days: 1, title: "other")]) == nil)
  }

  @Test("each try in a row that was not kept doubles the time, up to a month")
  func doubles() throws {
    var history = [try trial(.rolledBack, days: 10)]
    #expect(try days(history) == 11)
    history.insert(try trial(.inconclusive, days: 20), at: 0)
    #expect(try days(history) == 22)
    history.insert(try trial(.nothingToDo, days: 30), at: 0)
    #expect(try days(history) == 34)
    for day in 40...50 { history.insert(try trial(.failed, days: day), at: 0) }
    #expect(try days(history) == 80)
  }

  @Test("what was kept cools down once, and failures before it do not count")
  func kept() throws {
    let history = [
      try trial(.kept, days: 30), try trial(.rolledBack, days: 20), try trial(.failed, days: 10),
    ]
    #expect(try days(history) == 31)
  }

  @Test("where its applier failed and it was left out of what was kept, the try failed")
  func leftOut() throws {
    var kept = try trial(.kept, days: 30)
    kept.evidence.leftOut = [LeftOutItem(index: 0, code: "E_PLUGIN_FAILED", reason: "exit 3")]
    #expect(try days([kept, try trial(.rolledBack, days: 20)]) == 32)
  }

  @Test("a person's no holds for a month", arguments: ["rejected", "E_CANCELLED"])
  func refused(code: String) throws {
    #expect(try days([try trial(.refused, code: code, days: 5)]) == 35)
  }

  @Test("an end that says nothing of the change does not count")
  func silent() throws {
    #expect(try days([try trial(.failed, code: "E_STOPPING", days: 9)]) == nil)
    let history = [
      try trial(.inconclusive, code: "E_BASE_MOVED", days: 9), try trial(.rolledBack, days: 4),
    ]
    #expect(try days(history) == 5)
  }
}

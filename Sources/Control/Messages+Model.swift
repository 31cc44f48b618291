public import Model

// How Model's values become answers; the daemon's handlers are then one line each.

extension MetricsInfo {
  /// What `metrics` say.
  public init(_ metrics: AgentMetrics) {
    self.init(
      records: metrics.recordCount, operations: metrics.operationCount,
      successes: metrics.successCount, failures: metrics.failureCount, errors: metrics.errorCount,
      successRate: metrics.successRate, errorRate: metrics.errorRate,
      meanMilliseconds: metrics.meanMilliseconds, medianMilliseconds: metrics.medianMilliseconds,
      p95Milliseconds: metrics.p95Milliseconds, quality: metrics.quality,
      memoryMegabytes: metrics.memoryMegabytes, cpuPercent: metrics.cpuPercent,
      errorTypes: metrics.errors.map { CountInfo(name: $0.type, count: $0.count) })
  }
}

extension HealthTermInfo {
  /// One of a health's terms.
  public init(_ term: Health.Term) {
    self.init(name: term.name, weight: term.weight, value: term.value)
  }
}

extension TrendInfo {
  /// A p-value from which a trend is called flat.
  private static let flatPValue = 0.05

  /// How the daily health moves.
  public init(_ trend: Trend) {
    let isFlat = trend.pValue >= Self.flatPValue || trend.slopePerDay == 0
    self.init(
      slopePerDay: trend.slopePerDay, pValue: trend.pValue, days: trend.dayCount,
      direction: isFlat ? "flat" : trend.slopePerDay > 0 ? "up" : "down")
  }
}

extension HealthAnswer {
  /// The health of `agent` over `days`.
  public init(
    agent: AgentID, days: Int, health: Health, trend: Trend?, generations: [GenerationHealth]
  ) {
    self.init(
      agent: agent.text, days: days, score: health.score, isProvisional: health.isProvisional,
      operations: health.operationCount, terms: health.terms.map(HealthTermInfo.init),
      trend: trend.map(TrendInfo.init), generations: generations)
  }
}

extension OpportunityInfo {
  /// The opportunity of that id.
  public init(_ opportunity: Opportunity, id: String, foundAt: Instant?) {
    self.init(
      id: id, agent: opportunity.agent.text, type: opportunity.type,
      severity: opportunity.severity, component: opportunity.component.text,
      title: opportunity.title, strength: opportunity.strength, evidence: opportunity.evidence,
      foundAt: foundAt)
  }
}

extension PlanItemInfo {
  /// One item of a plan.
  public init(_ item: Plan.Item) {
    self.init(
      opportunity: item.opportunityID, type: item.opportunity.type,
      severity: item.opportunity.severity, title: item.opportunity.title,
      applier: item.applier.text)
  }
}

extension PlanInfo {
  /// A plan that has not been tried yet.
  public init(_ plan: Plan) {
    self.init(
      id: plan.id, strategy: plan.strategy.name.rawValue, needsApproval: plan.needsApproval,
      items: plan.items.map(PlanItemInfo.init))
  }
}

extension ScoreInfo {
  /// One dimension's score.
  public init(_ score: DimensionScore) {
    self.init(dimension: score.dimension, value: score.value)
  }
}

extension FindingInfo {
  /// One finding.
  public init(_ finding: Finding) {
    self.init(
      rule: finding.rule, level: finding.level, file: finding.file, line: finding.line,
      message: finding.message)
  }
}

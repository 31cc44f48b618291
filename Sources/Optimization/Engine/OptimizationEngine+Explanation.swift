import Feedback
public import Model

extension OptimizationEngine {
  /// Why a trial ended as it did, with the health before it and since.
  public func explain(_ trial: TrialRecord) throws(KaizenError) -> TrialExplanation {
    let window = Duration.seconds(limits.days * 86_400)
    var before = try parts.store.healthBefore(plan: trial.plan.id).map {
      TrialExplanation.HealthFigure(score: $0)
    }
    if before == nil {
      before = try health(
        of: trial.base, trial.plan.agent, from: trial.startedAt - window, to: trial.startedAt)
    }
    var after: TrialExplanation.HealthFigure?
    if let generation = trial.generation, let ended = trial.endedAt {
      after = try health(of: generation, trial.plan.agent, from: ended, to: now())
    }
    return TrialExplanation(trial, healthBefore: before, healthAfter: after)
  }

  /// The health of what one generation did within a span; nil where it did nothing.
  private func health(
    of number: GenerationNumber, _ agent: AgentID, from: Instant, to: Instant
  ) throws(KaizenError) -> TrialExplanation.HealthFigure? {
    let all = parts.feedback.metricsByGeneration(agent, from: from, to: to)
    guard let metrics = all[number], metrics.operationCount > 0 else { return nil }
    let health = Health(
      metrics, serviceLevel: try parts.store.agent(agent)?.descriptor.serviceLevel,
      codeQuality: try parts.store.quality(of: number, agent: agent),
      minDataPoints: limits.minDataPoints)
    return health.score.map {
      TrialExplanation.HealthFigure(score: $0, operationCount: metrics.operationCount)
    }
  }
}

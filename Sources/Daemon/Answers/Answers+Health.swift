import Control
import Model
import Optimization

// What the engine knows, in the words of the control surface.

extension HealthAnswer {
  init(_ analysis: Analysis) {
    self.init(
      agent: analysis.agent, days: analysis.days, health: analysis.health, trend: analysis.trend,
      generations: analysis.generations.map(GenerationHealth.init))
  }
}

extension GenerationHealth {
  init(_ generation: Analysis.GenerationHealth) {
    self.init(
      generation: generation.generation?.value ?? 0, score: generation.health.score,
      operations: generation.metrics.operationCount,
      successRate: generation.metrics.successRate, errorRate: generation.metrics.errorRate,
      meanMilliseconds: generation.metrics.meanMilliseconds)
  }
}

extension ComponentNote {
  init(_ note: Analysis.Note) {
    self.init(
      component: note.component.text, message: note.message, isFailure: note.isFailure)
  }
}

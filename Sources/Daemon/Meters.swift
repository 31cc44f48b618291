import Feedback
import Model
import Optimization
import PluginHost
import Telemetry

/// The daemon's metrics: what is counted as it happens, and what is read when somebody asks.
struct Meters: Sendable {
  private let records: Counter
  private let calls: Counter
  private let callFailures: Counter
  private let callSeconds: Histogram
  private let operations: Gauge
  private let health: Gauge
  private let trials: Gauge
  private let resident: Gauge

  init(_ registry: MetricsRegistry) {
    records = registry.counter(
      "kaizen_feedback_records_total", "Feedback records received, by what became of them.",
      labels: ["result"])
    calls = registry.counter(
      "kaizen_component_calls_total", "Calls of components.", labels: ["component", "kind"])
    callFailures = registry.counter(
      "kaizen_component_failures_total", "Calls of components that failed, by error code.",
      labels: ["component", "code"])
    callSeconds = registry.histogram(
      "kaizen_component_call_duration_seconds", "How long calls of components took.",
      labels: ["component"])
    operations = registry.gauge(
      "kaizen_operations", "Operations stored, by agent and outcome.", labels: ["agent", "outcome"])
    health = registry.gauge(
      "kaizen_agent_health", "Health of the last 7 days, 0 to 100.", labels: ["agent"])
    trials = registry.gauge(
      "kaizen_trials", "Trials that ended, by verdict.", labels: ["verdict"])
    resident = registry.gauge(
      "process_resident_memory_bytes", "Resident memory of the daemon, in bytes.")
  }

  /// Counts what became of records.
  func count(_ result: IngestResult) {
    records.add(Double(result.stored), ["stored"])
    records.add(Double(result.duplicate), ["duplicate"])
    records.add(Double(result.rejectedCount), ["rejected"])
  }

  /// Counts a component's call.
  func count(_ call: ComponentCall) {
    calls.add(1, [call.component.text, call.kind.rawValue])
    if let failure = call.failure { callFailures.add(1, [call.component.text, failure.rawValue]) }
    callSeconds.observe(call.duration.milliseconds / 1000, [call.component.text])
  }

  /// Reads what is not counted as it happens.
  func refresh(_ parts: DaemonParts) {
    for counts in parts.feedback.operationCounts() {
      operations.set(Double(counts.successes), [counts.agent.text, "success"])
      operations.set(Double(counts.failures), [counts.agent.text, "failure"])
      operations.set(Double(counts.unfinished), [counts.agent.text, "unfinished"])
    }
    do {
      for agent in try parts.engine.agents() {
        do throws(KaizenError) {
          if let score = try parts.engine.measure(agent.id, days: 7).health.score {
            health.set(score, [agent.id.text])
          } else {
            health.remove([agent.id.text])
          }
        } catch {
          health.remove([agent.id.text])
          parts.log.warning(
            "no health of an agent",
            ["agent": .string(agent.id.text), "error": .string(error.description)])
        }
      }
      for (verdict, count) in try parts.engine.verdictCounts() {
        trials.set(Double(count), [verdict])
      }
    } catch {
      parts.log.warning("metrics are incomplete", ["error": .string(error.description)])
    }
    if let megabytes = OwnProcess.residentMegabytes() { resident.set(megabytes * 1_048_576) }
  }
}

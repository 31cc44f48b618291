import Feedback
import Linux
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
  private let analysisSeconds: Histogram
  private let responseSeconds: Gauge
  private let errorRate: Gauge
  private let insights: Counter
  private let insightsApplied: Gauge
  private let insightsActive: Gauge
  private let knowledge: Gauge

  /// Days that health, response time and error rate look back on.
  private static let days = 7

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
    analysisSeconds = registry.histogram(
      "kaizen_analysis_duration_seconds", "How long analyses of an agent took.")
    responseSeconds = registry.gauge(
      "kaizen_avg_response_time_seconds",
      "Mean duration of an operation in the last 7 days; each agent's mean by its operations.")
    errorRate = registry.gauge(
      "kaizen_error_rate", "Operations of the last 7 days that ended in an error, in percent.")
    insights = registry.counter(
      "kaizen_insights_total", "Learnings drawn since the first record, by type.",
      labels: ["type"])
    insightsApplied = registry.gauge(
      "kaizen_insights_applied", "Learnings that a generation has in its instructions.")
    insightsActive = registry.gauge(
      "kaizen_active_insights", "Learnings that have not expired.")
    knowledge = registry.gauge(
      "kaizen_knowledge_base_size", "Patterns and learnings that are known.")
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

  /// Counts an analysis.
  func countAnalysis(_ duration: Duration) {
    analysisSeconds.observe(duration.milliseconds / 1000)
  }

  /// Reads what is not counted as it happens.
  func refresh(_ parts: DaemonParts) {
    for counts in parts.feedback.operationCounts() {
      operations.set(Double(counts.successes), [counts.agent.text, "success"])
      operations.set(Double(counts.failures), [counts.agent.text, "failure"])
      operations.set(Double(counts.unfinished), [counts.agent.text, "unfinished"])
    }
    do {
      try refreshScores(parts)
      refresh(try parts.feedback.insightCounts())
      let totals = try parts.feedback.insightTotals()
      for kind in Learning.Kind.allCases {
        insights.raise(to: Double(totals[kind] ?? 0), [kind.rawValue])
      }
      for (verdict, count) in try parts.engine.verdictCounts() {
        trials.set(Double(count), [verdict])
      }
    } catch {
      parts.damage.note(error)
      parts.log.warning("metrics are incomplete", ["error": .string(error.description)])
    }
    if let megabytes = OwnProcess.residentMegabytes() { resident.set(megabytes * 1_048_576) }
  }

  private func refresh(_ counts: InsightCounts) {
    insightsApplied.set(Double(counts.applied))
    insightsActive.set(Double(counts.active))
    knowledge.set(Double(counts.knowledgeCount))
  }

  /// Health of every agent and what they come to together, from one look at each one's window.
  private func refreshScores(_ parts: DaemonParts) throws(KaizenError) {
    let attached = try parts.engine.agents()
    let known = Set(attached.map(\.id))
    let observed = parts.feedback.agents().filter { !known.contains($0) }
    let subjects = attached.map { ($0.id, Optional($0)) } + observed.map { ($0, nil) }
    let now = Instant(nanoseconds: Clock.wallNanoseconds())
    let vitals = parts.engine.vitals(days: Self.days, at: now)
    var sums = Sums()
    for (id, record) in subjects {
      do throws(KaizenError) {
        let metrics = vitals[id] ?? AgentMetrics()
        sums.add(metrics)
        if let score = try parts.engine.score(id, record, metrics).score {
          health.set(score, [id.text])
        } else {
          health.remove([id.text])
        }
      } catch {
        health.remove([id.text])
        parts.log.warning(
          "no health of an agent",
          ["agent": .string(id.text), "error": .string(error.description)])
      }
    }
    // Without an operation there is no mean, which is not the same as zero.
    set(responseSeconds, sums.timed > 0 ? sums.milliseconds / sums.timed / 1000 : nil)
    set(errorRate, sums.operations > 0 ? 100 * sums.errors / sums.operations : nil)
  }

  private func set(_ gauge: Gauge, _ value: Double?) {
    if let value { gauge.set(value) } else { gauge.remove([]) }
  }

  /// Operations of all agents together.
  private struct Sums {
    var operations = 0.0
    var errors = 0.0
    var timed = 0.0
    var milliseconds = 0.0

    mutating func add(_ metrics: AgentMetrics) {
      let count = Double(metrics.operationCount)
      operations += count
      errors += Double(metrics.errorCount)
      guard let mean = metrics.meanMilliseconds else { return }
      timed += count
      milliseconds += mean * count
    }
  }
}

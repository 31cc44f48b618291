import Model
import SQLite

extension EngineStore {
  /// Rows of metrics and of health kept for one agent.
  private static let rowCountMax: Int64 = 10_000

  /// Notes what an analysis measured, so that later ones and people can look back.
  func insert(_ analysis: Analysis) throws(KaizenError) {
    let agent = SQLValue.text(analysis.agent.text)
    let time = SQLValue.integer(analysis.time.nanoseconds)
    let terms = analysis.health.terms.map { term in
      (term.name, term.value.map { JSONValue.number($0) } ?? .null)
    }
    try database.write { connection in
      _ = try connection.run(
        """
        INSERT OR REPLACE INTO health_history (agent, time, score, operations, terms)
        VALUES (?,?,?,?,?)
        """,
        [
          agent, time, SQLValue(analysis.health.score), SQLValue(analysis.health.operationCount),
          .text(JSONValue.object(Dictionary(terms) { _, last in last }).text()),
        ])
      _ = try connection.run(
        "INSERT OR REPLACE INTO performance_metrics (agent, time, days, metrics) VALUES (?,?,?,?)",
        [agent, time, SQLValue(analysis.days), .text(analysis.now.json.text())])
      for table in ["health_history", "performance_metrics"] {
        _ = try connection.run(
          """
          DELETE FROM \(table) WHERE agent = ?1 AND time <
            (SELECT time FROM \(table) WHERE agent = ?1 ORDER BY time DESC LIMIT 1 OFFSET ?2)
          """, [agent, .integer(Self.rowCountMax)])
      }
    }
  }
}

extension AgentMetrics {
  /// The metrics as they are stored and handed to components; what has no data is null.
  var json: JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    return [
      "records": .integer(Int64(recordCount)), "operations": .integer(Int64(operationCount)),
      "successes": .integer(Int64(successCount)), "failures": .integer(Int64(failureCount)),
      "errors": .integer(Int64(errorCount)), "success_rate": number(successRate),
      "error_rate": number(errorRate), "mean_ms": number(meanMilliseconds),
      "p50_ms": number(medianMilliseconds), "p95_ms": number(p95Milliseconds),
      "quality": number(quality), "memory_mb": number(memoryMegabytes),
      "cpu_percent": number(cpuPercent),
    ]
  }
}

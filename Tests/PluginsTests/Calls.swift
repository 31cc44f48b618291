import CKaizenPlugin

/// The window of an agent, as a test wants it.
struct Window {
  var slaMilliseconds = 0.0
  var now: (successes: UInt64, failures: UInt64) = (0, 0)
  var before: (successes: UInt64, failures: UInt64) = (0, 0)
  var trend: (days: UInt32, slope: Double, pValue: Double) = (0, .nan, .nan)
  var durations: [Double] = []
  var errorTypes: [String?] = []
  var operations: [UInt64] = []
  var memory: [Double] = []
  var cpu: [Double] = []
  var quality: [Double] = []
  var agent = "{}"
  var facts = "{}"

  func view(_ arena: Arena, root: String = "", files: [String] = []) -> kz_agent_view {
    let rows =
      [durations.count, errorTypes.count, memory.count, cpu.count, quality.count]
      .max() ?? 0
    var operations = operations
    if operations.isEmpty { operations = (0..<UInt64(rows)).map { $0 } }
    let durations = durations.isEmpty ? Array(repeating: .nan, count: rows) : durations
    let errors = errorTypes.isEmpty ? Array(repeating: nil, count: rows) : errorTypes
    let columns = [
      arena.column("time_ns", format: "l", (0..<Int64(rows)).map { $0 * 1_000_000_000 }),
      arena.column("duration_ms", durations), arena.column("error_type", errors),
      arena.column("operation", format: "L", operations),
      arena.column("memory_mb", Self.filled(memory, rows)),
      arena.column("cpu_percent", Self.filled(cpu, rows)),
      arena.column("score", Self.filled(quality, rows)),
      arena.column(
        "type", format: "C",
        [UInt8](
          repeating: UInt8(quality.isEmpty ? KZ_TYPE_SUCCESS : KZ_TYPE_QUALITY_SCORE), count: rows)),
    ]
    let mean = Self.mean(durations)
    var numbers = Self.numbers(now, mean)
    (numbers.memory_mb, numbers.cpu_percent) = (Self.mean(memory), Self.mean(cpu))
    numbers.quality = Self.mean(quality)
    return kz_agent_view(
      size: structSize(kz_agent_view.self), error_count: 0, agent: arena.text("a"),
      sla_ns: UInt64(slaMilliseconds * 1e6), generation: 1, now_ns: 0,
      now: arena.value(numbers), before: arena.value(Self.numbers(before, .nan)),
      trend: arena.value(
        kz_trend(
          size: structSize(kz_trend.self), days: trend.days, slope_per_day: trend.slope,
          p_value: trend.pValue)),
      errors: nil, columns: arena.array(columns), column_count: UInt32(columns.count),
      file_count: UInt32(files.count), root: arena.text(root),
      files: arena.array(files.map { arena.text($0) }), agent_json: arena.text(agent),
      facts_json: arena.text(facts))
  }

  private static func mean(_ values: [Double]) -> Double {
    let known = values.filter { !$0.isNaN }
    return known.isEmpty ? .nan : known.reduce(0, +) / Double(known.count)
  }

  private static func filled(_ values: [Double], _ rows: Int) -> [Double] {
    values + Array(repeating: .nan, count: rows - values.count)
  }

  private static func numbers(
    _ counts: (successes: UInt64, failures: UInt64), _ mean: Double
  ) -> kz_numbers {
    kz_numbers(
      size: structSize(kz_numbers.self), reserved: 0, records: counts.successes + counts.failures,
      operations: counts.successes + counts.failures, successes: counts.successes,
      failures: counts.failures, errors: counts.failures, mean_ms: mean, p50_ms: mean,
      p95_ms: mean, quality: .nan, memory_mb: .nan, cpu_percent: .nan)
  }
}

/// One item of a plan, as a test wants it.
struct Item {
  var type: String
  var evidence = "{}"
  var root: String
  var files: [String]
  var agent = "{}"
  var history = "[]"
  var nowNanoseconds: Int64 = 0

  func item(_ arena: Arena) -> kz_plan_item {
    kz_plan_item(
      size: structSize(kz_plan_item.self), severity: UInt32(KZ_SEVERITY_MEDIUM),
      opportunity: arena.text("o1"), type: arena.text(type), title: arena.text("t"),
      component: arena.text("c"), evidence_json: arena.text(evidence), strength: 1,
      agent: arena.text("a"), generation: 1, now_ns: nowNanoseconds,
      root: arena.text(root), files: arena.array(files.map { arena.text($0) }),
      file_count: UInt32(files.count), reserved: 0, agent_json: arena.text(agent),
      history_json: arena.text(history))
  }
}

/// A tree to score.
func tree(_ arena: Arena, root: String, files: [String]) -> kz_tree_view {
  kz_tree_view(
    size: structSize(kz_tree_view.self), file_count: UInt32(files.count), now_ns: 0,
    root: arena.text(root), files: arena.array(files.map { arena.text($0) }))
}

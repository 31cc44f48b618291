import Model
import Testing

@testable import Feedback

@Suite("Health needs no scan, and its numbers are those of one") struct VitalsTests {
  /// The figures that health needs of a scan's.
  private func reduced(_ metrics: AgentMetrics) -> AgentMetrics {
    var metrics = metrics
    metrics.medianMilliseconds = nil
    metrics.p95Milliseconds = nil
    metrics.memoryMegabytes = nil
    metrics.cpuPercent = nil
    metrics.errors = []
    return metrics
  }

  private func near(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= 1e-9 * max(1, abs(b))
  }

  private func agree(_ sums: AgentMetrics, _ scan: AgentMetrics) -> Bool {
    var (sums, scan) = (sums, reduced(scan))
    guard near(sums.meanMilliseconds, scan.meanMilliseconds), near(sums.quality, scan.quality)
    else { return false }
    (sums.meanMilliseconds, sums.quality, scan.meanMilliseconds, scan.quality) = (
      nil, nil, nil, nil
    )
    return sums == scan
  }

  /// A row of a few operations, so that many have records in several spans of time.
  private func randomLine(
    _ random: inout SeededGenerator, _ now: Instant, agent: String
  ) throws -> String {
    let type = try required(FeedbackType.allCases.randomElement(using: &random)).rawValue
    let back = Int64.random(in: 0..<12 * 86_400, using: &random)
    let near = Bool.random(using: &random) ? back / 200 : back
    var more = #","time":\#((now - .seconds(near)).seconds)"#
    if Bool.random(using: &random) {
      more += #","duration_ms":\#(Double(Int.random(in: 0..<90_000, using: &random)) / 7)"#
    }
    if Int.random(in: 0..<4, using: &random) == 0 { more += #","error_type":"E""# }
    if type == "quality_score" {
      more += #","score":0.\#(Int.random(in: 0..<100, using: &random))"#
    }
    return line(type, "o\(Int.random(in: 0..<400, using: &random))", more, agent: agent)
  }

  @Test(
    "random records, spans, starts, drops and restarts", arguments: [1, 2, 3, 4] as [UInt64],
    [300, 100_000])
  func random(seed: UInt64, rowsMax: Int) throws {
    var random = SeededGenerator(state: seed)
    let test = try TestLoop { $0.windowRowsMax = rowsMax }
    let agents = ["alpha", "beta"]
    for round in 0..<12 {
      var lines: [String] = []
      for _ in 0..<Int.random(in: 1..<150, using: &random) {
        lines.append(
          try randomLine(
            &random, test.clock.now, agent: try required(agents.randomElement(using: &random))))
      }
      _ = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
      for _ in 0..<3 {
        let number = Int.random(in: 0..<800, using: &random)
        let back = Duration.seconds(Int.random(in: 0..<9 * 86_400, using: &random))
        try test.loop.startOperation(
          agent: test.agent, operation: "o\(number)", time: test.clock.now - back)
      }
      if round % 5 == 4 { try test.restart() }
      test.clock.advance(.seconds(Int.random(in: 0..<40_000, using: &random)))
      for _ in 0..<8 {
        let to = test.clock.now - .seconds(Int.random(in: 0..<8 * 86_400, using: &random))
        let from = to - .seconds(Int.random(in: 0..<9 * 86_400, using: &random))
        for (agent, sums) in test.loop.vitals(from: from, to: to) {
          let scan = test.loop.metrics(agent, from: from, to: to)
          #expect(agree(sums, scan), "\(agent) in round \(round): \(sums) is not \(reduced(scan))")
        }
      }
    }
  }

  @Test("no agent, no records and an empty span of time have nothing to say")
  func nothing() throws {
    let test = try TestLoop()
    #expect(test.loop.vitals(from: noon - day, to: noon).isEmpty)
    try test.ingest(line("success", "o1"))
    let metrics = try required(test.loop.vitals(from: noon, to: noon).first?.metrics)
    #expect(metrics == AgentMetrics())
  }

  @Test("sums forget what was dropped, and do not grow with what has gone")
  func bounded() throws {
    var memory = FeedbackMemory(rowsMax: 2000)
    memory.addAgent("a")
    for number in 0..<40_000 {
      memory.append(
        ColumnRow(
          agent: 0, time: Int64(number) * 60_000_000_000, operation: UInt64(number), score: .nan,
          duration: 1, memory: .nan, cpu: .nan, error: -1, generation: 0, type: 0, source: 0))
      if number % 500 == 0 { memory.catchUp() }
    }
    let found = memory.vitals(from: 0, to: .max, unfinishedBefore: 0)
    #expect(found.first?.metrics.recordCount == 2000)
    #expect(memory.agents[0].vitals.operations.count < 6000)
    #expect(memory.agents[0].vitals.spans.count < 30)
  }
}

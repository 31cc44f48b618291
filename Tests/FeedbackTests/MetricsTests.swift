import Feedback
import Model
import Testing

@Suite("Figures from records") struct MetricsTests {
  @Test("an operation counts once, and has failed if any record says so")
  func distinct() throws {
    let test = try TestLoop()
    try test.ingest(
      line("success", "o1"), line("success", "o1"), line("success", "o2"), line("failure", "o2"),
      line("failure", "o3", #","error_type":"T""#), line("failure", "o3", #","error_type":"T""#),
      line("quality_score", "o4", #","score":0.5"#), line("quality_score", "o4", #","score":1"#))
    let metrics = test.metrics()
    #expect(metrics.recordCount == 8 && metrics.operationCount == 4)
    #expect(metrics.successCount == 1 && metrics.failureCount == 2 && metrics.errorCount == 1)
    #expect(metrics.successRate == 1.0 / 3 && metrics.errorRate == 0.25)
    #expect(metrics.quality == 0.75)
    #expect(metrics.errors == [.init(type: "T", count: 1)])
  }

  @Test("response times are of operations, memory and CPU of records")
  func resources() throws {
    let test = try TestLoop()
    let lines = (1...100).map {
      line("success", "o\($0)", #","duration_ms":\#($0),"memory_mb":\#($0)"#)
    }
    _ = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
    try test.ingest(line("performance", "o1", #","duration_ms":1,"cpu_percent":80"#))
    let metrics = test.metrics()
    #expect(metrics.meanMilliseconds == 50.5 && metrics.medianMilliseconds == 50.5)
    #expect(abs((metrics.p95Milliseconds ?? 0) - 95.05) < 1e-9)
    #expect(metrics.memoryMegabytes == 50.5 && metrics.cpuPercent == 80)
    #expect(metrics.quality == nil)
  }

  @Test("the span includes its start and not its end")
  func span() throws {
    let test = try TestLoop()
    for hours in [0, 1, 2] {
      let time = noon - .seconds(hours * 3600)
      try test.ingest(line("success", "o\(hours)", #","time":\#(time.seconds)"#))
    }
    let metrics = test.loop.metrics(test.agent, from: noon - .seconds(7200), to: noon)
    #expect(metrics.operationCount == 2)
    #expect(test.loop.metrics(try required(AgentID("x")), from: noon, to: noon).recordCount == 0)
  }

  @Test("each generation has figures of its own")
  func generations() throws {
    let test = try TestLoop()
    try test.ingest(
      line("failure", "o1", #","generation":1"#), line("success", "o2", #","generation":2"#),
      line("success", "o3", #","generation":2"#), line("success", "o4"))
    let all = test.loop.metricsByGeneration(test.agent, from: noon - day, to: noon + day)
    #expect(all.mapValues(\.operationCount) == [GenerationNumber(1): 1, GenerationNumber(2): 2])
    #expect(test.metrics(generation: 2).successRate == 1)
    #expect(test.metrics(generation: 1).successRate == 0)
    #expect(test.metrics().operationCount == 4)
  }

  @Test("an operation started and not finished in time is an error, until it ends")
  func unfinished() throws {
    let test = try TestLoop()
    try test.loop.startOperation(
      agent: test.agent, operation: "o1", generation: GenerationNumber(3))
    try test.loop.startOperation(agent: test.agent, operation: "o1")
    try test.loop.startOperation(agent: test.agent, operation: "o2")
    try test.ingest(line("success", "o2"))
    #expect(test.metrics().errorCount == 0 && test.metrics().operationCount == 1)
    test.clock.advance(.seconds(3601))
    for _ in 0..<2 {
      #expect(test.metrics().errorCount == 1 && test.metrics().operationCount == 2)
      #expect(test.metrics().errors == [.init(type: "unfinished", count: 1)])
      #expect(test.metrics(generation: 3).errorCount == 1)
      #expect(test.loop.operationCounts().map(\.unfinished) == [1])
      try test.restart()
    }
    try test.ingest(line("failure", "o1"))
    #expect(test.metrics().errorCount == 0 && test.metrics().failureCount == 1)
    // A start that arrives after its end is no new operation.
    try test.loop.startOperation(agent: test.agent, operation: "o1")
    test.clock.advance(.seconds(3601))
    #expect(test.metrics().errorCount == 0)
  }

  @Test(
    "daily rates have a gap where a day has no data, from memory or from aggregates",
    arguments: [1_000_000, 1])
  func daily(windowRows: Int) throws {
    let test = try TestLoop { $0.windowRowsMax = windowRows }
    for (days, types) in [(4, ["success"]), (2, ["success", "failure"]), (0, ["failure"])] {
      for (index, type) in types.enumerated() {
        let time = (noon - .seconds(days * 86_400)).seconds
        try test.ingest(line(type, "o\(days)-\(index)", #","time":\#(time)"#))
      }
    }
    #expect(try test.loop.dailySuccessRates(test.agent, days: 6) == [nil, 1, nil, 0.5, nil, 0])
    #expect(try test.loop.dailySuccessRates(required(AgentID("x")), days: 2) == [nil, nil])
  }

  @Test("a window has the newest rows, in the order of time, each column as it was said")
  func window() throws {
    let test = try TestLoop()
    try test.ingest(
      line("success", "late", #","time":\#(noon.seconds)"#),
      line("failure", "early", #","time":\#(noon.seconds - 20),"error_type":"T","duration_ms":5"#),
      line(
        "user_rating", "late",
        #","time":\#(noon.seconds - 10),"score":0.5,"source":"user","generation":4,"memory_mb":2,"cpu_percent":3"#
      ))
    let all = test.loop.window(test.agent, from: noon - day, to: noon + day, limit: 10)
    #expect(all.count == 3 && all.droppedCount == 0)
    #expect(all.times == [-20, -10, 0].map { (noon + .seconds($0)).nanoseconds })
    #expect(all.types.map { FeedbackType.allCases[Int($0)] } == [.failure, .userRating, .success])
    #expect(all.sources.map { FeedbackSource.allCases[Int($0)] } == [.agent, .user, .agent])
    #expect(all.errors == [0, -1, -1] && all.errorTypes == ["T"])
    #expect(all.scores[0] == 0 && all.scores[1] == 0.5 && all.scores[2].isNaN)
    #expect(all.durations[0] == 5 && all.durations[1].isNaN)
    #expect(all.memory[1] == 2 && all.cpu[1] == 3 && all.generations == [0, 4, 0])
    #expect(all.operations[1] == all.operations[2] && all.operations[0] != all.operations[1])
    let newest = test.loop.window(test.agent, from: noon - day, to: noon + day, limit: 2)
    #expect(newest.times == Array(all.times.dropFirst()) && newest.droppedCount == 1)
    #expect(newest.errorTypes.isEmpty)
  }

  @Test("the memory keeps the newest of all agents, and says what it dropped")
  func bounded() throws {
    let test = try TestLoop { $0.windowRowsMax = 100 }
    let lines = (0..<5000).map { line("success", "o\($0)", agent: $0 % 2 == 0 ? "alpha" : "beta") }
    for _ in 0..<2 {
      if try test.loop.stats().records == 0 {
        _ = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
        let window = test.loop.window(test.agent, from: noon - day, to: noon + day, limit: 1000)
        #expect(window.count == 50 && window.droppedCount == 2450)
      }
      #expect(test.metrics().operationCount == 50)
      #expect(try test.loop.stats(test.agent).operations == 2500)
      try test.restart()
    }
  }

  @Test("summary, stats and counters agree")
  func summary() throws {
    let test = try TestLoop()
    try test.ingest(
      line("success", "o1", #","time":\#((noon - .seconds(8 * 86_400)).seconds)"#),
      line("failure", "o2"), line("success", "o3", #","source":"user""#),
      line("quality_score", "o3", #","score":1"#), line("success", "o1", agent: "beta"))
    let summary = test.loop.summary(test.agent, days: 7)
    #expect(summary.now.operationCount == 2 && summary.before.operationCount == 1)
    #expect(summary.types == [.failure: 1, .success: 1, .qualityScore: 1])
    #expect(summary.sources == [.agent: 2, .user: 1])
    for _ in 0..<2 {
      let stats = try test.loop.stats()
      #expect(stats.records == 5 && stats.operations == 4)
      #expect(stats.agents.map(\.agent.text) == ["alpha", "beta"])
      #expect(stats.agents.map(\.records) == [4, 1])
      #expect(stats.oldest == noon - .seconds(8 * 86_400) && stats.newest == noon)
      #expect(stats.storedBytes > 4096)
      #expect(try test.loop.stats(test.agent).types[.success] == 2)
      #expect(try test.loop.stats(since: noon - day).records == 4)
      let counts = test.loop.operationCounts()
      #expect(counts.map(\.successes) == [2, 1] && counts.map(\.failures) == [1, 0])
      try test.restart()
    }
  }
}

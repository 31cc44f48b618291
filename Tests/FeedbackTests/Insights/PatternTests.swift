import Feedback
import Linux
import Model
import TestSupport
import Testing

/// RFC 3339 of so long before noon, as a member of a record.
private func ago(_ duration: Duration) -> String { #","time":"\#(noon - duration)""# }

private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 0.0005 }

extension TestLoop {
  /// The one pattern of that title; nil where there is none.
  func pattern(_ title: String) throws -> Pattern? {
    try loop.learn(agent).patterns.first { $0.title == title }
  }

  /// So many records alike, each of an operation of its own, a minute apart.
  func many(_ count: Int, _ type: String, _ name: String, _ more: String = "") throws {
    let lines = (0..<count).map { index in
      line(type, "\(name)-\(index)", more + ago(.seconds(3600 - 60 * index)))
    }
    _ = try loop.ingest(Array(lines.joined(separator: "\n").utf8))
  }
}

@Suite("Finding patterns") struct PatternTests {
  @Test(
    "an error type counts from 3 occurrences and 0.6 of the failures on, the bound beside",
    arguments: [
      // Wilson, 95 %, by hand: (p + z²/2n − z √(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n), z = 1.96.
      (3, 2, 0.2307), (3, 0, 0.4385), (6, 0, 0.6097), (6, 4, 0.3127), (20, 0, 0.8389),
    ])
  func errorType(count: Int, others: Int, bound: Double) throws {
    let test = try TestLoop()
    try test.many(count, "failure", "t", #","error_type":"TimeoutError""#)
    for index in 0..<others {
      try test.ingest(line("failure", "x\(index)", #","error_type":"Other\#(index)""#))
    }
    let found = try required(try test.pattern("failures end in TimeoutError"))
    #expect(found.kind == .failure && found.frequency == count)
    #expect(found.chances == count + others)
    #expect(near(found.confidence, Double(count) / Double(count + others)))
    #expect(near(found.lowerBound, bound))
  }

  @Test("two occurrences, or half of the failures, are no pattern")
  func tooFew() throws {
    let two = try TestLoop()
    try two.many(2, "failure", "t", #","error_type":"E""#)
    #expect(try two.pattern("failures end in E") == nil)
    let half = try TestLoop()
    try half.many(3, "failure", "t", #","error_type":"E""#)
    try half.many(3, "failure", "u", #","error_type":"F""#)
    #expect(try half.loop.learn(half.agent).patterns.isEmpty)
  }

  @Test(
    "an operation counts once, whatever is said of it, and what is older than 7 days not at all")
  func counting() throws {
    let test = try TestLoop()
    for _ in 0..<5 { try test.ingest(line("failure", "one", #","error_type":"E""#)) }
    try test.ingest(line("failure", "two", #","error_type":"E""#))
    try test.ingest(line("failure", "old", #","error_type":"E""# + ago(day * 8)))
    #expect(try test.pattern("failures end in E") == nil)
    try test.ingest(line("failure", "three", #","error_type":"E""# + ago(day * 6)))
    let found = try required(try test.pattern("failures end in E"))
    #expect(found.frequency == 3 && found.chances == 3)
    #expect(found.firstSeen == noon - day * 6)
    test.clock.advance(day * 8)
    #expect(try test.loop.patterns(of: test.agent).isEmpty)
    #expect(try test.loop.learn(test.agent).patterns.isEmpty)
  }

  @Test("texts that differ in numbers and paths alone are one, and names in quotes stay")
  func errorText() throws {
    let test = try TestLoop()
    for index in 0..<4 {
      let text = "cannot open /data/run-\(index)/in.csv: row \(index * 17) is broken"
      try test.ingest(line("failure", "o\(index)", #","details":{"stderr":"\#(text)"}"#))
    }
    try test.ingest(line("failure", "o9", #","details":{"stderr":"something else"}"#))
    let title = #"failures say "cannot open * row * is broken""#
    let found = try required(try test.pattern(title))
    #expect(found.frequency == 4 && found.chances == 5)
    #expect(found.evidence["text"]?.string == "cannot open /data/run-3/in.csv: row 51 is broken")
    #expect(found.evidence["operations"] == ["o3", "o2", "o1", "o0"])
  }

  @Test("what is missing is found among the failures that lack something of its sort")
  func gap() throws {
    let test = try TestLoop()
    let module =
      #","error_type":"ModuleNotFoundError","details":{"stderr":"No module named 'yaml'"}"#
    try test.many(3, "failure", "m", module)
    try test.many(9, "failure", "t", #","error_type":"TimeoutError""#)
    let found = try required(try test.pattern("module yaml is missing"))
    #expect(found.frequency == 3 && found.chances == 3)
    let learning = try required(
      try test.loop.learnings(of: test.agent).first { $0.kind == .skillEnhancement })
    #expect(learning.text.contains("Declare yaml as a dependency"))
  }

  @Test("a domain succeeds or fails by its own operations")
  func contexts() throws {
    let test = try TestLoop()
    try test.many(4, "success", "s", #","domain":"billing""#)
    try test.many(1, "failure", "f", #","domain":"billing""#)
    try test.many(3, "failure", "g", #","domain":"refunds","error_type":"E""#)
    let billing = try required(try test.pattern("operations of domain billing succeed"))
    #expect(billing.kind == .success && billing.frequency == 4 && billing.chances == 5)
    #expect(near(billing.confidence, 0.8) && near(billing.lowerBound, 0.3755))
    let refunds = try required(try test.pattern("operations of domain refunds fail"))
    #expect(refunds.kind == .failure && refunds.frequency == 3 && refunds.chances == 3)
    #expect(try test.pattern("operations succeed") == nil)
  }

  @Test("without domain, model, complexity and tool, all operations are one group")
  func successes() throws {
    let test = try TestLoop()
    try test.many(9, "success", "s")
    try test.many(1, "failure", "f")
    let found = try required(try test.pattern("operations succeed"))
    #expect(found.frequency == 9 && found.chances == 10 && near(found.lowerBound, 0.5958))
  }

  @Test("a dimension is low below 0.8 and high from 0.95 on")
  func quality() throws {
    let test = try TestLoop()
    try test.many(3, "quality_score", "q", #","score":0.9,"dimensions":{"tests":0.79,"style":0.8}"#)
    try test.many(2, "quality_score", "p", #","score":0.9,"dimensions":{"tests":0.8,"docs":1}"#)
    try test.many(3, "user_rating", "u", #","rating":5"#)
    let low = try required(try test.pattern("tests scores below 0.8"))
    #expect(low.kind == .quality && low.frequency == 3 && low.chances == 5)
    #expect(try test.pattern("style scores below 0.8") == nil)
    #expect(try test.pattern("quality scores below 0.8") == nil)
    #expect(try test.pattern("docs scores 0.95 or more") == nil)
    let high = try required(try test.pattern("user rating scores 0.95 or more"))
    #expect(high.frequency == 3 && near(high.lowerBound, 0.4385))
    // What scores high is a pattern, and nothing to learn.
    let learnings = try test.loop.learnings(of: test.agent)
    #expect(learnings.filter { $0.kind == .optimization }.map(\.title) == ["improve tests"])
  }

  @Test("what is no score is no dimension, wherever a record says it")
  func uncheckedDimensions() throws {
    let test = try TestLoop()
    let hostile = #"{"a":-1e300,"b":1e300,"c":-1e18,"":0.1,"d":"0.1","tests":0.25}"#
    try test.many(3, "success", "q", #","details":{"dimensions":\#(hostile)}"#)
    let found = try test.loop.learn(test.agent)
    #expect(
      found.patterns.filter { $0.kind == .quality }.map(\.title) == ["tests scores below 0.8"])
    #expect(found.learnings.contains { $0.text.contains("0.25 on average") })
  }

  @Test("operations are slow above the agent's SLA, all of them or those of one tool")
  func performance() throws {
    let test = try TestLoop()
    test.loop.setServiceLevels { _ in .milliseconds(300) }
    try test.many(3, "success", "a", #","duration_ms":301,"tool":"search""#)
    try test.many(9, "success", "b", #","duration_ms":300,"tool":"read""#)
    let found = try required(try test.pattern("operations of tool search take over 300 ms"))
    #expect(found.kind == .performance && found.frequency == 3 && found.chances == 3)
    #expect(try test.pattern("operations take over 300 ms") == nil)
    test.loop.setServiceLevels { _ in .milliseconds(200) }
    let all = try required(try test.pattern("operations take over 200 ms"))
    #expect(all.frequency == 12)
    #expect(try test.pattern("operations of tool search take over 200 ms") == nil)
  }

  @Test("memory counts above 500 MiB, CPU above 80 %")
  func resources() throws {
    let test = try TestLoop()
    try test.many(3, "success", "a", #","memory_mb":501,"cpu_percent":80"#)
    let found = try required(try test.pattern("operations take over 500 MiB of memory"))
    #expect(found.frequency == 3 && found.kind == .performance)
    #expect(try test.pattern("operations keep over 80 % of a CPU busy") == nil)
  }
}

@Suite("Finding habits") struct HabitTests {
  @Test("a failure after which the same is tried in its session is a retry")
  func retries() throws {
    let test = try TestLoop()
    for index in 0..<4 {
      let session = #","session_id":"s\#(index)","tool":"search""#
      try test.ingest(line("failure", "f\(index)", session + ago(.seconds(900 - index))))
      if index == 3 { continue }
      try test.ingest(line("success", "g\(index)", session + ago(.seconds(600 - index))))
    }
    let found = try required(try test.pattern("failures are tried again at once"))
    #expect(found.kind == .behavior && found.frequency == 3 && found.chances == 4)
    let learning = try required(
      try test.loop.learnings(of: test.agent).first { $0.kind == .patternRecognition })
    #expect(learning.title == "a second attempt often succeeds")
    #expect(learning.text.contains("3 of these 3 attempts succeeded"))
  }

  @Test("without sessions, a pause of over 5 minutes ends one")
  func pauses() throws {
    let test = try TestLoop()
    for index in 0..<3 {
      let start = 7200 - 1200 * index
      try test.ingest(line("failure", "f\(index)", #","tool":"t""# + ago(.seconds(start))))
      try test.ingest(line("success", "g\(index)", #","tool":"t""# + ago(.seconds(start - 400))))
    }
    #expect(try test.pattern("failures are tried again at once") == nil)
  }

  @Test("one tool that follows another is a sequence, and where all use one tool there is none")
  func sequences() throws {
    let test = try TestLoop()
    for index in 0..<3 {
      for (step, tool) in ["read", "edit", "test"].enumerated() {
        try test.ingest(
          line(
            "success", "o\(index)\(step)",
            #","session_id":"s\#(index)","tool":"\#(tool)""#
              + ago(.seconds(3000 - 300 * index - 10 * step))))
      }
    }
    let found = try required(try test.pattern("edit follows read"))
    #expect(found.frequency == 3 && found.chances == 3)
    #expect(try test.pattern("test follows edit") != nil)
    #expect(try test.pattern("most work is done with read") == nil)
    let single = try TestLoop()
    try single.many(5, "success", "a", #","tool":"read""#)
    #expect(try single.pattern("most work is done with read") == nil)
  }

  @Test("an hour is a habit where it recurs on three days")
  func hours() throws {
    let test = try TestLoop()
    for index in 0..<3 { try test.ingest(line("success", "o\(index)", ago(.seconds(60 * index)))) }
    #expect(try test.loop.learn(test.agent).patterns.allSatisfy { $0.kind != .behavior })
    for index in 1..<4 {
      try test.ingest(line("success", "d\(index)", ago(day * index - .seconds(600))))
    }
    let found = try required(try test.pattern("most work begins between 12:00 and 13:00 UTC"))
    // 12:00 of today is the one of the first three that is in that hour.
    #expect(found.frequency == 4 && found.chances == 6 && near(found.lowerBound, 0.3000))
  }
}

@Suite("Trends of patterns") struct PatternTrendTests {
  @Test("the daily share is tested by Mann and Kendall, its slope is Theil's and Sen's")
  func rising() throws {
    let test = try TestLoop()
    // Days −5 to −1, 20 operations each; 10, 12, 14, 16, 18 of them fail: shares rise by 0.1 a day.
    for (index, failures) in [10, 12, 14, 16, 18].enumerated() {
      for number in 0..<20 {
        let type = number < failures ? "failure" : "success"
        try test.ingest(
          line(
            type, "o\(index)-\(number)",
            #","domain":"d""# + ago(day * (5 - index) + .seconds(number))))
      }
    }
    let found = try required(try test.pattern("operations of domain d fail"))
    #expect(found.frequency == 70 && found.chances == 100)
    let trend = try required(found.evidence["trend"])
    #expect(trend["days"] == 5)
    #expect(near(try required(trend["slope_per_day"]?.number), 0.1))
    // All 10 pairs rise: p = 2 ÷ 5! = 0.0167.
    #expect(near(try required(trend["p_value"]?.number), 2.0 / 120))
  }

  @Test("four days tell no trend")
  func fewDays() throws {
    let test = try TestLoop()
    for index in 0..<4 { try test.ingest(line("failure", "o\(index)", ago(day * index))) }
    for index in 0..<4 {
      try test.ingest(line("failure", "p\(index)", #","error_type":"E""# + ago(day * index)))
    }
    #expect(try test.loop.learn(test.agent).patterns.allSatisfy { $0.evidence["trend"] == nil })
  }
}

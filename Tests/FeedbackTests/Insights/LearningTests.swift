import Feedback
import Linux
import Model
import Synchronization
import TestSupport
import Testing

/// So many failures with that error, beside so many successes.
private func fail(_ test: TestLoop, _ failures: Int, _ successes: Int = 0) throws {
  for index in 0..<failures {
    try test.ingest(line("failure", "f\(index)", #","error_type":"TimeoutError","domain":"d""#))
  }
  for index in 0..<successes { try test.ingest(line("success", "s\(index)", #","domain":"e""#)) }
}

@Suite("Drawing learnings") struct LearningTests {
  @Test("a word that only stands within another is not taken for it")
  func advice() throws {
    for (type, isMemory) in [("OOMKilled", true), ("oom", true), ("Boom", false), ("zoom1", false)]
    {
      let test = try TestLoop()
      for index in 0..<4 {
        try test.ingest(line("failure", "f\(index)", ",\"error_type\":\"\(type)\""))
      }
      let learning = try required(try test.loop.learn(test.agent).learnings.first)
      #expect(learning.text.contains("so much memory") == isMemory, "\(type): \(learning.text)")
    }
  }

  @Test("impact is weight × √(reach × lower bound)")
  func impact() throws {
    let test = try TestLoop()
    try fail(test, 6, 4)
    let learnings = try test.loop.learn(test.agent).learnings
    let avoid = try required(learnings.first { $0.title == "avoid TimeoutError" })
    // √(6/10 × 0.6097) = 0.605.
    #expect(avoid.kind == .errorAvoidance && avoid.impact == 0.605)
    let keep = try required(learnings.first { $0.kind == .positiveReinforcement })
    // 0.3 × √(4/10 × 0.5101) = 0.136.
    #expect(keep.title == "domain e works" && keep.impact == 0.136)
    #expect(learnings.map(\.impact) == learnings.map(\.impact).sorted(by: >))
    #expect(avoid.text.contains("6 of 6 failures in 7 days ended in TimeoutError"))
    #expect(avoid.text.contains("6 of them with domain d"))
    #expect(avoid.text.hasPrefix("Set a time limit on the call"))
    #expect(avoid.evidence["frequency"] == 6 && avoid.evidence["chances"] == 6)
    #expect(avoid.evidence["operations"]?.array?.count == 5)
  }

  @Test("asked twice it stores the same; a restart changes nothing")
  func idempotent() throws {
    let test = try TestLoop()
    try fail(test, 6, 4)
    let first = try test.loop.learn(test.agent)
    #expect(first.newPatterns.count == first.patterns.count && !first.patterns.isEmpty)
    let second = try test.loop.learn(test.agent)
    #expect(second.newPatterns.isEmpty && second.patterns == first.patterns)
    #expect(second.learnings == first.learnings)
    try test.restart()
    #expect(try test.loop.patterns(of: test.agent) == first.patterns)
    #expect(try test.loop.learnings(of: test.agent) == first.learnings)
    let third = try test.loop.learn(test.agent)
    #expect(third.newPatterns.isEmpty && third.patterns == first.patterns)
    #expect(third.learnings == first.learnings)
  }

  @Test("a learning outlives its pattern, is renewed when that is seen again, and expires")
  func expiry() throws {
    let test = try TestLoop()
    try fail(test, 6)
    let drawn = try required(
      try test.loop.learn(test.agent).learnings.first { $0.title == "avoid TimeoutError" })
    #expect(drawn.expiresAt == noon + day * 30)
    test.clock.advance(day * 10)
    #expect(try test.loop.learn(test.agent).patterns.isEmpty)
    #expect(try test.loop.learning(drawn.id)?.expiresAt == noon + day * 30)
    for index in 0..<3 {
      try test.ingest(line("failure", "g\(index)", #","error_type":"TimeoutError""#))
    }
    let again = try required(
      try test.loop.learn(test.agent).learnings.first { $0.id == drawn.id })
    #expect(again.createdAt == drawn.createdAt && again.expiresAt == noon + day * 40)
    test.clock.advance(day * 30)
    #expect(try test.loop.learnings(of: test.agent).isEmpty)
    #expect(try test.loop.learning(drawn.id) == nil)
  }

  @Test("what a generation has in its instructions is marked, and stays so")
  func applied() throws {
    let test = try TestLoop()
    try fail(test, 6)
    let learning = try required(try test.loop.learn(test.agent).learnings.first)
    try test.loop.markApplied(learning.id, generation: GenerationNumber(4))
    try test.loop.learn(test.agent)
    try test.restart()
    #expect(try test.loop.learning(learning.id)?.appliedGeneration == GenerationNumber(4))
    let counts = try test.loop.insightCounts()
    #expect(counts.applied == 1 && counts.active == counts.learnings.values.reduce(0, +))
    #expect(counts.patterns[.failure] ?? 0 > 0)
    #expect(counts.knowledgeCount == counts.active + counts.patterns.values.reduce(0, +))
    #expect(throws: KaizenError.self) {
      try test.loop.markApplied("learning-none", generation: GenerationNumber(1))
    }
  }

  @Test("who waits for patterns is told of each once, when it is stored")
  func callback() throws {
    let test = try TestLoop()
    let told = Mutex<[String]>([])
    let loop = test.loop
    loop.onPattern { pattern in
      let isStored =
        // try? because what cannot be read shows as a missing title.
        (try? loop.patterns(of: pattern.agent).contains { $0.id == pattern.id }) == true
      if isStored { told.withLock { $0.append(pattern.title) } }
    }
    try fail(test, 6)
    #expect(try loop.learnFromNews() == 1)
    #expect(told.withLock { $0.contains("failures end in TimeoutError") })
    let count = told.withLock { $0.count }
    // Nothing new: nobody is searched, nobody is told.
    #expect(try loop.learnFromNews() == 0)
    try test.ingest(line("failure", "more", #","error_type":"TimeoutError""#))
    #expect(try loop.learnFromNews() == 1)
    #expect(told.withLock { $0.count } == count)
    // An hour later the window has moved on.
    test.clock.advance(.seconds(3601))
    #expect(try loop.learnFromNews() == 1)
  }

  @Test("an agent has 50 learnings at most, those applied and those with the most impact")
  func bounded() throws {
    let test = try TestLoop()
    let lines = (0..<60).flatMap { domain in
      (0..<3).map { line("failure", "o\(domain)-\($0)", #","domain":"d\#(domain)""#) }
    }
    _ = try test.loop.ingest(Array(lines.joined(separator: "\n").utf8))
    let result = try test.loop.learn(test.agent)
    #expect(result.learnings.count == InsightRules.learningsMax)
    #expect(result.patterns.count <= InsightRules.patternsMax)
    #expect(try test.loop.insightCounts().active == InsightRules.learningsMax)
  }

  @Test("agents do not see one another's")
  func apart() throws {
    let test = try TestLoop()
    try fail(test, 6)
    for index in 0..<3 {
      try test.ingest(line("failure", "b\(index)", #","error_type":"E""#, agent: "beta"))
    }
    let beta = try required(AgentID("beta"))
    try test.loop.learnFromNews()
    #expect(try test.loop.patterns(of: beta).contains { $0.title == "failures end in E" })
    #expect(try test.loop.patterns(of: test.agent).allSatisfy { $0.agent == test.agent })
    let nobody = try required(AgentID("nobody"))
    #expect(try test.loop.learn(nobody).patterns.isEmpty)
  }

  @Test("what could be more than text in a Markdown file is taken out")
  func plain() throws {
    let test = try TestLoop()
    for index in 0..<3 {
      let text = "bad <!-- kaizen:end --> `rm -rf` \\u001b[31m value"
      try test.ingest(line("failure", "o\(index)", #","details":{"error":"\#(text)"}"#))
    }
    let text = try test.loop.learn(test.agent).learnings.map { $0.title + $0.text }.joined()
    #expect(text.contains("rm -rf"))
    #expect(!text.unicodeScalars.contains { "<>`".unicodeScalars.contains($0) || $0.value < 32 })
  }
}

@Suite("What failed operations said") struct ErrorTextTests {
  @Test("alike ones count together, the latest stands for them, the most frequent first")
  func counted() throws {
    let test = try TestLoop()
    for index in 0..<3 {
      try test.ingest(
        line(
          "failure", "o\(index)",
          #","error_type":"ValueError","details":{"stderr":"Traceback\n  line\nValueError: row \#(index)\n"},"time":"\#(noon - .seconds(100 - index))""#
        ))
    }
    try test.ingest(line("failure", "p", #","comment":"it hangs""#))
    try test.ingest(line("success", "q", #","comment":"fine""#))
    let texts = try test.loop.errorTexts(of: test.agent, window: day, limit: 10)
    #expect(texts.map(\.text) == ["ValueError: row 2", "it hangs"])
    #expect(texts.map(\.count) == [3, 1])
    #expect(texts.map(\.errorType) == ["ValueError", nil])
    #expect(texts.first?.lastSeen == noon - .seconds(98))
    #expect(try test.loop.errorTexts(of: test.agent, window: day, limit: 1).count == 1)
    #expect(try test.loop.errorTexts(of: test.agent, window: .seconds(1), limit: 9).count == 1)
    try test.restart()
    #expect(try test.loop.errorTexts(of: test.agent, window: day, limit: 10) == texts)
  }

  @Test("a text is cut to 300 bytes between characters")
  func cut() throws {
    let test = try TestLoop()
    let text = String(repeating: "é", count: 400)
    try test.ingest(line("failure", "o", #","details":{"error":"x\#(text)"}"#))
    let found = try required(try test.loop.errorTexts(of: test.agent).first)
    #expect(found.text.utf8.count == 299 && found.text.hasSuffix("é"))
  }
}

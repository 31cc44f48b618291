import Model
import Quality
import Testing

@Suite("The gate between base and change") struct GateTests {
  typealias Kind = GateDecision.Reason.Kind

  private func kinds(
    _ base: Assessment, _ stage: Assessment, _ lines: ChangedLines = ChangedLines()
  ) -> [Kind] {
    Guardian.gate(base: base, stage: stage, changedLines: lines).reasons.map(\.kind)
  }

  @Test("the same scores pass, and so do better ones", arguments: [0.5, 0.5000001, 0.9, 1])
  func passes(value: Double) {
    #expect(kinds(assessment(["security": 0.5]), assessment(["security": value])).isEmpty)
  }

  @Test("a fall within the noise passes, one beyond it does not")
  func noise() {
    let base = assessment(["security": 0.5, "coverage": 0.5])
    let within = 0.5 - Guardian.noiseBound * 0.99
    let beyond = 0.5 - Guardian.noiseBound * 1.01
    #expect(kinds(base, assessment(["security": within, "coverage": within])).isEmpty)
    #expect(kinds(base, assessment(["security": beyond, "coverage": 0.5])) == [.dimensionFell])
  }

  @Test("no dimension pays for another: a better whole does not excuse a fallen part")
  func trade() {
    let decision = Guardian.gate(
      base: assessment(["security": 0.9, "maintainability": 0.1]),
      stage: assessment(["security": 0.8, "maintainability": 1]), changedLines: ChangedLines())
    #expect(
      decision.reasons.map(\.text) == [
        "security fell from 0.9 to 0.8, more than the noise of 0.01"
      ])
  }

  @Test("a fallen whole is named beside its fallen parts")
  func overall() {
    let base = assessment(["security": 0.9, "coverage": 0.9])
    #expect(
      kinds(base, assessment(["security": 0.5, "coverage": 0.5])) == [
        .dimensionFell, .dimensionFell, .overallFell,
      ])
  }

  @Test("a dimension of a component's own is gated too")
  func own() {
    #expect(kinds(assessment(["taste": 0.9]), assessment(["taste": 0.1])) == [.dimensionFell])
  }

  @Test("a change may not blind a scorer")
  func lost() {
    let stage = Assessment(dimensions: ["security": .unavailable("bandit failed: it crashed")])
    let decision = Guardian.gate(
      base: assessment(["security": 0.9]), stage: stage, changedLines: ChangedLines())
    #expect(
      decision.reasons.map(\.text) == [
        "security was 0.9 and has no score now: bandit failed: it crashed"
      ])
  }

  @Test("what the base has no score for is not compared, and said so")
  func unjudged() {
    let base = Assessment(dimensions: [
      "security": .scored(0.5), "coverage": .unavailable("no scorer for it"),
    ])
    let decision = Guardian.gate(
      base: base, stage: assessment(["security": 0.5, "coverage": 0.1]),
      changedLines: ChangedLines())
    #expect(decision.isPassed)
    #expect(decision.unjudged == ["coverage": "no scorer for it"])
  }

  @Test("a new score cannot lift a fallen whole")
  func newDimension() {
    let base = assessment(["security": 0.5, "coverage": 0.5])
    let fell = 0.5 - Guardian.noiseBound * 0.9
    let stage = assessment(["security": fell, "coverage": fell, "correctness": 1])
    #expect(kinds(base, stage).isEmpty)
    let worse = assessment(["security": 0.4, "coverage": 0.5, "correctness": 1])
    #expect(kinds(base, worse).contains(.overallFell))
  }

  @Test(
    "a score that is no number never passes", arguments: [.nan, .infinity, -.infinity] as [Double])
  func nonFinite(value: Double) {
    let stage = assessment(["security": value])
    #expect(kinds(assessment(["security": 0.5]), stage).contains(.invalidScore))
    #expect(kinds(assessment([:]), stage).contains(.invalidScore))
    #expect(kinds(stage, stage).contains(.invalidScore))
    let refused = Assessment(dimensions: ["security": .invalid("a gave nan")])
    #expect(kinds(refused, refused) == [.invalidScore])
  }

  @Test(
    "raising any score of a change that passes lets it pass still",
    arguments: 1...200 as ClosedRange<UInt64>)
  func monotone(seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    func scores() -> [String: Double] {
      var scores: [String: Double] = [:]
      for name in DimensionWeights.standard.dimensions {
        scores[name] = Double.random(in: 0...1, using: &generator)
      }
      return scores
    }
    let base = scores()
    var stage = scores()
    // Every second change is near its base, so that some pass.
    if seed % 2 == 0 { stage = base.mapValues { $0 - 0.009 } }
    let before = kinds(assessment(base), assessment(stage))
    for name in stage.keys {
      var raised = stage
      raised[name] = Double.random(in: (stage[name] ?? 0)...1, using: &generator)
      let after = kinds(assessment(base), assessment(raised))
      #expect(after.count <= before.count)
    }
    #expect(seed % 2 == 1 || before.isEmpty)
  }

  @Test("over the bound of findings nothing can be told, and the change is refused")
  func tooMany() {
    var stage = assessment(["security": 1])
    stage.droppedFindingCount = 1
    #expect(kinds(assessment(["security": 1]), stage) == [.tooManyFindings])
  }

  @Test("the API sees the decision")
  func json() {
    let decision = Guardian.gate(
      base: assessment(["taste": 0.9]), stage: assessment(["taste": 0.1]),
      changedLines: ChangedLines())
    #expect(
      decision.json.text() == """
        {"passed":false,"reasons":[{"kind":"dimension_fell","text":"taste fell from 0.9 to 0.1, \
        more than the noise of 0.01"}],"unjudged":{}}
        """)
  }
}

@Suite("The gate where several scorers share a dimension") struct SharedDimensionTests {
  private let tree = SourceTree(path: "/srv/agent")

  private func assess(_ scorers: FixedScorer...) -> Assessment {
    Guardian(scorers: scorers).assess(tree)
  }

  private func kinds(_ base: Assessment, _ stage: Assessment) -> [String] {
    Guardian.gate(base: base, stage: stage, changedLines: ChangedLines()).reasons
      .map(\.kind.rawValue)
  }

  @Test("one that fails on both trees takes its own part out, and no more")
  func failsTwice() {
    let broken = FixedScorer("b", failing: ["security"])
    let base = assess(FixedScorer("a", ["security": 0.8]), broken)
    #expect(base.dimensions["security"] == .scored(0.8))
    #expect(kinds(base, assess(FixedScorer("a", ["security": 0.8]), broken)).isEmpty)
    let worse = assess(FixedScorer("a", ["security": 0.7]), broken)
    #expect(kinds(base, worse) == ["dimension_fell", "overall_fell"])
  }

  @Test("one that failed on the base alone neither lifts nor lowers the change")
  func failsOnBase() {
    let base = assess(FixedScorer("a", ["security": 0.8]), FixedScorer("b", failing: ["security"]))
    let low = assess(FixedScorer("a", ["security": 0.8]), FixedScorer("b", ["security": 0.79]))
    #expect(kinds(base, low).isEmpty)
    let hidden = assess(FixedScorer("a", ["security": 0.6]), FixedScorer("b", ["security": 1]))
    #expect(kinds(base, hidden).contains("dimension_fell"))
  }

  @Test("one that fails on the change alone is held against it")
  func failsOnChange() {
    let base = assess(FixedScorer("a", ["security": 0.8]), FixedScorer("b", ["security": 0.8]))
    let lost = assess(FixedScorer("a", ["security": 0.8]), FixedScorer("b", failing: ["security"]))
    #expect(kinds(base, lost) == ["dimension_lost"])
  }
}

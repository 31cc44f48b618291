import Model
import Quality
import Testing

@Suite("Scoring a tree") struct GuardianTests {
  let tree = SourceTree(path: "/srv/agent")

  @Test("dimensions are weighed; those nobody scores are n/a and left out")
  func weighed() throws {
    let assessment = Guardian(scorers: [
      FixedScorer("a", ["security": 1.0]), FixedScorer("b", ["maintainability": 0.5]),
    ]).assess(tree)
    #expect(assessment.dimensions["security"] == .scored(1))
    #expect(assessment.dimensions["maintainability"] == .scored(0.5))
    #expect(assessment.dimensions["coverage"] == .unavailable("no scorer for it"))
    #expect(assessment.dimensions.count == 5)
    #expect(assessment.overall == 0.75)
  }

  @Test("two scorers of one dimension count by their weights")
  func shared() {
    let assessment = Guardian(scorers: [
      FixedScorer("a", weight: 3, ["security": 1.0]), FixedScorer("b", weight: 1, ["security": 0]),
    ]).assess(tree)
    #expect(assessment.dimensions["security"] == .scored(0.75))
  }

  @Test("the order of the scorers makes no difference")
  func order() {
    let scorers = [
      FixedScorer("a", weight: 0.1, ["security": 0.3], findings: [finding(2), finding(1)]),
      FixedScorer("b", weight: 0.7, ["security": 0.9], findings: [finding(nil, file: "0.py")]),
      FixedScorer("c", weight: 0.2, ["security": 0.123]),
    ]
    let one = Guardian(scorers: scorers).assess(tree)
    #expect(Guardian(scorers: scorers.reversed()).assess(tree) == one)
    #expect(one.findings.map(\.line) == [nil, 1, 2])
  }

  @Test("a scorer that fails makes n/a what nobody else scores, and nothing more")
  func failing() {
    let assessment = Guardian(scorers: [
      FixedScorer("a", failing: ["security", "coverage"]),
      FixedScorer("b", ["maintainability": 0.5, "coverage": 1]),
    ]).assess(tree)
    let reason = "a failed: E_COMPONENT: it crashed with SIGSEGV"
    #expect(assessment.dimensions["security"] == .unavailable(reason))
    #expect(assessment.dimensions["coverage"] == .scored(1))
    #expect(assessment.absent == ["coverage": [reason]])
    #expect(assessment.json["dimensions"]?["coverage"]?["absent"] == [.string(reason)])
    #expect(abs((assessment.overall ?? 0) - (0.25 * 0.5 + 0.1) / 0.35) < 1e-12)
  }

  @Test(
    "what is no score in [0, 1] is refused",
    arguments: [.nan, .infinity, -.infinity, -0.1, 1.1, 1e300] as [Double])
  func invalid(value: Double) {
    let assessment = Guardian(scorers: [
      FixedScorer("a", ["security": value]), FixedScorer("b", ["security": 1]),
    ]).assess(tree)
    guard case .invalid(let reason) = assessment.dimensions["security"] else {
      Issue.record("security is \(String(describing: assessment.dimensions["security"]))")
      return
    }
    #expect(reason == "a gave \(value) for security, which is not in [0, 1]")
    #expect(assessment.overall == nil)
  }

  @Test("a scorer without a positive weight is refused", arguments: [0, -1, .nan, .infinity])
  func weight(value: Double) {
    let assessment = Guardian(scorers: [FixedScorer("a", weight: value, ["security": 1])])
      .assess(tree)
    #expect(assessment.dimensions["security"]?.score == nil)
    #expect(assessment.dimensions["security"]?.reason?.contains("weight") == true)
  }

  @Test("a scorer that stays silent leaves its dimension n/a")
  func silent() {
    var scorer = FixedScorer("a", [:])
    scorer.dimensions = ["security"]
    let assessment = Guardian(scorers: [scorer]).assess(tree)
    #expect(assessment.dimensions["security"] == .unavailable("a gave no score for it"))
    #expect(assessment.overall == nil)
  }

  @Test("findings are bounded, and those left out are counted")
  func bounded() {
    let findings = (1...Guardian.findingCountMax + 7).map { finding($0) }
    let assessment = Guardian(scorers: [FixedScorer("a", ["security": 1], findings: findings)])
      .assess(tree)
    #expect(assessment.findings.count == Guardian.findingCountMax)
    #expect(assessment.droppedFindingCount == 7)
  }

  @Test("the API sees scores, reasons and findings")
  func json() {
    let assessment = Guardian(
      scorers: [FixedScorer("a", ["security": 0.5], findings: [finding(3)])],
      weights: DimensionWeights(["security": 1, "coverage": 1])
    ).assess(tree)
    #expect(
      assessment.json.text() == """
        {"dimensions":{"coverage":{"reason":"no scorer for it","score":null},\
        "security":{"score":0.5}},"findings":[{"file":"a.py","level":"warning","line":3,\
        "message":"m","rule":"R1"}],"findings_left_out":0,"overall":0.5}
        """)
  }
}

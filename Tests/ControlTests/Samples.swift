import Control
import Model

/// Values with something in every member.
enum Samples {
  static let item = PlanItemInfo(
    opportunity: "o1", type: .securityVulnerability, severity: .critical, title: "a secret",
    applier: "hardener")

  static let tests = TestInfo(
    passed: 5, failed: 1, skipped: 2, succeeded: false, outcome: "exit 1",
    durationMilliseconds: 12.5, cases: [TestCaseInfo(name: "test_a", outcome: "passed")],
    output: "FAILED")

  static let trial = TrialInfo(
    id: "t1", base: 1, generation: 2, state: "committed",
    tests: TestPair(base: tests, stage: tests),
    scores: ScorePair(
      base: [ScoreInfo(dimension: "security", value: 0.5)],
      stage: [ScoreInfo(dimension: "security", value: 1.0)]),
    findings: [FindingInfo(rule: "r", level: .error, file: "a.py", line: 3, message: "m")],
    changed: [
      FileChangeInfo(path: "a.py", change: "modified", addedLines: 1, removedLines: 1)
    ],
    diff: "--- a\n+++ b\n", digest: "ff")

  static let plan = PlanInfo(
    id: "p1", strategy: "conservative", needsApproval: true, verdict: .kept, wasLive: true,
    reason: "5 of 5 tests passed", approval: "ap1", items: [item], trial: trial)

  static let run = RunInfo(
    id: "r1", agent: "a", state: .done, strategy: "conservative", isDryRun: false,
    startedAt: Instant(seconds: 1_795_000_000), finishedAt: Instant(seconds: 1_795_000_001),
    progress: ["cloned", "tested"], verdict: .kept, wasLive: true, reason: "better",
    healthBefore: 61.5, healthAfter: 93.25, opportunities: 2, plans: [plan], trial: trial)
}

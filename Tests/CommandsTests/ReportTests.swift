import Control
import Linux
import Model
import Testing

private let moment = Instant(seconds: 1_795_169_730)

/// A command, what the daemon answers to it, and what a person is to find in what it prints.
struct Report: Sendable, CustomTestStringConvertible {
  let line: String
  let answer: JSONValue
  let shown: [String]
  var status: Int32 = 0

  var testDescription: String { line }

  private static let item = PlanItemInfo(
    opportunity: "o1", type: .securityVulnerability, severity: .critical,
    title: "a literal secret", applier: "hardener")

  private static let passing = TestInfo(
    passed: 5, failed: 0, skipped: 1, succeeded: true, durationMilliseconds: 120.4,
    cases: [TestCaseInfo(name: "test_metres", outcome: "passed")])

  private static let failing = TestInfo(
    passed: 4, failed: 1, succeeded: false, outcome: "4 of 5 cases passed, exit 1",
    cases: [TestCaseInfo(name: "test_feet", outcome: "failed")], output: "AssertionError: 3\n")

  private static let trial = TrialInfo(
    id: "t1", base: 3, generation: 4, state: "discarded",
    tests: TestPair(base: passing, stage: failing),
    scores: ScorePair(
      base: [ScoreInfo(dimension: "security", value: 0.5)],
      stage: [ScoreInfo(dimension: "security", value: 0.75)]),
    findings: [FindingInfo(rule: "S1", level: .warning, file: "a.py", line: 3, message: "odd")],
    changed: [
      FileChangeInfo(path: "config.json", change: "modified", addedLines: 2, removedLines: 1)
    ], diff: "--- a/config.json\n+++ b/config.json\n")

  private static let plan = PlanInfo(
    id: "p1", strategy: "conservative", needsApproval: true, verdict: .awaitingApproval,
    reason: "CRITICAL needs a person", approval: "ap-7", items: [item], trial: trial)

  private static let opportunity = OpportunityInfo(
    id: "o1", agent: "unit", type: .errorPattern, severity: .high, component: "error-patterns",
    title: "ValueError in 12 of 30", strength: 0.93, evidence: [:])

  private static let pattern = read(
    PatternInfo.self,
    [
      "id": "pattern-1", "agent": "unit", "type": "failure", "title": "failures end in Timeout",
      "frequency": 6, "chances": 8, "confidence": 0.75, "lower_bound": 0.4093,
      "first_seen": "2026-11-20T10:00:00Z", "last_seen": "2026-11-20T12:00:00Z",
      "evidence": ["trend": ["slope_per_day": 0.1, "p_value": 0.0167, "days": 5]],
    ])

  private static let learning = read(
    LearningInfo.self,
    [
      "id": "learning-1", "agent": "unit", "type": "error_avoidance", "title": "avoid Timeout",
      "text": "Set a time limit.", "impact": 0.5, "evidence": [:],
      "created_at": "2026-11-20T10:00:00Z", "expires_at": "2026-12-20T10:00:00Z",
      "applied_generation": 4,
    ])

  /// What is not written right shows as a report without its lines.
  private static func read<T: ControlValue>(_ type: T.Type, _ json: JSONValue) -> T {
    var reader = FieldReader(json, file: T.noun)
    return T(reading: &reader)
  }

  private static let health = HealthAnswer(
    agent: "unit", days: 7, score: 61.54, isProvisional: true, operations: 9,
    terms: [
      HealthTermInfo(name: "success_rate", weight: 0.4, value: 0.6),
      HealthTermInfo(name: "code_quality", weight: 0.2, value: nil),
    ], trend: TrendInfo(slopePerDay: -1.25, pValue: 0.012, days: 6, direction: "down"),
    generations: [
      GenerationHealth(
        generation: 2, score: 80, operations: 5, successRate: 0.8, errorRate: 0.2,
        meanMilliseconds: 40)
    ])

  private static func approval(_ state: String) -> ApprovalInfo {
    ApprovalInfo(
      id: "ap-7", agent: "unit", plan: "p1", stage: "before_promotion", state: state,
      severity: .critical, title: "replace a secret", rule: "critical",
      decisions: [DecisionInfo(uid: 1000, name: "ada", approved: true, reason: "ok", time: moment)],
      digest: "d1g3st", createdAt: moment, expiresAt: moment, items: [item], trial: trial)
  }

  static let daemon: [Report] = [
    Report(
      line: "status",
      answer: StatusAnswer(
        version: "0.1.0", pid: 42, uid: 1000, home: "/h", socket: "/h/run/kaizen.sock",
        startedAt: moment, uptimeSeconds: 3725, isReady: true, agents: 1, observed: 2,
        components: 7, disabled: 1, records: 30, runs: 0, approvals: 1, level: "A",
        limits: "rlimits", rssMegabytes: 21.25, problems: ["the disk is nearly full"],
        use: [
          ComponentUse(
            ComponentInfo(
              id: "smell", kind: "analyzer", version: "1.2.0", state: "ready", entry: "command",
              placement: "worker", manifest: "m.json", calls: 40, failures: 3,
              meanMilliseconds: 1.25, p95Milliseconds: 4.5, lastError: "exit status 7"))
        ]
      ).json,
      shown: [
        "ready, up 1 h 2 min", "process 42", "21.3 MiB", "7 ready, 1 disabled", "level A",
        "the disk is nearly full", "smell      1.2.0    ready",
        "40       3  1.25 ms  4.50 ms  exit status 7",
      ]),
    Report(
      line: "config show",
      answer: ListAnswer([
        SettingInfo(key: "metrics.listen", value: .null, origin: "default"),
        SettingInfo(key: "window.days", value: 7, origin: "environment", source: "KAIZEN_DAYS"),
      ]).json, shown: ["metrics.listen", "null", "environment (KAIZEN_DAYS)"]),
    Report(
      line: "events",
      answer: ListAnswer([
        EventInfo(sequence: 9, time: moment, kind: "trial.ended", agent: "unit", message: "kept")
      ]).json, shown: ["9 2026-11-20 10:15:30Z trial.ended unit: kept"]),
    Report(
      line: "audit verify",
      answer: AuditVerifyAnswer(isIntact: true, entries: 12, message: "every hash follows").json,
      shown: ["intact: 12 entries; every hash follows"]),
    Report(
      line: "audit verify",
      answer: AuditVerifyAnswer(
        isIntact: false, entries: 12, brokenAt: 5, message: "entry 5 was changed"
      ).json, shown: ["BROKEN", "entry 5"], status: 1),
    Report(
      line: "audit list",
      answer: ListAnswer([
        AuditInfo(
          sequence: 1, time: moment, actor: "uid:0", action: "approve", agent: "unit",
          subject: "ap-7", hash: "ab")
      ]).json, shown: ["1 2026-11-20 10:15:30Z uid:0 approve unit ap-7"]),
    Report(
      line: "plugins list",
      answer: ListAnswer([
        ComponentInfo(
          id: "broken", kind: "applier", version: "1.0", state: "disabled", entry: "library",
          placement: "worker", manifest: "/m.json", problems: ["libX.so is missing"])
      ]).json, shown: ["broken", "disabled", "libX.so is missing"]),
    Report(
      line: "plugins show tuner",
      answer: ComponentInfo(
        id: "tuner", kind: "applier", version: "1.0", state: "ready", entry: "library",
        placement: "worker", manifest: "/m.json", handles: ["performance_degradation"],
        risk: "low", deadlineMilliseconds: 500, calls: 3, failures: 1, meanMilliseconds: 1.5,
        lastError: "too slow"
      ).json,
      shown: ["tuner 1.0: applier, ready", "3, 1 failed, mean 1.50 ms", "risk       low"]),
    Report(
      line: "plugins reload",
      answer: ReloadAnswer(added: ["ruff-fix"], removed: ["old"], problems: ["bad file"]).json,
      shown: ["added ruff-fix", "changed nothing", "removed old", "problem: bad file"]),
    Report(
      line: "plugins reload ruff-fix", answer: ReloadAnswer(changed: ["ruff-fix"]).json,
      shown: ["added nothing", "changed ruff-fix", "removed nothing"]),
  ]

  static let agents: [Report] = [
    Report(
      line: "agent add /tmp",
      answer: AgentAddAnswer(
        agent: AgentInfo(id: "unit", path: "/tmp", generation: 1), level: "A", tests: passing,
        warnings: ["durability is weak"]
      ).json,
      shown: [
        "added unit at /tmp, generation 1", "5 passed, 0 failed, 1 skipped in 120 ms",
        "ok   test_metres", "warning: durability is weak",
      ]),
    Report(
      line: "agent show unit",
      answer: AgentInfo(
        id: "unit", description: "answers", path: "/srv/unit", attach: "directory", generation: 3,
        autopilot: "propose", health: 93.2, operations: 30, descriptor: ["sla_ms": 2000]
      ).json, shown: ["93.2 from 30 operations", "/srv/unit", "\"sla_ms\": 2000"]),
    Report(
      line: "agent remove unit",
      answer: RemovedAnswer(id: "unit", message: "its files stay at /srv/unit").json,
      shown: ["removed unit", "its files stay"]),
    Report(
      line: "health unit", answer: health.json,
      shown: [
        "61.5 of 100", "provisional", "code_quality", "n/a", "trend down: -1.25 points a day",
        "80.0 %", "40 ms",
      ]),
    Report(
      line: "health",
      answer: ListAnswer([AgentInfo(id: "unit", health: 50, isProvisional: true)]).json,
      shown: ["unit", "50.0", "provisional"]),
    Report(
      line: "analyze unit",
      answer: AnalyzeAnswer(
        agent: "unit", days: 7, health: health, opportunities: [opportunity],
        strategy: "comprehensive", plans: [plan],
        notes: [ComponentNote(component: "slow", message: "deadline passed", isFailure: true)]
      ).json,
      shown: [
        "HIGH", "ValueError in 12 of 30", "comprehensive", "failed: slow: deadline passed",
      ]),
    Report(
      line: "patterns unit", answer: ListAnswer([pattern]).json,
      shown: ["TYPE", "failure", "0.75", "0.41", "failures end in Timeout, rising"]),
    Report(line: "patterns", answer: ListAnswer([PatternInfo]()).json, shown: ["no patterns"]),
    Report(
      line: "learnings unit", answer: ListAnswer([learning]).json,
      shown: [
        "learning-1  error_avoidance of unit, impact 0.50", "in generation 4",
        "avoid Timeout: Set a time limit.",
      ]),
    Report(line: "learnings", answer: ListAnswer([LearningInfo]()).json, shown: ["no learnings"]),
    Report(
      line: "learn unit",
      answer: LearnAnswer(
        agent: "unit", newPatterns: 1, patterns: [pattern], learnings: [learning]
      ).json, shown: ["unit: 1 pattern, 1 of them new", "failures end in Timeout", "learning-1"]),
    Report(
      line: "opportunities unit", answer: ListAnswer([opportunity]).json,
      shown: ["error_pattern", "0.93"]),
    Report(
      line: "summary unit",
      answer: SummaryAnswer(
        agent: "unit", days: 7,
        now: MetricsInfo(
          records: 30, operations: 30, successes: 27, failures: 3, errors: 3, successRate: 0.9,
          errorRate: 0.1, meanMilliseconds: 42, errorTypes: [CountInfo(name: "Timeout", count: 3)]),
        types: [CountInfo(name: "success", count: 27)]
      ).json, shown: ["LAST 7 D", "90.0 %", "42 ms", "errors: Timeout 3", "types: success 27"]),
    Report(
      line: "stats",
      answer: StatsAnswer(records: 30, operations: 29, agents: 1, storedBytes: 5 << 20).json,
      shown: ["records     30", "5.0 MiB"]),
    Report(
      line: "quality unit",
      answer: QualityAnswer(
        agent: "unit", overall: 0.82, scores: [ScoreInfo(dimension: "security", value: 1)],
        findings: [FindingInfo(rule: "M1", level: .error, file: "a.py", line: 7, message: "long")]
      ).json, shown: ["quality 0.82 of 1", "security", "error a.py:7: long (M1)"]),
    Report(
      line: "history unit",
      answer: ListAnswer([
        HistoryInfo(
          id: "p1", agent: "unit", strategy: "auto", verdict: .rolledBack, reason: "a test failed",
          base: 3, startedAt: moment, titles: ["fewer retries"])
      ]).json, shown: ["rolled_back", "fewer retries", "a test failed"]),
    Report(
      line: "generations unit",
      answer: ListAnswer([
        GenerationInfo(
          number: 2, isLive: true, state: "committed", parent: 1, origin: "t1", createdAt: moment,
          files: 4, bytes: 2048)
      ]).json, shown: ["live", "t1 of 1", "2.0 KiB"]),
    Report(
      line: "diff unit 1 2",
      answer: DiffAnswer(
        agent: "unit", a: 1, b: 2, changed: [FileChangeInfo(path: "x", change: "removed")],
        diff: "-gone", isCut: true
      ).json, shown: ["generation 1 → 2: 1 file differs", "removed x", "-gone", "cut"]),
    Report(
      line: "rollback unit --to 1",
      answer: RollbackAnswer(
        agent: "unit", from: 2, to: 1, storedEdits: 3, message: "reloaded"
      ).json, shown: ["generation 2 → 1 is live", "kept as generation 3"]),
    Report(
      line: "approvals list", answer: ListAnswer([approval("pending")]).json,
      shown: ["ap-7", "pending", "CRITICAL", "replace a secret"]),
    Report(
      line: "approvals show ap-7", answer: approval("pending").json,
      shown: [
        "digest    d1g3st", "approved by ada", "tests before: 5 passed",
        "tests after:  4 of 5 cases passed, exit 1", "scores: security 0.50 → 0.75",
        "modified config.json (+2 −1)", "+++ b/config.json",
        "needs     1 approval before promotion, by policy: critical",
        "yes: kaizen approvals approve ap-7 --wait",
      ]),
    Report(
      line: "approvals approve ap-7",
      answer: DecisionAnswer(approval: approval("approved")).json, shown: ["ap-7 is approved"]),
    Report(
      line: "approvals reject ap-7 --reason no",
      answer: DecisionAnswer(approval: approval("rejected")).json, shown: ["ap-7 is rejected"]),
    Report(
      line: "optimize unit --dry-run",
      answer: RunInfo(
        id: "r2", agent: "unit", state: .done, isDryRun: true, startedAt: moment,
        verdict: .nothingToDo, reason: "a dry run", healthBefore: 61.5, plans: [plan]
      ).json,
      shown: ["run r2 of unit: a dry run: 1 plan, nothing was changed", "health 61.5 before"]),
    Report(
      line: "optimize unit --require kept",
      answer: RunInfo(
        id: "r3", agent: "unit", state: .done, startedAt: moment, verdict: .kept, wasLive: true,
        reason: "tests, gate and health passed", healthBefore: 61.5, healthAfter: 80
      ).json,
      shown: [
        "run r3 of unit: kept: the change is live", "because tests, gate and health passed",
        "health 61.5 → 80.0", "take it back: kaizen rollback unit",
      ]),
    Report(
      line: "optimize unit --wait",
      answer: RunInfo(
        id: "r1", agent: "unit", state: .done, startedAt: moment, verdict: .awaitingApproval,
        reason: "a person decides", healthBefore: 61.5, plans: [plan]
      ).json,
      shown: [
        "run r1 of unit: awaiting_approval: nothing is live until a person decides",
        "because a person decides", "kaizen approvals show ap-7",
        "health 61.5 before", "CRITICAL security_vulnerability: a literal secret → hardener",
      ]),
  ]
}

@Suite("What commands print") struct ReportTests {
  @Test("tells a person what the daemon said", arguments: Report.daemon + Report.agents)
  func text(report: Report) throws {
    let home = try ScriptedHome { _, _ throws(KaizenError) in report.answer }
    let words = report.line.split(separator: " ").map(String.init)
    let result = try Kaizen.run(["--home", home.home] + words, in: home.directory)
    #expect(result.status == .exited(report.status), "\(result.errors)")
    for shown in report.shown {
      #expect(result.output.contains(shown), "\(shown) in\n\(result.output)")
    }
  }

  @Test("is what the daemon said, with --json", arguments: Report.daemon + Report.agents)
  func json(report: Report) throws {
    let home = try ScriptedHome { _, _ throws(KaizenError) in report.answer }
    let words = report.line.split(separator: " ").map(String.init)
    let result = try Kaizen.run(["--json", "--home", home.home] + words, in: home.directory)
    #expect(result.status == .exited(report.status))
    #expect(result.json == report.answer)
  }
}

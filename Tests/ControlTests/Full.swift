import Control
import Model

/// One JSON object for each request and answer, with a value in every member.
enum Full {
  static let rejectedRecord: JSONValue = [
    "line": 2,
    "error": "text 2",
  ]

  static let feedbackAnswer: JSONValue = [
    "stored": 4,
    "duplicate": 5,
    "spooled": 6,
    "rejected": [Full.rejectedRecord],
    "rejected_count": 7,
  ]

  static let operationStart: JSONValue = [
    "agent_id": "text-7",
    "operation_id": "text-8",
    "generation": 10,
    "time": "2026-11-20T10:15:10.250Z",
  ]

  static let operationStarted: JSONValue = [
    "agent_id": "text 11",
    "operation_id": "text 12",
    "generation": 14,
  ]

  static let agentAddRequest: JSONValue = [
    "path": "text 14",
    "id": "text 15",
    "attach": "text 16",
  ]

  static let testCaseInfo: JSONValue = [
    "name": "text 17",
    "outcome": "text 18",
  ]

  static let testInfo: JSONValue = [
    "passed": 20,
    "failed": 21,
    "skipped": 22,
    "succeeded": true,
    "outcome": "text 23",
    "duration_ms": 24.5,
    "cases": [Full.testCaseInfo],
    "output": "text 26",
  ]

  static let agentInfo: JSONValue = [
    "id": "text 27",
    "description": "text 28",
    "observed": true,
    "path": "text 30",
    "attach": "text 31",
    "generation": 33,
    "autopilot": "text 33",
    "health": 34.5,
    "provisional": true,
    "operations": 37,
    "state": "text 37",
    "descriptor": ["any": [1, .null, "x"]],
    "warnings": ["one", "two 39"],
  ]

  static let agentAddAnswer: JSONValue = [
    "agent": Full.agentInfo,
    "level": "text 41",
    "limits": "text 42",
    "tests": Full.testInfo,
    "warnings": ["one", "two 44"],
    "descriptor_file": "text 45",
    "guess": "text 46",
    "was_known": true,
  ]

  static let removedAnswer: JSONValue = [
    "id": "text 45",
    "message": "text 46",
  ]

  static let healthTermInfo: JSONValue = [
    "name": "text 47",
    "weight": 48.5,
    "value": 49.5,
  ]

  static let trendInfo: JSONValue = [
    "slope_per_day": 0.5,
    "p_value": 1.5,
    "days": 53,
    "direction": "text 53",
  ]

  static let generationHealth: JSONValue = [
    "generation": 55,
    "score": 5.5,
    "operations": 57,
    "success_rate": 7.5,
    "error_rate": 8.5,
    "mean_ms": 9.5,
  ]

  static let healthAnswer: JSONValue = [
    "agent": "text 60",
    "days": 62,
    "score": 12.5,
    "provisional": true,
    "operations": 65,
    "terms": [Full.healthTermInfo],
    "trend": Full.trendInfo,
    "generations": [Full.generationHealth],
  ]

  static let countInfo: JSONValue = [
    "name": "text 68",
    "count": 70,
  ]

  static let metricsInfo: JSONValue = [
    "records": 71,
    "operations": 72,
    "successes": 73,
    "failures": 74,
    "errors": 75,
    "success_rate": 25.5,
    "error_rate": 26.5,
    "mean_ms": 27.5,
    "p50_ms": 28.5,
    "p95_ms": 29.5,
    "quality": 30.5,
    "memory_mb": 31.5,
    "cpu_percent": 32.5,
    "error_types": [Full.countInfo],
  ]

  static let summaryAnswer: JSONValue = [
    "agent": "text 84",
    "days": 86,
    "now": Full.metricsInfo,
    "before": Full.metricsInfo,
    "types": [Full.countInfo],
    "sources": [Full.countInfo],
    "rating": 4.5,
    "insights": InsightShapes.counts,
  ]

  static let statsAnswer: JSONValue = [
    "agent": "text 90",
    "records": 92,
    "operations": 93,
    "agents": 94,
    "types": [Full.countInfo],
    "by_agent": [Full.countInfo],
    "oldest": "2026-11-20T10:15:36.250Z",
    "newest": "2026-11-20T10:15:37.250Z",
    "stored_bytes": 99,
    "quality": 0.75,
    "rating": 4.5,
    "insights": InsightShapes.counts,
  ]

  static let opportunityInfo: JSONValue = [
    "id": "text 99",
    "agent": "text 100",
    "type": "error_pattern",
    "severity": "high",
    "component": "text 103",
    "title": "text 104",
    "strength": 5.5,
    "evidence": ["any": [1, .null, "x"]],
    "found_at": "2026-11-20T10:15:47.250Z",
  ]

  static let analyzeRequest: JSONValue = [
    "days": 109
  ]

  static let componentNote: JSONValue = [
    "component": "text 109",
    "message": "text 110",
    "failed": true,
  ]

  static let analyzeAnswer: JSONValue = [
    "agent": "text 112",
    "days": 114,
    "health": Full.healthAnswer,
    "patterns": [InsightShapes.pattern],
    "opportunities": [Full.opportunityInfo],
    "strategy": "text 116",
    "plans": [Full.planInfo],
    "notes": [Full.componentNote],
  ]

  static let optimizeRequest: JSONValue = [
    "strategy": "minimal",
    "dry_run": true,
    "days": 122,
  ]

  static let planItemInfo: JSONValue = [
    "opportunity": "text 122",
    "type": "error_pattern",
    "severity": "high",
    "title": "text 125",
    "applier": "text 126",
  ]

  static let planInfo: JSONValue = [
    "id": "text 127",
    "strategy": "text 128",
    "needs_approval": true,
    "verdict": "kept",
    "was_live": true,
    "reason": "text 132",
    "code": "code 132",
    "approval": "text 133",
    "items": [Full.planItemInfo],
    "trial": Full.trialInfo,
  ]

  static let runInfo: JSONValue = [
    "id": "text 136",
    "agent": "text 137",
    "state": "done",
    "strategy": "text 139",
    "dry_run": true,
    "started_at": "2026-11-20T10:15:21.250Z",
    "finished_at": "2026-11-20T10:15:22.250Z",
    "progress": ["one", "two 143"],
    "verdict": "kept",
    "was_live": true,
    "reason": "text 146",
    "code": "code 146",
    "health_before": 47.5,
    "health_after": 48.5,
    "opportunities": 150,
    "plans": [Full.planInfo],
    "trial": Full.trialInfo,
  ]

  static let historyInfo: JSONValue = [
    "id": "text 152",
    "run": "text 153",
    "trial": "text 154",
    "agent": "text 155",
    "strategy": "text 156",
    "verdict": "kept",
    "was_live": true,
    "reason": "text 159",
    "code": "code 159",
    "base": 161,
    "generation": 162,
    "started_at": "2026-11-20T10:15:42.250Z",
    "finished_at": "2026-11-20T10:15:43.250Z",
    "titles": ["one", "two 164"],
    "appliers": ["one", "two 165"],
    "origin": "user",
    "approval": "text 166",
    "explanation": UnattendedShapes.explanation,
  ]

  static let scoreInfo: JSONValue = [
    "dimension": "text 166",
    "value": 17.5,
  ]

  static let findingInfo: JSONValue = [
    "rule": "text 168",
    "level": "error",
    "file": "text 170",
    "line": 172,
    "message": "text 172",
  ]

  static let fileChangeInfo: JSONValue = [
    "path": "text 173",
    "change": "text 174",
    "added_lines": 176,
    "removed_lines": 177,
  ]

  static let testPair: JSONValue = [
    "base": Full.testInfo,
    "stage": Full.testInfo,
  ]

  static let scorePair: JSONValue = [
    "base": [Full.scoreInfo],
    "stage": [Full.scoreInfo],
  ]

  static let trialInfo: JSONValue = [
    "id": "text 181",
    "base": 183,
    "generation": 184,
    "state": "text 184",
    "tests": Full.testPair,
    "scores": Full.scorePair,
    "findings": [Full.findingInfo],
    "notes": ["text 185"],
    "changed": [Full.fileChangeInfo],
    "diff": "text 189",
    "digest": "text 190",
  ]

  static let generationInfo: JSONValue = [
    "number": 192,
    "live": true,
    "pinned": true,
    "state": "text 194",
    "digest": "text 195",
    "parent": 197,
    "origin": "text 197",
    "created_at": "2026-11-20T10:15:18.250Z",
    "files": 200,
    "bytes": 201,
    "reason": "text 201",
  ]

  static let diffAnswer: JSONValue = [
    "agent": "text 202",
    "a": 204,
    "b": 205,
    "changed": [Full.fileChangeInfo],
    "diff": "text 206",
    "cut": true,
  ]

  static let rollbackRequest: JSONValue = [
    "to": 209
  ]

  static let rollbackAnswer: JSONValue = [
    "agent": "text 209",
    "from": 211,
    "to": 212,
    "stored_edits": 213,
    "message": "text 213",
  ]

  static let qualityAnswer: JSONValue = [
    "agent": "text 214",
    "path": "text 215",
    "generation": 216,
    "overall": 16.5,
    "scores": [Full.scoreInfo],
    "findings": [Full.findingInfo],
    "notes": [Full.componentNote],
  ]

  static let decisionInfo: JSONValue = [
    "uid": 221,
    "name": "text 221",
    "approved": true,
    "reason": "text 223",
    "time": "2026-11-20T10:15:44.250Z",
  ]

  static let approvalInfo: JSONValue = [
    "id": "text 225",
    "agent": "text 226",
    "plan": "text 227",
    "run": "text 228",
    "stage": "text 229",
    "state": "text 230",
    "severity": "high",
    "title": "text 232",
    "rule": "text 233",
    "needed": 235,
    "decisions": [Full.decisionInfo],
    "digest": "text 236",
    "requested_by": 238,
    "created_at": "2026-11-20T10:15:58.250Z",
    "expires_at": "2026-11-20T10:15:59.250Z",
    "items": [Full.planItemInfo],
    "trial": Full.trialInfo,
  ]

  static let approveRequest: JSONValue = [
    "digest": "text 242"
  ]

  static let rejectRequest: JSONValue = [
    "reason": "text 243"
  ]

  static let decisionAnswer: JSONValue = [
    "approval": Full.approvalInfo,
    "run": "text 245",
  ]

  static let auditInfo: JSONValue = [
    "sequence": 247,
    "time": "2026-11-20T10:15:07.250Z",
    "actor": "text 248",
    "action": "text 249",
    "agent": "text 250",
    "subject": "text 251",
    "details": ["any": [1, .null, "x"]],
    "hash": "text 253",
  ]

  static let auditVerifyAnswer: JSONValue = [
    "intact": true,
    "entries": 256,
    "head": "text 256",
    "broken_at": 258,
    "message": "text 258",
  ]

  static let componentInfo: JSONValue = [
    "id": "text 259",
    "kind": "text 260",
    "version": "text 261",
    "state": "text 262",
    "entry": "text 263",
    "placement": "text 264",
    "manifest": "text 265",
    "emits": ["one", "two 266"],
    "handles": ["one", "two 267"],
    "risk": "text 268",
    "deadline_ms": 19.5,
    "calls": 271,
    "failures": 272,
    "mean_ms": 22.5,
    "p95_ms": 23.5,
    "last_error": "text 273",
    "problems": ["one", "two 274"],
    "warnings": ["one", "two 275"],
    "guilty": [guiltInfo],
  ]

  static let guiltInfo: JSONValue = [
    "culprit": "text 320",
    "versions": ["one", "two 321"],
    "input": "text 322",
    "agent": "text 323",
    "instead": "text 324",
    "since": "2026-11-20T10:15:30.250Z",
    "finding": "text 325",
    "lifted_by": "text 326",
  ]

  static let reloadAnswer: JSONValue = [
    "added": ["one", "two 276"],
    "changed": ["one", "two 277"],
    "removed": ["one", "two 278"],
    "problems": ["one", "two 279"],
  ]

  static let eventInfo: JSONValue = [
    "sequence": 281,
    "time": "2026-11-20T10:15:41.250Z",
    "kind": "text 282",
    "agent": "text 283",
    "message": "text 284",
    "details": ["any": [1, .null, "x"]],
  ]

  static let statusAnswer: JSONValue = [
    "version": "text 286",
    "pid": 288,
    "uid": 289,
    "home": "text 289",
    "socket": "text 290",
    "started_at": "2026-11-20T10:15:51.250Z",
    "uptime_s": 42.5,
    "ready": true,
    "agents": 295,
    "observed": 296,
    "components": 297,
    "disabled": 298,
    "records": 299,
    "runs": 300,
    "approvals": 1,
    "level": "text 301",
    "limits": "text 302",
    "rss_mb": 3.5,
    "problems": ["one", "two 304"],
    "freezes": [
      [
        "agent": "text 305", "until": "2026-11-20T10:15:52.250Z",
        "since": "2026-11-20T10:15:51.250Z", "uid": 306, "reason": "text 307",
      ]
    ],
    "component_use": [componentUse],
  ]

  static let componentUse: JSONValue = [
    "id": "text 310",
    "version": "text 311",
    "state": "text 312",
    "calls": 313,
    "failures": 314,
    "mean_ms": 3.25,
    "p95_ms": 4.5,
    "last_error": "text 315",
  ]

  static let settingInfo: JSONValue = [
    "key": "text 305",
    "value": ["any": [1, .null, "x"]],
    "origin": "text 307",
    "source": "text 308",
    "help": "text 309",
  ]
}

import Control
import Model
import Testing

/// The messages of what goes on unattended, each with a value in every member.
enum UnattendedShapes {
  private static let freeze: JSONValue = [
    "agent": "a", "until": "2026-11-20T12:00:00.000Z", "since": "2026-11-20T10:00:00.000Z",
    "uid": 0, "reason": "a release",
  ]

  private static let lastRun: JSONValue = [
    "id": "r-3", "origin": "propose", "verdict": "kept", "reason": "better",
    "finished_at": "2026-11-20T10:00:00.000Z",
  ]

  static let explanation: JSONValue = [
    "health_before": 61.5, "health_after": 93.25, "operations_after": 12,
    "tests": ["base": Samples.tests.json, "stage": Samples.tests.json], "regressed": ["test_a"],
    "scores": [
      "base": [["dimension": "security", "value": 0.5]],
      "stage": [["dimension": "security", "value": 1.0]],
    ],
    "overall_before": 0.5, "overall_after": 0.75, "gate_passed": true,
    "gate_reasons": ["it fell"], "lines": ["so kept"],
  ]

  static let all = [
    Shape(ExplanationInfo.self, explanation, required: ["tests", "scores"]),
    Shape(FreezeRequest.self, ["for_s": 7200, "reason": "a release"], required: ["for_s"]),
    Shape(FreezeInfo.self, freeze, required: ["until", "since", "uid"]),
    Shape(CancelRequest.self, ["reason": "no"], required: []),
    Shape(
      CancelAnswer.self,
      [
        "trial": "t-7", "run": "r-3", "agent": "a", "verdict": "failed", "was_live": true,
        "reason": "user 0 cancelled it",
      ], required: ["agent"]),
    Shape(AutopilotRequest.self, ["autopilot": "observe"], required: ["autopilot"]),
    Shape(LastRunInfo.self, lastRun, required: ["id", "origin", "finished_at"]),
    Shape(
      AgentStatusAnswer.self,
      [
        "agent": "a", "autopilot": "propose", "frozen": freeze, "health": 71.5,
        "provisional": true, "opportunities": 3, "trials": 4, "run": Samples.run.json,
        "approvals": ["a-1"], "last_run": lastRun, "looked_at": "2026-11-20T10:00:00.000Z",
        "loop": "nothing was found",
      ], required: ["agent", "autopilot", "opportunities", "trials"]),
  ]
}

import Control
import Model
import Testing

/// The messages of the flight recorder, each with a value in every member.
enum CallShapes {
  static let call: JSONValue = [
    "call": 7, "component": "slow", "version": "1.0.0", "digest": "ab12", "kind": "analyzer",
    "placement": "worker", "pure": true, "agent": "a", "generation": 3, "input": "cd34",
    "config": "ef56", "now_ns": 1_700_000_000_000_000_000, "seed": "18446744073709551615",
    "start": "2026-11-20T10:00:00.000Z", "ms": 3.5, "cpu_ms": 1.25, "peak_bytes": 1_048_576,
    "end": "failed", "code": "E_PLUGIN_CRASHED", "message": "it crashed", "opportunities": 1,
    "scores": 2, "findings": 3, "notes": 4, "answers": "0a1b", "kept_in": "state/calls/inputs/7-ab",
    "not_kept": "it is too large",
  ]

  static let difference: JSONValue = ["what": "end", "recorded": "good", "replayed": "E_X"]

  static let replay: JSONValue = [
    "call": 7, "component": "slow", "version": "1.0.1", "digest": "ab12", "same": true,
    "differences": [difference], "end": "failed", "code": "E_PLUGIN_CRASHED",
    "message": "it crashed", "answers": ["one", "two"], "notes": ["a note"], "logs": ["info: x"],
    "ms": 2.5, "warnings": ["a warning"],
  ]

  static let all = [
    Shape(
      CallInfo.self, call,
      required: [
        "call", "component", "version", "kind", "placement", "pure", "agent", "input", "config",
        "now_ns", "seed", "start", "end", "opportunities", "scores", "findings", "notes", "answers",
      ]),
    Shape(
      CallsAnswer.self, ["items": [call], "count": 1, "more": true, "notes": ["torn"]],
      required: ["count"]),
    Shape(ReplayRequest.self, ["current": true], required: []),
    Shape(ReplayDifference.self, difference, required: ["what", "recorded", "replayed"]),
    Shape(
      ReplayAnswer.self, replay, required: ["call", "component", "version", "same", "end", "ms"]),
  ]
}

internal import Model

/// One record as the search for patterns sees it; a text is a number of its journal's words, −1
/// where there is none.
struct Observation: Sendable {
  /// A dimension's score.
  struct Score: Sendable {
    var dimension: Int32
    var value: Float
  }

  /// feedback_entries.id.
  var entry: Int64
  /// Nanoseconds since 1970.
  var time: Int64
  var operation: UInt64
  var type: FeedbackType
  /// Milliseconds; NaN where there is none, as below.
  var duration: Float
  /// MiB.
  var memory: Float
  /// Percent.
  var cpu: Float
  var errorType: Int32 = -1
  /// The error's text with what varies replaced.
  var template: Int32 = -1
  /// The error's text.
  var text: Int32 = -1
  var domain: Int32 = -1
  var model: Int32 = -1
  var complexity: Int32 = -1
  var tool: Int32 = -1
  var session: Int32 = -1
  var scores: [Score] = []
}

/// What of an operation sets it apart from others of its agent.
enum OperationContext: String, CaseIterable {
  case domain, model, complexity, tool

  /// The details that tell it, the first that is there counts.
  var keys: [String] {
    switch self {
    case .domain: ["domain", "task_type"]
    case .model: ["model"]
    case .complexity: ["complexity"]
    // `kaizen exec` names the program it ran.
    case .tool: ["tool", "tool_name", "program"]
    }
  }
}

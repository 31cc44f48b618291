import Control
import Feedback
import HTTP
import Model

// What a broken database allows, and how each answer says so.

extension RequestHandler {
  /// Whether this daemon can be relied on; where it cannot, the gap is named.
  func ready() throws(KaizenError) -> JSONValue {
    if parts.storage.degradations.isEmpty { return LifeAnswer(status: "ok").json }
    throw KaizenError(
      "E_DEGRADED", parts.storage.degradations.map(\.text).joined(separator: "; "),
      hint: "docs/operating.md says how to restore a database")
  }

  /// Refuses what changes something while the database that would say so is broken.
  func requireSound(_ route: Route) throws(KaizenError) {
    if route.method == .get || route.id == .recordFeedback { return }
    let doing = "\(route.method.rawValue) \(route.template)"
    try parts.storage.require(.engine, doing: doing)
    switch route.id {
    // These go by the feedback: from a gap nothing follows.
    case .analyze, .optimize, .startOperation: try parts.storage.require(.feedback, doing: doing)
    default: break
    }
  }

  /// Each answer names what is missing in it.
  func marked(_ answer: JSONValue) -> JSONValue {
    guard !parts.storage.degradations.isEmpty, var members = answer.object else { return answer }
    members["degraded"] = .array(parts.storage.degradations.map(\.json))
    return .object(members)
  }

  /// Keeps feedback in the spool while its database is broken.
  func spoolFeedback(_ call: Call, _ broken: Degradation) throws(KaizenError) -> FeedbackAnswer {
    let result = try DeferredFeedback(spoolFolder: parts.home.spool)
      .take(call.request.body, broken)
    if let only = result.rejected.first.first, result.rejected.count == 1, result.spooled == 0 {
      throw only.error
    }
    return FeedbackAnswer(
      stored: 0, duplicate: 0, spooled: result.spooled,
      rejected: result.rejected.first.map {
        RejectedRecord(line: $0.line, error: $0.error.description)
      }, rejectedCount: result.rejected.count)
  }
}

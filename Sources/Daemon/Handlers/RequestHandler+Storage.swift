import Control
import Feedback
import HTTP
import Model

// What a broken database allows, and how each answer says so.

extension RequestHandler {
  /// Whether this daemon can be relied on; where it cannot, the gap is named.
  func ready() throws(KaizenError) -> JSONValue {
    let problems = parts.storage.degradations.map(\.text) + parts.damage.problems
    if problems.isEmpty { return LifeAnswer(status: "ok").json }
    throw KaizenError(
      "E_DEGRADED", problems.joined(separator: "; "),
      hint: "docs/operating.md says how to restore a database")
  }

  /// An error with what a broken database has to do with it.
  func explained(_ error: KaizenError) -> KaizenError {
    if parts.damage.note(error) {
      return KaizenError(
        error.code, error.message,
        hint: "the daemon begins anew and reads from the newest backup: ask again in a moment")
    }
    // What is not there may only be missing in the backup.
    guard error.httpStatus == 404, let broken = parts.storage.degradations.first else {
      return error
    }
    let gap = "\(broken.database.rawValue) is read from a backup that may lack it: `kaizen status`"
    return KaizenError(
      error.code, error.message, hint: [error.hint, gap].compactMap(\.self).joined(separator: "; "))
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

/// How a plan ended, or where it waits.
public enum Verdict: String, CaseIterable, Sendable {
  case kept
  case rolledBack = "rolled_back"
  case inconclusive
  case awaitingApproval = "awaiting_approval"
  case refused, expired
  case nothingToDo = "nothing_to_do"
  case failed
}

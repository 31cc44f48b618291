internal import Control
internal import Model

/// What goes on with one agent, in lines.
enum AgentStatusReport {
  static func lines(_ status: AgentStatusAnswer) -> [String] {
    var lines = [
      "agent       \(status.agent), autopilot \(status.autopilot)",
      "health      \(Figures.score(status.health))" + (status.isProvisional ? ", provisional" : ""),
      "open        \(Figures.counted(status.opportunities, "opportunity", "opportunities")), "
        + "\(Figures.counted(status.approvals.count, "approval")) pending"
        + (status.approvals.isEmpty ? "" : " (\(status.approvals.joined(separator: ", ")))"),
      "trials      \(status.trials)",
    ]
    if let freeze = status.frozen { lines.append("frozen      \(UnattendedCommands.span(freeze))") }
    if let run = status.run {
      lines.append("run         \(run.id): \(run.progress.last ?? "starting")")
    }
    if let last = status.lastRun {
      lines.append(
        "last run    \(last.id) (\(last.origin)), \(Figures.moment(last.finishedAt)): "
          + "\(last.verdict?.rawValue ?? "failed")" + (last.reason.map { ", \($0)" } ?? ""))
    }
    if let said = status.loop {
      lines.append("loop        \(Figures.moment(status.lookedAt)): \(said)")
    }
    return lines
  }
}

import Control
import Feedback
import Model
import Optimization

// Analysis, runs, roll-backs, and what they left behind.

extension RequestHandler {
  func analyze(_ call: Call) throws(KaizenError) -> AnalyzeAnswer {
    let asked = try call.body(AnalyzeRequest.self)
    let analysis = try parts.engine.analyze(try call.agent, days: asked.days)
    let preview = parts.engine.preview(analysis, strategy: .auto)
    return AnalyzeAnswer(
      agent: analysis.agent.text, days: analysis.days, health: HealthAnswer(analysis),
      patterns: try parts.feedback.patterns(of: analysis.agent).map(PatternInfo.init),
      opportunities: analysis.opportunities.map {
        OpportunityInfo($0.opportunity, id: $0.id, foundAt: analysis.time)
      },
      strategy: preview.strategy.name.rawValue,
      plans: preview.outcomes(for: analysis.agent).map { PlanInfo($0, trial: nil) },
      notes: analysis.notes.map(ComponentNote.init) + preview.leftOut.map(ComponentNote.init))
  }

  func optimize(_ call: Call) throws(KaizenError) -> RunInfo {
    let asked = try call.body(OptimizeRequest.self)
    let run = try parts.engine.optimize(
      try call.agent, strategy: asked.strategy ?? .auto, isDryRun: asked.isDryRun,
      days: asked.days, user: call.user)
    return RunInfo(run, trial: parts.engine.trial)
  }

  func showRun(_ call: Call) throws(KaizenError) -> RunInfo {
    let id = call.matched.id
    let run = parts.engine.runs.wait(
      for: id, beyond: call.query.integer("after") ?? Int.max, timeout: call.query.wait)
    guard let run else {
      throw KaizenError(
        "E_UNKNOWN_RUN", "there is no run \"\(id.prefix(40))\"",
        hint: "the last \(RunBoard.runCountMax) are kept until the daemon stops; "
          + "`kaizen history AGENT` shows what became of older ones")
    }
    return RunInfo(run, trial: parts.engine.trial)
  }

  func rollback(_ call: Call) throws(KaizenError) -> RollbackAnswer {
    let asked = try call.body(RollbackRequest.self)
    let agent = try call.agent
    let result = try parts.engine.rollBack(
      agent, to: asked.to.map { GenerationNumber($0) }, user: call.user)
    return RollbackAnswer(
      agent: agent.text, from: result.from.value, to: result.to.value,
      storedEdits: result.storedEdits?.value, message: result.message)
  }

  func health(_ call: Call) throws(KaizenError) -> HealthAnswer {
    HealthAnswer(try parts.engine.measure(try call.agent, days: call.query.integer("days")))
  }

  func opportunities(_ call: Call) throws(KaizenError) -> ListAnswer<OpportunityInfo> {
    let records = try parts.engine.opportunities(
      of: try call.agent, limit: call.query.limit + 1)
    return ListAnswer(
      records.map { OpportunityInfo($0.known.opportunity, id: $0.known.id, foundAt: $0.firstSeen) },
      limit: call.query.limit)
  }

  func history(_ call: Call) throws(KaizenError) -> ListAnswer<HistoryInfo> {
    let trials = try parts.engine.history(of: try call.agent, limit: call.query.limit + 1)
    let isExplained = call.query.text("explain") == "yes"
    var infos: [HistoryInfo] = []
    for trial in trials {
      var info = HistoryInfo(trial)
      if isExplained {
        info.explanation = ExplanationInfo(try parts.engine.explain(trial), trial)
      }
      infos.append(info)
    }
    return ListAnswer(infos, limit: call.query.limit)
  }
}
